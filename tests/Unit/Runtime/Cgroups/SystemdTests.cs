using Sampan.Oci;
using Sampan.Runtime;
using Sampan.Runtime.Cgroups.Systemd;

namespace Sampan.Tests.Unit.Runtime.Cgroups;

public sealed class SystemdTests
{
    [Theory]
    [InlineData("a.slice", "/a.slice")]
    [InlineData("a-b-c.slice", "/a.slice/a-b.slice/a-b-c.slice")]
    [InlineData("-.slice", "")]
    public void A_dash_in_a_slice_is_a_level(string slice, string path) => Assert.Equal(path, SystemdScope.ExpandSlice(slice));

    [Theory]
    [InlineData("a")]
    [InlineData(".slice")]
    [InlineData("a--b.slice")]
    [InlineData("-a.slice")]
    [InlineData("a/b.slice")]
    public void What_is_no_slice_is_refused(string slice) => Assert.Contains("invalid slice name", Assert.Throws<RuntimeException>(() => SystemdScope.ExpandSlice(slice)).Message);

    [Theory]
    [InlineData("machine-x.slice:libpod:abc", "/machine.slice/machine-x.slice/libpod-abc.scope")]
    [InlineData(":runc:abc", "/system.slice/runc-abc.scope")]
    [InlineData("::abc", "/system.slice/abc.scope")]
    [InlineData(null, "/system.slice/sampan-id.scope")]
    public void A_path_names_slice_prefix_and_name(string? path, string expected) => Assert.Equal(expected, SystemdScope.Parse(path, "id", user: false).Path);

    [Theory]
    [InlineData("/a/b")]
    [InlineData("a.slice:x")]
    [InlineData("a.slice:x:../y")]
    [InlineData("a.slice:x:")]
    public void Other_paths_are_refused(string path) => Assert.StartsWith("linux.cgroupsPath: ", Assert.Throws<RuntimeException>(() => SystemdScope.Parse(path, "id", user: false)).Message);

    [Fact]
    public void Limits_become_properties()
    {
        var resources = new LinuxResources
        {
            Memory = new LinuxMemory { Limit = 100, Swap = 150 },
            Cpu = new LinuxCpu { Shares = 1024, Quota = 12_345, Period = 100_000, Cpus = "0,9" },
            Pids = new LinuxPids { Limit = -1 },
        };
        Dictionary<string, object> properties = SystemdProperties.From(resources, unified: true).ToDictionary(property => property.Name, property => property.Value);
        Assert.Equal(100UL, properties["MemoryMax"]);
        Assert.Equal(50UL, properties["MemorySwapMax"]);
        Assert.Equal(39UL, properties["CPUWeight"]);
        Assert.Equal(130_000UL, properties["CPUQuotaPerSecUSec"]);
        Assert.Equal(ulong.MaxValue, properties["TasksMax"]);
        Assert.Equal(new byte[] { 1, 2 }, properties["AllowedCPUs"]);
        Assert.Equal(1024UL, SystemdProperties.From(resources, unified: false).Single(property => property.Name == "CPUShares").Value);
    }
}
