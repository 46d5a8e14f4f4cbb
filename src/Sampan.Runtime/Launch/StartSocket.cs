using Sampan.Kernel;
using Sampan.Runtime.State;

namespace Sampan.Runtime.Launch;

/// <summary>
/// The socket on which a created container waits for start. Unlike runc's fifo it has a way back: <c>start</c> hears of a failure of the last steps and of
/// execve(2) itself, and of two starts at once exactly one is accepted. It lies in the state directory, which only its owner can enter.
/// </summary>
internal static class StartSocket
{
    public static FileDescriptor Listen(StateDirectory directory)
    {
        FileDescriptor socket = UnixSocket.Bind(directory.StartSocketPath, SocketKind.Stream);
        Syscalls.Listen(socket, 1);
        return socket;
    }
}
