using System.Buffers.Binary;

namespace Sampan.Kernel;

/// <summary>
/// The network interfaces of one network namespace, by rtnetlink(7): look up, list, set up and down, rename, move to another namespace,
/// make and delete; and their addresses. Changes need CAP_NET_ADMIN over the namespace.
/// </summary>
public sealed partial class RouteSocket : IDisposable
{
    private const ushort NewLink = 16, DeleteLinkMessage = 17, GetLinkMessage = 18, Create = 0x400, Exclusive = 0x200, Dump = 0x300;
    private const ushort IflaAddress = 1, IflaIfName = 3, IflaMtu = 4, IflaLinkInfo = 18, IflaStats64 = 23, IflaNetNsFd = 28, InfoKind = 1, InfoData = 2, VethPeer = 1;

    private readonly NetlinkSocket _socket;

    private RouteSocket(NetlinkSocket socket) => _socket = socket;

    /// <summary>Opens the thread's own network namespace.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static RouteSocket Open() => new(NetlinkSocket.Open());

    /// <summary>Opens the network namespace that a descriptor of <c>/proc/PID/ns/net</c> stands for.</summary>
    /// <exception cref="KernelException">The namespace cannot be joined.</exception>
    public static RouteSocket OpenIn(FileDescriptor networkNamespace) => new(NetlinkSocket.OpenIn(networkNamespace));

    /// <summary>All interfaces.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public List<LinkInfo> GetLinks()
    {
        var links = new List<LinkInfo>();
        _socket.Request(new NetlinkMessage(GetLinkMessage, Dump, "RTM_GETLINK(dump)").Append(LinkHeader(0)), (type, payload) =>
        {
            if (type == NewLink)
                links.Add(ParseLink(payload));
        });
        return links;
    }

    /// <summary>The interface of a name.</summary>
    /// <exception cref="KernelException">ENODEV where there is none.</exception>
    public LinkInfo GetLink(string name)
    {
        LinkInfo? link = null;
        NetlinkMessage request = new NetlinkMessage(GetLinkMessage, NetlinkSocket.Acknowledged(), $"RTM_GETLINK({name})").Append(LinkHeader(0)).Attribute(IflaIfName, name);
        _socket.Request(request, (type, payload) =>
        {
            if (type == NewLink)
                link = ParseLink(payload);
        });
        return link ?? throw new KernelException(request.Name, Errno.ENODEV);
    }

    /// <summary>Sets an interface up.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public void SetUp(int index) => Change(new NetlinkMessage(NewLink, NetlinkSocket.Acknowledged(), $"RTM_NEWLINK({index}, up)").Append(LinkHeader(index, 1, 1)));

    /// <summary>Sets an interface down; its routes are lost, and IPv6 addresses unless they are kept on down.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public void SetDown(int index) => Change(new NetlinkMessage(NewLink, NetlinkSocket.Acknowledged(), $"RTM_NEWLINK({index}, down)").Append(LinkHeader(index, 0, 1)));

    /// <summary>Sets the loopback interface up, which is down in a new namespace; index 1 by the kernel's own rule.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public void SetLoopbackUp() => SetUp(1);

    /// <summary>Renames an interface; before Linux 6.2 it must be down.</summary>
    /// <exception cref="KernelException">EEXIST where the name is taken; EINVAL where it is none (at most 15 bytes, no slash, no blank).</exception>
    public void Rename(int index, string name) =>
        Change(new NetlinkMessage(NewLink, NetlinkSocket.Acknowledged(), $"RTM_NEWLINK({index}, name {name})").Append(LinkHeader(index)).Attribute(IflaIfName, name));

    /// <summary>Sets the largest packet, in bytes.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public void SetMtu(int index, uint mtu) =>
        Change(new NetlinkMessage(NewLink, NetlinkSocket.Acknowledged(), $"RTM_NEWLINK({index}, mtu {mtu})").Append(LinkHeader(index)).Attribute(IflaMtu, mtu));

    /// <summary>Moves an interface into another network namespace, under a new name there if one is given. It is down afterwards and has no address.</summary>
    /// <exception cref="KernelException">EEXIST where the name is taken there (a new name is only tried after the move); EINVAL for an interface that cannot leave, as loopback.</exception>
    public void MoveToNamespace(int index, FileDescriptor networkNamespace, string? newName = null)
    {
        NetlinkMessage request = new NetlinkMessage(NewLink, NetlinkSocket.Acknowledged(), $"RTM_NEWLINK({index}, netns fd {networkNamespace.Number}{(newName is null ? "" : ", name " + newName)})")
            .Append(LinkHeader(index)).Attribute(IflaNetNsFd, (uint)networkNamespace.Number);
        if (newName is not null)
            _ = request.Attribute(IflaIfName, newName);
        Change(request);
    }

    /// <summary>Makes a pair of connected interfaces (veth(4)), the second in another namespace if one is given.</summary>
    /// <exception cref="KernelException">EEXIST where a name is taken.</exception>
    public void CreateVethPair(string name, string peerName, FileDescriptor? peerNamespace = null)
    {
        NetlinkMessage request = new NetlinkMessage(NewLink, NetlinkSocket.Acknowledged(Create | Exclusive), $"RTM_NEWLINK(veth {name}, {peerName})")
            .Append(LinkHeader(0)).Attribute(IflaIfName, name);
        int info = request.BeginNested(IflaLinkInfo);
        _ = request.Attribute(InfoKind, "veth");
        int data = request.BeginNested(InfoData);
        int peer = request.BeginNested(VethPeer);
        _ = request.Append(LinkHeader(0)).Attribute(IflaIfName, peerName);
        if (peerNamespace is not null)
            _ = request.Attribute(IflaNetNsFd, (uint)peerNamespace.Number);
        request.EndNested(peer);
        request.EndNested(data);
        request.EndNested(info);
        Change(request);
    }

    /// <summary>Makes an interface of a kind that needs no more than a name, as <c>dummy</c> or <c>bridge</c>.</summary>
    /// <exception cref="KernelException">EEXIST where the name is taken; EOPNOTSUPP where the kernel has no such kind.</exception>
    public void CreateLink(string name, string kind)
    {
        NetlinkMessage request = new NetlinkMessage(NewLink, NetlinkSocket.Acknowledged(Create | Exclusive), $"RTM_NEWLINK({kind} {name})")
            .Append(LinkHeader(0)).Attribute(IflaIfName, name);
        int info = request.BeginNested(IflaLinkInfo);
        _ = request.Attribute(InfoKind, kind);
        request.EndNested(info);
        Change(request);
    }

    /// <summary>Deletes an interface, of a veth pair both.</summary>
    /// <exception cref="KernelException">ENODEV where there is none.</exception>
    public void DeleteLink(int index) => Change(new NetlinkMessage(DeleteLinkMessage, NetlinkSocket.Acknowledged(), $"RTM_DELLINK({index})").Append(LinkHeader(index)));

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private void Change(NetlinkMessage request) => _socket.Request(request);

    /// <summary>struct ifinfomsg: family, type, index, flags, mask of the flags to change.</summary>
    private static byte[] LinkHeader(int index, uint flags = 0, uint change = 0)
    {
        byte[] header = new byte[16];
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(4), index);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(8), flags);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(12), change);
        return header;
    }

    private static LinkInfo ParseLink(ReadOnlySpan<byte> payload)
    {
        string name = "";
        string? kind = null;
        uint mtu = 0;
        byte[] address = [];
        LinkStatistics statistics = default;
        var attributes = new NetlinkAttributes(payload[16..]);
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case IflaIfName: name = attributes.Text; break;
                case IflaMtu: mtu = attributes.UInt32; break;
                case IflaAddress: address = attributes.Value.ToArray(); break;
                case IflaStats64: statistics = ParseStatistics(attributes.Value); break;
                case IflaLinkInfo: kind = ParseKind(attributes.Value); break;
            }
        }

        return new LinkInfo(
            BinaryPrimitives.ReadInt32LittleEndian(payload[4..]), name, (LinkFlags)BinaryPrimitives.ReadUInt32LittleEndian(payload[8..]), mtu, address, kind, statistics);
    }

    private static string? ParseKind(ReadOnlySpan<byte> info)
    {
        var attributes = new NetlinkAttributes(info);
        while (attributes.MoveNext())
        {
            if (attributes.Type == InfoKind)
                return attributes.Text;
        }

        return null;
    }

    private static LinkStatistics ParseStatistics(ReadOnlySpan<byte> value)
    {
        if (value.Length < 64)
            return default;
        Span<ulong> counters = stackalloc ulong[8];
        for (int i = 0; i < counters.Length; i++)
            counters[i] = BinaryPrimitives.ReadUInt64LittleEndian(value[(i * 8)..]);
        return new LinkStatistics(counters[2], counters[0], counters[4], counters[6], counters[3], counters[1], counters[5], counters[7]);
    }
}
