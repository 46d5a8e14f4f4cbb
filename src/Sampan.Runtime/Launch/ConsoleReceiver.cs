using Sampan.Kernel;
using Sampan.Oci;

namespace Sampan.Runtime.Launch;

/// <summary>Where the master of the container's terminal goes: to the caller's console socket, or to the runtime itself.</summary>
internal sealed class ConsoleReceiver : IDisposable
{
    private readonly FileDescriptor? _ours;

    private ConsoleReceiver(FileDescriptor forChild, FileDescriptor? ours)
    {
        ForChild = forChild;
        _ours = ours;
    }

    /// <summary>The socket that the child sends the master over; the child's context closes it.</summary>
    public FileDescriptor ForChild { get; }

    /// <summary>A receiver where the process wants a terminal, else null.</summary>
    /// <exception cref="RuntimeException">The console socket cannot be reached.</exception>
    public static ConsoleReceiver? For(Process process, string? consoleSocket)
    {
        if (!process.Terminal)
            return null;
        if (consoleSocket is null)
        {
            (FileDescriptor ours, FileDescriptor theirs) = Syscalls.SocketPair(SocketKind.Stream);
            return new ConsoleReceiver(theirs, ours);
        }
        Errno error = UnixSocket.TryConnect(consoleSocket, SocketKind.Stream, allowAbstract: false, out FileDescriptor? socket);
        return socket is not null
            ? new ConsoleReceiver(socket, null)
            : throw new RuntimeException($"cannot connect to the console socket {consoleSocket}: {KernelException.Describe(error)}", RuntimeErrorKind.InvalidArgument);
    }

    /// <summary>The master, where the runtime itself receives it; the child has sent it by now.</summary>
    public FileDescriptor? TakeMaster()
    {
        if (_ours is null)
            return null;
        Span<byte> name = stackalloc byte[64];
        ReceivedMessage message = Syscalls.RecvMsg(_ours, name, maxDescriptors: 1);
        return message.Descriptors is [FileDescriptor master] ? master : throw new RuntimeException("the container's process did not send its terminal");
    }

    public void Dispose()
    {
        ForChild.Dispose();
        _ours?.Dispose();
    }
}
