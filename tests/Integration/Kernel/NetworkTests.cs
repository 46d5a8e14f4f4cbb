using System.Net;
using System.Net.Sockets;
using Sampan.Kernel;

namespace Sampan.Tests.Integration.Kernel;

public sealed class NetworkTests
{
    private static void InOwnNetwork(Action<RouteSocket> body) => OwnNamespaces.Run(NamespaceFlags.Network, () =>
    {
        using RouteSocket route = RouteSocket.Open();
        body(route);
    });

    private static LinkAddress Address(string address, byte prefix, byte scope = 0, uint flags = 0) =>
        new(IPAddress.Parse(address), IPAddress.Parse(address), prefix, scope, flags, null, null);

    [Fact]
    public void LoopbackComesUp() => InOwnNetwork(route =>
    {
        LinkInfo loopback = route.GetLink("lo");
        Assert.Equal((1, LinkFlags.Loopback), (loopback.Index, loopback.Flags & (LinkFlags.Loopback | LinkFlags.Up)));
        route.SetLoopbackUp();
        Assert.True(route.GetLink("lo").Flags.HasFlag(LinkFlags.Up));
        Assert.Contains(route.GetAddresses(1), a => a.Local.Equals(IPAddress.Loopback) && a.PrefixLength == 8);
        Assert.Contains(route.GetAddresses(1), a => a.Local.Equals(IPAddress.IPv6Loopback));
    });

    [Fact]
    public void StatisticsCountWhatWasSent() => InOwnNetwork(route =>
    {
        route.SetLoopbackUp();
        using var receiver = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        using var sender = new UdpClient();
        for (int i = 0; i < 5; i++)
            sender.Send(new byte[100], (IPEndPoint)receiver.Client.LocalEndPoint!);
        LinkStatistics counted = route.GetLink("lo").Statistics;
        Assert.True(counted is { SentPackets: >= 5, ReceivedPackets: >= 5, SentBytes: >= 640, ReceivedBytes: >= 640, SentErrors: 0, ReceivedDropped: 0 }, counted.ToString());
    });

    [Fact]
    public void VethPairIsMadeRenamedSizedAndDeleted() => InOwnNetwork(route =>
    {
        route.CreateVethPair("sampan0", "sampan1");
        LinkInfo first = route.GetLink("sampan0");
        Assert.Equal(("veth", 6), (first.Kind, first.HardwareAddress.Length));
        route.SetMtu(first.Index, 1400);
        route.Rename(first.Index, "sampan2");
        Assert.Equal(1400u, route.GetLink("sampan2").Mtu);
        Assert.Equal(["lo", "sampan1", "sampan2"], route.GetLinks().Select(l => l.Name).Where(n => n == "lo" || n.StartsWith("sampan", StringComparison.Ordinal)).Order());
        Assert.Equal(Errno.EEXIST, Assert.Throws<KernelException>(() => route.Rename(first.Index, "sampan1")).Errno);
        route.DeleteLink(first.Index);
        Assert.Equal(Errno.ENODEV, Assert.Throws<KernelException>(() => route.GetLink("sampan1")).Errno);
    });

    [Fact]
    public void DeviceMovesWithItsGlobalAddressesAndComesUpThere() => InOwnNetwork(route =>
    {
        using FileDescriptor container = OwnNamespaces.NewNetwork();
        route.CreateVethPair("sampan0", "sampan1");
        LinkInfo link = route.GetLink("sampan0");
        route.SetUp(link.Index);
        route.AddAddress(link.Index, Address("192.0.2.7", 24) with { Broadcast = IPAddress.Parse("192.0.2.255"), Label = "sampan0:x" });
        route.AddAddress(link.Index, Address("198.51.100.1", 32) with { Peer = IPAddress.Parse("198.51.100.2") });
        route.AddAddress(link.Index, Address("169.254.1.1", 16, scope: 253));
        route.AddAddress(link.Index, Address("2001:db8::7", 64, flags: 0x202));

        route.MoveDevice("sampan0", container, "eth0");

        using RouteSocket inside = RouteSocket.OpenIn(container);
        LinkInfo moved = inside.GetLink("eth0");
        Assert.True(moved.Flags.HasFlag(LinkFlags.Up));
        Assert.Equal(link.HardwareAddress, moved.HardwareAddress);
        List<LinkAddress> addresses = inside.GetAddresses(moved.Index);
        Assert.Contains(addresses, a => a.Local.ToString() == "192.0.2.7" && a.PrefixLength == 24 && Equals(a.Broadcast, IPAddress.Parse("192.0.2.255")));
        Assert.Contains(addresses, a => a.Local.ToString() == "198.51.100.1" && a.Peer.ToString() == "198.51.100.2");
        Assert.Contains(addresses, a => a.Local.ToString() == "2001:db8::7" && (a.Flags & 0x202) == 0x202);
        Assert.DoesNotContain(addresses, a => a.Local.ToString() == "169.254.1.1");
        Assert.Equal(Errno.ENODEV, Assert.Throws<KernelException>(() => route.GetLink("sampan0")).Errno);
    });

    [Fact]
    public void MovingWhatIsNotThereOrWhereTheNameIsTakenIsAnError() => InOwnNetwork(route =>
    {
        using FileDescriptor container = OwnNamespaces.NewNetwork();
        Assert.Equal(Errno.ENODEV, Assert.Throws<KernelException>(() => route.MoveDevice("sampan9", container)).Errno);
        route.CreateVethPair("sampan0", "sampan1");
        KernelException taken = Assert.Throws<KernelException>(() => route.MoveDevice("sampan0", container, "lo"));
        Assert.Equal(Errno.EEXIST, taken.Errno);
        Assert.NotNull(route.GetLink("sampan0"));
    });

    [Fact]
    public void SecondEndOfAPairIsMadeInTheOtherNamespace() => InOwnNetwork(route =>
    {
        using FileDescriptor container = OwnNamespaces.NewNetwork();
        using RouteSocket inside = RouteSocket.OpenIn(container);
        route.CreateVethPair("sampan0", "eth0", container);
        Assert.Equal("veth", inside.GetLink("eth0").Kind);
        Assert.DoesNotContain(route.GetLinks(), l => l.Name == "eth0");
    });

    [Fact]
    public void KernelsOwnSentenceIsPartOfTheError() => InOwnNetwork(route =>
    {
        KernelException error = Assert.Throws<KernelException>(() => route.CreateLink("sampan0", "sampankind"));
        Assert.Equal(Errno.EOPNOTSUPP, error.Errno);
        Assert.Contains("Unknown device type", error.Detail, StringComparison.Ordinal);
    });
}
