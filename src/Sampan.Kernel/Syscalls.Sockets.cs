using System.Runtime.InteropServices;

namespace Sampan.Kernel;

public static unsafe partial class Syscalls
{
    private const int SolSocket = 1, ScmRights = 1, MaxDescriptors = 253;
    private const int MsgNoSignal = 0x4000, MsgCmsgCloexec = 0x40000000, MsgCtrunc = 8, MsgTrunc = 0x20;

    /// <summary>socket(2), close-on-exec.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static FileDescriptor Socket(int family, SocketKind kind, int protocol = 0, bool nonBlocking = false)
    {
        nint type = (nint)kind | (nint)OpenFlags.CloseOnExec | (nonBlocking ? (nint)OpenFlags.NonBlocking : 0);
        return new FileDescriptor((int)Check(Call(SyscallNumbers.socket, family, type, protocol), $"socket({family}, {kind}, {protocol})"));
    }

    /// <summary>socketpair(AF_UNIX), close-on-exec.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static (FileDescriptor First, FileDescriptor Second) SocketPair(SocketKind kind)
    {
        int* ends = stackalloc int[2];
        _ = Check(Call(SyscallNumbers.socketpair, 1, (nint)kind | (nint)OpenFlags.CloseOnExec, 0, (nint)ends), $"socketpair(AF_UNIX, {kind})");
        return (new FileDescriptor(ends[0]), new FileDescriptor(ends[1]));
    }

    /// <summary>bind(2) with an address as the kernel's structure has it.</summary>
    /// <returns>The error.</returns>
    public static Errno TryBind(FileDescriptor socket, ReadOnlySpan<byte> address)
    {
        fixed (byte* bytes = address)
        {
            return ToErrno(Call(SyscallNumbers.bind, socket.Number, (nint)bytes, address.Length));
        }
    }

    /// <summary>connect(2) with an address as the kernel's structure has it. On a blocking socket, an interrupted call is tried again (unix sockets allow it).</summary>
    /// <returns>The error.</returns>
    public static Errno TryConnect(FileDescriptor socket, ReadOnlySpan<byte> address)
    {
        fixed (byte* bytes = address)
        {
            return ToErrno(Retry(SyscallNumbers.connect, socket.Number, (nint)bytes, address.Length));
        }
    }

    /// <summary>listen(2).</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void Listen(FileDescriptor socket, int backlog = 128) => Check(Call(SyscallNumbers.listen, socket.Number, backlog), $"listen({socket.Number})");

    /// <summary>accept4(SOCK_CLOEXEC); null where a non-blocking socket has none waiting.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static FileDescriptor? Accept(FileDescriptor socket)
    {
        nint result = Retry(SyscallNumbers.accept4, socket.Number, 0, 0, (nint)OpenFlags.CloseOnExec);
        if (result == -(nint)Errno.EAGAIN)
            return null;
        return new FileDescriptor((int)Check(result, $"accept4({socket.Number})"));
    }

    /// <summary>shutdown(2): 0 ends reading, 1 writing, 2 both.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void Shutdown(FileDescriptor socket, int how) => Check(Call(SyscallNumbers.shutdown, socket.Number, how), $"shutdown({socket.Number}, {how})");

    /// <summary>setsockopt(2) with an int.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void SetSockOpt(FileDescriptor socket, int level, int option, int value)
    {
        nint result = Call(SyscallNumbers.setsockopt, socket.Number, level, option, (nint)(&value), sizeof(int));
        ThrowIfFailed(ToErrno(result), DescribeSockOpt(socket, level, option));
    }

    private static FormattableCall DescribeSockOpt(FileDescriptor socket, int level, int option) => () => $"setsockopt({socket.Number}, {level}, {option})";

    /// <summary>getsockopt(SO_PEERCRED): who is at the other end of a unix socket.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static PeerCredentials GetPeerCredentials(FileDescriptor socket)
    {
        PeerCredentials credentials;
        int length = sizeof(PeerCredentials);
        nint result = Call(SyscallNumbers.getsockopt, socket.Number, SolSocket, 17, (nint)(&credentials), (nint)(&length));
        ThrowIfFailed(ToErrno(result), $"getsockopt({socket.Number}, SO_PEERCRED)");
        return credentials;
    }

    /// <summary>
    /// sendmsg(2) on a connected socket, with descriptors beside the payload (SCM_RIGHTS). A stream needs at least one byte of payload for them.
    /// A lost reader gives EPIPE and no signal.
    /// </summary>
    /// <returns>How many bytes of the payload were taken.</returns>
    /// <exception cref="KernelException">The call failed.</exception>
    public static int SendMsg(FileDescriptor socket, ReadOnlySpan<byte> payload, params ReadOnlySpan<FileDescriptor> descriptors)
    {
        nint result = -(nint)TrySendMsg(socket, payload, descriptors, out int sent);
        _ = Check(result, $"sendmsg({socket.Number})");
        return sent;
    }

    /// <summary>As <see cref="SendMsg"/>, but returns the error.</summary>
    public static Errno TrySendMsg(FileDescriptor socket, ReadOnlySpan<byte> payload, ReadOnlySpan<FileDescriptor> descriptors, out int sent)
    {
        sent = 0;
        if (descriptors.Length > MaxDescriptors)
            return Errno.EINVAL;
        byte* control = stackalloc byte[16 + (((MaxDescriptors * 4) + 7) & ~7)];
        fixed (byte* bytes = payload)
        {
            var part = new IoVector { Base = (nint)bytes, Length = payload.Length };
            var message = new MessageHeader { Vectors = (nint)(&part), VectorCount = 1 };
            if (descriptors.Length > 0)
            {
                *(long*)control = 16 + (descriptors.Length * 4);
                *(int*)(control + 8) = SolSocket;
                *(int*)(control + 12) = ScmRights;
                for (int i = 0; i < descriptors.Length; i++)
                    ((int*)(control + 16))[i] = descriptors[i].Number;
                message.Control = (nint)control;
                message.ControlLength = (16 + (descriptors.Length * 4) + 7) & ~7;
            }

            nint result = Retry(SyscallNumbers.sendmsg, socket.Number, (nint)(&message), MsgNoSignal);
            sent = (int)Math.Max(0, result);
            return ToErrno(result);
        }
    }

    /// <summary>recvmsg(2) with room for <paramref name="maxDescriptors"/> descriptors, which arrive close-on-exec.</summary>
    /// <exception cref="KernelException">The call failed; EMSGSIZE where more descriptors came than there was room for (all are closed then).</exception>
    public static ReceivedMessage RecvMsg(FileDescriptor socket, Span<byte> buffer, int maxDescriptors = 0)
    {
        Errno error = TryRecvMsg(socket, buffer, maxDescriptors, out ReceivedMessage message);
        ThrowIfFailed(error, $"recvmsg({socket.Number})");
        return message;
    }

    /// <summary>As <see cref="RecvMsg"/>, but returns the error.</summary>
    public static Errno TryRecvMsg(FileDescriptor socket, Span<byte> buffer, int maxDescriptors, out ReceivedMessage received)
    {
        received = new ReceivedMessage(0, false, []);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxDescriptors, MaxDescriptors);
        byte* control = stackalloc byte[16 + (((MaxDescriptors * 4) + 7) & ~7)];
        fixed (byte* bytes = buffer)
        {
            var part = new IoVector { Base = (nint)bytes, Length = buffer.Length };
            var message = new MessageHeader
            {
                Vectors = (nint)(&part),
                VectorCount = 1,
                Control = maxDescriptors > 0 ? (nint)control : 0,
                ControlLength = maxDescriptors > 0 ? 16 + (maxDescriptors * 4) : 0,
            };
            nint result = Retry(SyscallNumbers.recvmsg, socket.Number, (nint)(&message), MsgCmsgCloexec);
            if (result < 0)
                return ToErrno(result);
            FileDescriptor[] descriptors = ReadDescriptors(control, (long)message.ControlLength);
            if ((message.Flags & MsgCtrunc) != 0)
            {
                foreach (FileDescriptor descriptor in descriptors)
                    descriptor.Dispose();
                return Errno.EMSGSIZE;
            }

            received = new ReceivedMessage((int)result, (message.Flags & MsgTrunc) != 0, descriptors);
            return Errno.None;
        }
    }

    private static FileDescriptor[] ReadDescriptors(byte* control, long length)
    {
        var descriptors = new List<FileDescriptor>();
        for (long offset = 0; offset + 16 <= length;)
        {
            long size = *(long*)(control + offset);
            if (size < 16 || offset + size > length)
                break;
            if (*(int*)(control + offset + 8) == SolSocket && *(int*)(control + offset + 12) == ScmRights)
            {
                for (long at = offset + 16; at + 4 <= offset + size; at += 4)
                    descriptors.Add(new FileDescriptor(*(int*)(control + at)));
            }

            offset += (size + 7) & ~7;
        }

        return [.. descriptors];
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct IoVector
    {
        public nint Base, Length;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct MessageHeader
    {
        public nint Name;
        public uint NameLength, Padding;
        public nint Vectors, VectorCount, Control, ControlLength;
        public int Flags, Padding2;
    }
}
