using Sampan.Kernel;

namespace Sampan.Runtime.Monitor;

/// <summary>
/// A connection to a monitor. At most one packet waits for it; while one waits, and the client wants the output, no more is read from the container, so
/// that nothing is lost and nothing grows.
/// </summary>
internal sealed class MonitorClient : IDisposable
{
    private byte[]? _waiting;

    public MonitorClient(FileDescriptor socket, bool attached)
    {
        Socket = socket;
        Attached = attached;
        Syscalls.SetNonBlocking(socket);
    }

    public FileDescriptor Socket { get; }

    /// <summary>Whether it gets the container's output.</summary>
    public bool Attached { get; set; }

    /// <summary>Whether it is gone.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Whether a packet waits until it reads.</summary>
    public bool IsBehind => _waiting is not null;

    /// <summary>Sends a packet, or keeps it where the client does not read.</summary>
    public void Send(ReadOnlySpan<byte> packet)
    {
        if (IsClosed)
            return;
        Errno error = Syscalls.TrySendMsg(Socket, packet, default, out _);
        if (error is Errno.EAGAIN or Errno.ENOBUFS)
            _waiting = packet.ToArray();
        else if (error != Errno.None)
            Close();
    }

    /// <summary>Sends what waits.</summary>
    public void SendWaiting()
    {
        if (_waiting is not { } packet)
            return;
        _waiting = null;
        Send(packet);
    }

    public void Close()
    {
        IsClosed = true;
        _waiting = null;
        Socket.Dispose();
    }

    public void Dispose() => Close();
}
