using System.Globalization;
using System.Text.Json.Nodes;
using Sampan.Tests.Integration.Leaks;

namespace Sampan.Tests.Integration.Bundles;

/// <summary>Namespaces beyond those that every container has.</summary>
public sealed class NamespaceTests : IDisposable
{
    private const int FirstId = 300_000;
    private readonly TestBundle _bundle = new();

    public void Dispose() => _bundle.Dispose();

    [Fact]
    public void TimeNamespaceHasItsOffsets()
    {
        _bundle.AddNamespace("time");
        _bundle.Linux["timeOffsets"] = JsonNode.Parse("""{"boottime":{"secs":7000000},"monotonic":{"secs":86400,"nanosecs":500}}""");
        string id = _bundle.Start();
        foreach (string text in (string[])[_bundle.MustExec(id, "cat", "/proc/uptime"), _bundle.MustExec(id, "cat", "/proc/1/timens_offsets")])
            Assert.Matches(@"^(70[0-9]{5}\.|monotonic +86400 +500\nboottime +7000000 )", text);
        double inside = double.Parse(_bundle.MustExec(id, "cat", "/proc/uptime").Split(' ')[0], CultureInfo.InvariantCulture);
        double outside = double.Parse(File.ReadAllText("/proc/uptime").Split(' ')[0], CultureInfo.InvariantCulture);
        Assert.InRange(inside - outside, 6_999_900, 7_000_100);
    }

    [Fact]
    public void TimeOffsetsWithoutATimeNamespaceAreRefused()
    {
        _bundle.Linux["timeOffsets"] = JsonNode.Parse("""{"boottime":{"secs":7}}""");
        (int status, _, string error) = _bundle.Run("true");
        Assert.Equal(1, status);
        Assert.Contains("timeOffsets", error, StringComparison.Ordinal);
    }

    [Fact]
    public void CgroupNamespaceHidesWhereTheContainerStands()
    {
        string[] without = _bundle.MustRun("cat /proc/self/cgroup").Split('\n');
        Assert.Contains(without, line => line.Contains(_bundle.Name, StringComparison.Ordinal));
        _bundle.AddNamespace("cgroup");
        string id = _bundle.Start();
        foreach (string text in (string[])[_bundle.MustExec(id, "cat", "/proc/1/cgroup"), _bundle.MustExec(id, "cat", "/proc/self/cgroup")])
            Assert.All(text.Split('\n').Where(line => without.Any(shown => shown.Contains(_bundle.Name, StringComparison.Ordinal) && shown.Split(':')[1] == line.Split(':')[1])), line => Assert.EndsWith(":/", line, StringComparison.Ordinal));
    }

    [Fact]
    public void UserNamespaceMapsRootAndItsCapabilitiesEndAtIt()
    {
        _bundle.AddUserNamespace(FirstId);
        _bundle.AddCapability("CAP_CHOWN");
        Assert.Equal($"0 0 {FirstId} 65536", _bundle.MustRun("echo $(id -u) $(cat /proc/self/uid_map); touch /tmp/mine /tmp/given; chown 42 /tmp/given"));
        Assert.Equal($"{FirstId} {FirstId + 42}", TestBundle.Must("/usr/bin/stat", "-c", "%u", _bundle.RootFs("tmp/mine"), _bundle.RootFs("tmp/given")).Replace('\n', ' '));
        (int status, _, string error) = _bundle.Run("mknod /tmp/node c 1 3");
        Assert.Equal(1, status);
        Assert.Contains("not permitted", error, StringComparison.Ordinal);
    }

    [Fact]
    public void UserNamespaceOverAnOverlay()
    {
        _bundle.AddUserNamespace(FirstId);
        string lower = Path.Combine(_bundle.Place, "lower");
        Directory.Move(_bundle.RootFs("").TrimEnd('/'), lower);
        foreach (string directory in (string[])["rootfs", "upper", "work"])
            Directory.CreateDirectory(Path.Combine(_bundle.Place, directory));
        _ = TestBundle.Must("/bin/chown", $"{FirstId}:{FirstId}", Path.Combine(_bundle.Place, "upper"));
        File.WriteAllText(Path.Combine(lower, "etc/kept"), "lower\n");
        _ = TestBundle.Must("/bin/chown", $"{FirstId}:{FirstId}", Path.Combine(lower, "etc/kept"));
        _bundle.Write("/bin/sh", "-c", "cat /etc/kept; echo upper >/etc/kept; rm /bin/yes; cat /etc/kept; id -u");
        // In a mount namespace of its own, so that nothing stays mounted whatever happens.
        string script = $"cd {_bundle.Place} && mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work overlay rootfs && exec \"$@\"";
        (int status, string output, string error) = Executables.Run(
            "/usr/bin/unshare", ["-m", "/bin/sh", "-c", script, "sh", Executables.Runtime, .. _bundle.RuntimeArguments("run", "--bundle", _bundle.Place, _bundle.NewId())]);
        Assert.True(status == 0, error);
        Assert.Equal("lower\nupper\n0\n", output);
        Assert.Equal("lower\n", File.ReadAllText(Path.Combine(lower, "etc/kept")));
        Assert.Equal($"{FirstId}", TestBundle.Must("/usr/bin/stat", "-c", "%u", Path.Combine(_bundle.Place, "upper/etc/kept")));
        Assert.True(File.Exists(Path.Combine(lower, "bin/yes")) || new FileInfo(Path.Combine(lower, "bin/yes")).LinkTarget is not null);
    }

    [Fact]
    public void OverlayMountedInsideAUserNamespace()
    {
        _bundle.AddUserNamespace(FirstId);
        foreach (string directory in (string[])["low", "up", "work"])
        {
            Directory.CreateDirectory(Path.Combine(_bundle.Place, directory));
            _ = TestBundle.Must("/bin/chown", $"{FirstId}:{FirstId}", Path.Combine(_bundle.Place, directory));
        }
        File.WriteAllText(Path.Combine(_bundle.Place, "low/file"), "below\n");
        _bundle.AddMount($$"""{"destination":"/mnt","type":"overlay","source":"overlay","options":["lowerdir={{_bundle.Place}}/low","upperdir={{_bundle.Place}}/up","workdir={{_bundle.Place}}/work","userxattr"]}""");
        Assert.Equal("below", _bundle.MustRun("cat /mnt/file; echo new >/mnt/made"));
        Assert.Equal("new\n", File.ReadAllText(Path.Combine(_bundle.Place, "up/made")));
        Assert.False(File.Exists(Path.Combine(_bundle.Place, "low/made")));
    }

    [Fact]
    public void NetworkDeviceMovesInWithItsAddressAndNewName()
    {
        string name = "sampan" + _bundle.Name[^8..], peer = name[..^1] + "p";
        _ = TestBundle.Must("/usr/sbin/ip", "link", "add", name, "type", "veth", "peer", "name", peer);
        try
        {
            _ = TestBundle.Must("/usr/sbin/ip", "address", "add", "192.0.2.77/24", "dev", name);
            _bundle.Linux["netDevices"] = new JsonObject { [name] = new JsonObject { ["name"] = "inside0" } };
            string id = _bundle.Start();
            string shown = _bundle.MustExec(id, "ip", "address", "show", "inside0");
            Assert.Contains("192.0.2.77/24", shown, StringComparison.Ordinal);
            Assert.Contains("UP", shown, StringComparison.Ordinal);
            Assert.False(Directory.Exists($"/sys/class/net/{name}"));
            Assert.Equal(0, _bundle.Runtime("delete", "--force", id).Status);
        }
        finally
        {
            _ = Executables.Run("/usr/sbin/ip", "link", "delete", peer); // gone with the other end, once the namespace is
        }
    }

    [Fact]
    public void MissingNetworkDeviceIsNamed()
    {
        _bundle.Linux["netDevices"] = JsonNode.Parse("""{"sampan-none":{}}""");
        (int status, _, string error) = _bundle.Run("true");
        Assert.Equal(1, status);
        Assert.Contains("sampan-none", error, StringComparison.Ordinal);
    }

    [Fact]
    public void NamesAreTheContainersOwn()
    {
        _bundle.Config["hostname"] = "sampan-host";
        _bundle.Config["domainname"] = "sampan.example";
        string own = File.ReadAllText("/proc/sys/kernel/domainname");
        Assert.Equal("sampan-host sampan.example", _bundle.MustRun("echo $(hostname) $(cat /proc/sys/kernel/domainname)"));
        Assert.Equal(own, File.ReadAllText("/proc/sys/kernel/domainname"));
    }
}
