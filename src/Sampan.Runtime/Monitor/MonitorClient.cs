using Sampan.Kernel;

namespace Sampan.Runtime.Monitor;

/// <summary>
/// A connection to a monitor. While a packet waits for it, and the client wants the output, no more is read from the container, so that nothing is lost
/// and nothing grows; only the last bytes of a container that has ended, and the word that it has, queue up behind.
/// </summary>
internal sealed class MonitorClient : IDisposable
{
    private readonly Queue<byte[]> _waiting = new();

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
    public bool IsBehind => _waiting.Count > 0;

    /// <summary>Sends a packet, or keeps it where the client does not read.</summary>
    public void Send(ReadOnlySpan<byte> packet)
    {
        if (IsClosed)
            return;
        if (IsBehind || !TrySend(packet))
            _waiting.Enqueue(packet.ToArray());
    }

    /// <summary>Sends what waits, as far as the client reads.</summary>
    public void SendWaiting()
    {
        while (_waiting.TryPeek(out byte[]? packet) && TrySend(packet))
            _ = _waiting.TryDequeue(out _);
    }

    private bool TrySend(ReadOnlySpan<byte> packet)
    {
        Errno error = Syscalls.TrySendMsg(Socket, packet, default, out _);
        if (error is Errno.EAGAIN or Errno.ENOBUFS)
            return false;
        if (error != Errno.None)
            Close();
        return true;
    }

    public void Close()
    {
        IsClosed = true;
        _waiting.Clear();
        Socket.Dispose();
    }

    public void Dispose() => Close();
}
