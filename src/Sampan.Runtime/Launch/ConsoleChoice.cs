namespace Sampan.Runtime.Launch;

/// <summary>runc's two rules about who receives the master of a process's terminal.</summary>
public static class ConsoleChoice
{
    /// <summary>Checks them, before anything is made.</summary>
    /// <param name="terminal">Whether the process wants a terminal.</param>
    /// <param name="detached">Whether the caller goes away while the process runs.</param>
    /// <param name="consoleSocket">The socket that is to receive the terminal, or null.</param>
    /// <exception cref="RuntimeException">Nobody would receive the terminal, or a socket was named for nothing.</exception>
    public static void Check(bool terminal, bool detached, string? consoleSocket)
    {
        if (terminal && detached && consoleSocket is null)
            throw new RuntimeException("cannot allocate tty if the runtime will detach without setting console socket: give --console-socket, or leave out --detach", RuntimeErrorKind.InvalidArgument);
        if (consoleSocket is not null && !(terminal && detached))
            throw new RuntimeException("cannot use console socket if the runtime will not detach or allocate tty: leave out --console-socket", RuntimeErrorKind.InvalidArgument);
    }
}
