using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Sampan.Kernel;

public sealed partial class RouteSocket
{
    private const ushort NewAddress = 20, GetAddressMessage = 22, IfaAddress = 1, IfaLocal = 2, IfaLabel = 3, IfaBroadcast = 4, IfaFlags = 8;

    // What a caller may set: IFA_F_NODAD, _HOMEADDRESS, _MANAGETEMPADDR, _NOPREFIXROUTE, _MCAUTOJOIN; the kernel keeps the others by itself.
    private const uint SettableFlags = 0x02 | 0x10 | 0x100 | 0x200 | 0x400;

    /// <summary>The addresses of an interface, IPv4 and IPv6.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public List<LinkAddress> GetAddresses(int index)
    {
        var addresses = new List<LinkAddress>();
        byte[] header = new byte[8];
        _socket.Request(new NetlinkMessage(GetAddressMessage, Dump, "RTM_GETADDR(dump)").Append(header), (type, payload) =>
        {
            if (type == NewAddress && BinaryPrimitives.ReadInt32LittleEndian(payload[4..]) == index && ParseAddress(payload) is LinkAddress address)
                addresses.Add(address);
        });
        return addresses;
    }

    /// <summary>Gives an interface an address.</summary>
    /// <exception cref="KernelException">EEXIST where it has it.</exception>
    public void AddAddress(int index, LinkAddress address)
    {
        byte[] header = new byte[8];
        header[0] = (byte)(address.Local.AddressFamily == AddressFamily.InterNetworkV6 ? 10 : 2);
        header[1] = address.PrefixLength;
        header[3] = address.Scope;
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(4), index);
        NetlinkMessage request = new NetlinkMessage(NewAddress, NetlinkSocket.Acknowledged(Create | Exclusive), $"RTM_NEWADDR({index}, {address.Local}/{address.PrefixLength})")
            .Append(header).Attribute(IfaLocal, address.Local.GetAddressBytes()).Attribute(IfaAddress, address.Peer.GetAddressBytes());
        if (address.Broadcast is not null)
            _ = request.Attribute(IfaBroadcast, address.Broadcast.GetAddressBytes());
        if (address.Label is not null)
            _ = request.Attribute(IfaLabel, address.Label);
        if ((address.Flags & SettableFlags) != 0)
            _ = request.Attribute(IfaFlags, address.Flags & SettableFlags);
        Change(request);
    }

    /// <summary>
    /// Moves an interface of this namespace into another one, as <c>linux.netDevices</c> of the runtime specification asks: under a new name
    /// if one is given, with the global permanent addresses that it had, and up.
    /// </summary>
    /// <param name="name">The interface here.</param>
    /// <param name="networkNamespace">The namespace that it goes to.</param>
    /// <param name="newName">Its name there; null to keep it.</param>
    /// <exception cref="KernelException">ENODEV where there is no such interface; EEXIST where the name is taken there. A failure after the move leaves it there.</exception>
    public void MoveDevice(string name, FileDescriptor networkNamespace, string? newName = null)
    {
        LinkInfo link = GetLink(name);
        List<LinkAddress> addresses = GetAddresses(link.Index);
        using RouteSocket there = OpenIn(networkNamespace);

        // The kernel moves first and renames then: a name that is taken there would leave the device there under its old one.
        string target = newName ?? name;
        foreach (LinkInfo taken in there.GetLinks())
        {
            if (taken.Name == target)
                throw new KernelException($"RTM_NEWLINK({name}, netns fd {networkNamespace.Number}, name {target})", Errno.EEXIST);
        }

        SetDown(link.Index);
        MoveToNamespace(link.Index, networkNamespace, newName);
        int index = there.GetLink(target).Index;
        foreach (LinkAddress address in addresses)
        {
            // A label is "NAME" or "NAME:text" of the interface, so the old name must not come along.
            if (address.IsGlobal && address.IsPermanent)
                there.AddAddress(index, newName is null ? address : address with { Label = null });
        }

        there.SetUp(index);
    }

    private static LinkAddress? ParseAddress(ReadOnlySpan<byte> payload)
    {
        IPAddress? local = null, peer = null, broadcast = null;
        string? label = null;
        uint flags = payload[2];
        int size = payload[0] == 10 ? 16 : 4;
        var attributes = new NetlinkAttributes(payload[8..]);
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case IfaLocal when attributes.Value.Length == size: local = new IPAddress(attributes.Value); break;
                case IfaAddress when attributes.Value.Length == size: peer = new IPAddress(attributes.Value); break;
                case IfaBroadcast when attributes.Value.Length == size: broadcast = new IPAddress(attributes.Value); break;
                case IfaLabel: label = attributes.Text; break;
                case IfaFlags: flags = attributes.UInt32; break;
            }
        }

        local ??= peer;
        return local is null ? null : new LinkAddress(local, peer ?? local, payload[1], payload[3], flags, broadcast, label);
    }
}
