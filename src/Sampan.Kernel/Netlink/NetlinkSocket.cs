using System.Buffers.Binary;

namespace Sampan.Kernel;

/// <summary>
/// A socket of netlink(7). It belongs to the network namespace in which it was made, wherever its user goes. Requests go one after another
/// from one thread; each waits for the kernel's answer, which comes at once.
/// </summary>
public sealed class NetlinkSocket : IDisposable
{
    private const int Family = 16, SolNetlink = 270, ExtendedAck = 11;
    private const ushort MessageError = 2, MessageDone = 3, AckRequested = 4, AckAttributes = 0x200, AckCapped = 0x100;

    private readonly FileDescriptor _socket;
    private readonly byte[] _buffer = new byte[65536];
    private uint _sequence;

    /// <summary>Takes each answer of a request: its type and what follows the header.</summary>
    public delegate void Answer(ushort type, ReadOnlySpan<byte> payload);

    private NetlinkSocket(FileDescriptor socket) => _socket = socket;

    /// <summary>Opens a socket of a netlink family, 0 being NETLINK_ROUTE, in the thread's own network namespace.</summary>
    /// <exception cref="KernelException">The kernel has no such family.</exception>
    public static NetlinkSocket Open(int protocol = 0)
    {
        FileDescriptor socket = Syscalls.Socket(Family, SocketKind.Raw, protocol);
        try
        {
            Syscalls.SetSockOpt(socket, SolNetlink, ExtendedAck, 1);
        }
        catch (KernelException)
        {
            // Before Linux 4.12: errors come without the kernel's sentence.
        }

        return new NetlinkSocket(socket);
    }

    /// <summary>Opens a socket in another network namespace: the thread goes there for the moment in which the socket is made.</summary>
    /// <exception cref="KernelException">The namespace cannot be joined: EPERM without CAP_SYS_ADMIN over it.</exception>
    public static NetlinkSocket OpenIn(FileDescriptor networkNamespace, int protocol = 0)
    {
        using FileDescriptor own = Syscalls.Open("/proc/thread-self/ns/net", OpenFlags.ReadOnly);
        Syscalls.SetNs(networkNamespace, NamespaceFlags.Network);
        try
        {
            return Open(protocol);
        }
        finally
        {
            Syscalls.SetNs(own, NamespaceFlags.Network);
        }
    }

    /// <summary>Sends a request and waits until the kernel has done it or refused.</summary>
    /// <param name="request">The request.</param>
    /// <param name="answer">Is given each message of the answer, of a dump all of them.</param>
    /// <exception cref="KernelException">The kernel refused; the message ends with its own sentence where it gives one.</exception>
    public void Request(NetlinkMessage request, Answer? answer = null)
    {
        uint sequence = ++_sequence;
        ReadOnlySpan<byte> bytes = request.Finish(sequence);
        Errno error = Syscalls.TrySendMsg(_socket, bytes, [], out _);
        if (error != Errno.None)
            throw new KernelException($"sendmsg(netlink, {request.Name})", error);
        while (true)
        {
            ReceivedMessage received = Syscalls.RecvMsg(_socket, _buffer);
            if (received.Truncated)
                throw new KernelException($"recvmsg(netlink, {request.Name})", Errno.EMSGSIZE);
            if (Take(_buffer.AsSpan(0, received.Length), sequence, request.Name, answer))
                return;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    /// <summary>Goes through the messages of one datagram; true when the request is done.</summary>
    private static bool Take(ReadOnlySpan<byte> datagram, uint sequence, string name, Answer? answer)
    {
        while (datagram.Length >= NetlinkMessage.HeaderLength)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(datagram);
            if (length < NetlinkMessage.HeaderLength || length > datagram.Length)
                throw new KernelException($"recvmsg(netlink, {name})", Errno.EBADMSG);
            ushort type = BinaryPrimitives.ReadUInt16LittleEndian(datagram[4..]);
            ushort flags = BinaryPrimitives.ReadUInt16LittleEndian(datagram[6..]);
            bool ours = BinaryPrimitives.ReadUInt32LittleEndian(datagram[8..]) == sequence;
            ReadOnlySpan<byte> payload = datagram[NetlinkMessage.HeaderLength..length];
            datagram = datagram[Math.Min((length + 3) & ~3, datagram.Length)..];
            if (!ours)
                continue;
            if (type is MessageDone or MessageError)
            {
                ThrowIfError(payload, type, flags, name);
                return true;
            }

            answer?.Invoke(type, payload);
        }

        return false;
    }

    private static void ThrowIfError(ReadOnlySpan<byte> payload, ushort type, ushort flags, string name)
    {
        int error = payload.Length >= 4 ? BinaryPrimitives.ReadInt32LittleEndian(payload) : 0;
        if (error == 0)
            return;
        string? detail = null;
        if (type == MessageError && (flags & AckAttributes) != 0 && payload.Length >= 20)
        {
            // struct nlmsgerr: the error, the request's header and, unless capped, the rest of the request; then attributes.
            int request = (flags & AckCapped) != 0 ? NetlinkMessage.HeaderLength : BinaryPrimitives.ReadInt32LittleEndian(payload[4..]);
            var attributes = new NetlinkAttributes(payload[Math.Min(payload.Length, 4 + ((request + 3) & ~3))..]);
            while (attributes.MoveNext())
            {
                if (attributes.Type == 1)
                    detail = attributes.Text;
            }
        }

        throw new KernelException(name, (Errno)(-error), detail);
    }

    internal static ushort Acknowledged(ushort flags = 0) => (ushort)(flags | AckRequested);
}
