namespace Sampan.Kernel;

/// <summary>Kinds of sockets, SOCK_*.</summary>
public enum SocketKind
{
    /// <summary>SOCK_STREAM.</summary>
    Stream = 1,

    /// <summary>SOCK_DGRAM.</summary>
    Datagram = 2,

    /// <summary>SOCK_RAW.</summary>
    Raw = 3,

    /// <summary>SOCK_SEQPACKET.</summary>
    SequencedPacket = 5,
}

/// <summary>The process at the other end of a unix socket when it connected or listened (SO_PEERCRED, unix(7)).</summary>
/// <param name="Pid">Its process id in the reader's pid namespace, 0 where it has none there.</param>
/// <param name="Uid">Its effective user id.</param>
/// <param name="Gid">Its effective group id.</param>
public readonly record struct PeerCredentials(int Pid, uint Uid, uint Gid);

/// <summary>What recvmsg(2) gave.</summary>
/// <param name="Length">Bytes of payload, 0 at the end of a stream.</param>
/// <param name="Truncated">Whether the datagram was longer than the buffer (MSG_TRUNC).</param>
/// <param name="Descriptors">The descriptors that came along (SCM_RIGHTS); the receiver owns them.</param>
public readonly record struct ReceivedMessage(int Length, bool Truncated, FileDescriptor[] Descriptors);
