using System.Net;

namespace Sampan.Kernel;

/// <summary>Flags of a network interface, IFF_* of netdevice(7).</summary>
[Flags]
public enum LinkFlags : uint
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>IFF_UP.</summary>
    Up = 1,

    /// <summary>IFF_BROADCAST.</summary>
    Broadcast = 2,

    /// <summary>IFF_LOOPBACK.</summary>
    Loopback = 8,

    /// <summary>IFF_RUNNING.</summary>
    Running = 0x40,
}

/// <summary>What an interface has counted since it was made (struct rtnl_link_stats64).</summary>
public readonly record struct LinkStatistics(
    ulong ReceivedBytes, ulong ReceivedPackets, ulong ReceivedErrors, ulong ReceivedDropped,
    ulong SentBytes, ulong SentPackets, ulong SentErrors, ulong SentDropped);

/// <summary>A network interface, as rtnetlink(7) reports it.</summary>
/// <param name="Index">Its number in its network namespace.</param>
/// <param name="Name">Its name there.</param>
/// <param name="Flags">Whether it is up, and of which sort.</param>
/// <param name="Mtu">The largest packet, in bytes.</param>
/// <param name="HardwareAddress">The link-layer address, empty where it has none.</param>
/// <param name="Kind">The driver's kind, as <c>veth</c>; null for physical devices and loopback.</param>
/// <param name="Statistics">Its counters.</param>
public sealed record LinkInfo(int Index, string Name, LinkFlags Flags, uint Mtu, byte[] HardwareAddress, string? Kind, LinkStatistics Statistics);

/// <summary>An address of an interface, as rtnetlink(7) reports it.</summary>
/// <param name="Local">The interface's own address.</param>
/// <param name="Peer">The address at the other end of a point-to-point link; equal to <paramref name="Local"/> elsewhere.</param>
/// <param name="PrefixLength">How many leading bits name the network.</param>
/// <param name="Scope">0 global, 253 link, 254 host (rtnetlink(7)).</param>
/// <param name="Flags">IFA_F_* flags; 0x80 is permanent, which is an address that somebody set and no router lent.</param>
/// <param name="Broadcast">The IPv4 broadcast address, or null.</param>
/// <param name="Label">The IPv4 label, or null.</param>
public sealed record LinkAddress(IPAddress Local, IPAddress Peer, byte PrefixLength, byte Scope, uint Flags, IPAddress? Broadcast, string? Label)
{
    /// <summary>Whether it is valid everywhere (RT_SCOPE_UNIVERSE).</summary>
    public bool IsGlobal => Scope == 0;

    /// <summary>Whether somebody set it for good (IFA_F_PERMANENT).</summary>
    public bool IsPermanent => (Flags & 0x80) != 0;
}
