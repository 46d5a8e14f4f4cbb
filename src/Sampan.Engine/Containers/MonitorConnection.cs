using System.Buffers.Binary;
using Sampan.Kernel;

namespace Sampan.Engine.Containers;

/// <summary>The first byte of each packet between engine and monitor. docs/monitor.md is the contract; the runtime has the same numbers.</summary>
public enum MonitorMessage : byte
{
    /// <summary>The monitor is gone.</summary>
    None = 0,

    /// <summary>Bytes of standard output or of the terminal.</summary>
    Output = 1,

    /// <summary>Bytes of standard error.</summary>
    ErrorOutput = 2,

    /// <summary>The container runs.</summary>
    Started = 3,

    /// <summary>The container has ended and is cleaned up; the exit code follows.</summary>
    Exited = 4,

    /// <summary>The container could not be started; the sentence follows.</summary>
    Failed = 5,

    /// <summary>Bytes for standard input.</summary>
    Input = 16,

    /// <summary>The end of standard input.</summary>
    InputEnd = 17,

    /// <summary>The size of the terminal.</summary>
    Resize = 18,

    /// <summary>Send the output from now on.</summary>
    Attach = 19,
}

/// <summary>A connection to a container's monitor.</summary>
public sealed class MonitorConnection : IDisposable
{
    private readonly byte[] _packet = new byte[64 * 1024];
    private readonly byte[] _sent = new byte[64 * 1024];
    private int _length;

    internal MonitorConnection(FileDescriptor socket)
    {
        Socket = socket;
        Syscalls.SetNonBlocking(socket);
    }

    /// <summary>The socket, to wait for together with others.</summary>
    public FileDescriptor Socket { get; }

    /// <summary>What followed the kind in the last packet.</summary>
    public ReadOnlySpan<byte> Payload => _packet.AsSpan(1, Math.Max(0, _length - 1));

    /// <summary>The number in the last packet.</summary>
    public int Number => Payload.Length >= 4 ? BinaryPrimitives.ReadInt32LittleEndian(Payload) : 0;

    /// <summary>
    /// Waits for the next packet; <see cref="MonitorMessage.None"/> when the monitor is gone. A monitor that ends with a packet of ours unread (a key, a resize)
    /// leaves ECONNRESET in front of what it had sent: it is told once, and its last word comes behind it.
    /// </summary>
    public MonitorMessage Receive()
    {
        while ((_length = Syscalls.TryRead(Socket, _packet)) is -(int)Errno.EAGAIN or -(int)Errno.ECONNRESET)
        {
            if (_length == -(int)Errno.EAGAIN)
                _ = Syscalls.Poll(Socket, PollEvents.In, -1);
        }
        return _length <= 0 ? MonitorMessage.None : (MonitorMessage)_packet[0];
    }

    /// <summary>Sends a packet. A monitor that is gone is noticed by <see cref="Receive"/>.</summary>
    public void Send(MonitorMessage message, ReadOnlySpan<byte> payload = default)
    {
        while (!TrySend(message, payload))
            _ = Syscalls.Poll(Socket, PollEvents.Out, -1);
    }

    /// <summary>Sends a packet where that needs no waiting.</summary>
    /// <returns>False when the monitor takes nothing at the moment.</returns>
    public bool TrySend(MonitorMessage message, ReadOnlySpan<byte> payload)
    {
        _sent[0] = (byte)message;
        payload.CopyTo(_sent.AsSpan(1));
        return Syscalls.TrySendMsg(Socket, _sent.AsSpan(0, payload.Length + 1), default, out _) is not (Errno.EAGAIN or Errno.ENOBUFS);
    }

    /// <summary>Waits for the container's end.</summary>
    /// <param name="timeout">How long; null for ever.</param>
    /// <returns>The exit code; null when the time was over or the monitor is gone.</returns>
    public int? WaitForExit(TimeSpan? timeout)
    {
        long deadline = timeout is { } limit ? Environment.TickCount64 + (long)limit.TotalMilliseconds : long.MaxValue;
        while (true)
        {
            int left = timeout is null ? -1 : (int)Math.Clamp(deadline - Environment.TickCount64, 0, int.MaxValue);
            if ((Syscalls.Poll(Socket, PollEvents.In, left) & (PollEvents.In | PollEvents.HangUp)) == 0)
                return null;
            switch (Receive())
            {
                case MonitorMessage.Exited:
                    return Number;
                case MonitorMessage.None:
                    return null;
                default:
                    break;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Socket.Dispose();

    /// <summary>Connects to the monitor of a container, or gives null where none is there.</summary>
    internal static MonitorConnection? TryConnect(string runDirectory) =>
        UnixSocket.TryConnect(Path.Combine(runDirectory, "monitor.sock"), SocketKind.SequencedPacket, allowAbstract: false, out FileDescriptor? socket) == Errno.None
            ? new MonitorConnection(socket!)
            : null;
}
