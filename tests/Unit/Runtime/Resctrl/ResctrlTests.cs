using Sampan.Oci;
using Sampan.Runtime;
using Sampan.Runtime.Resctrl;

namespace Sampan.Tests.Unit.Runtime.Resctrl;

/// <summary>
/// Groups in a directory that looks like resctrl: few machines have the real one. What the kernel does with the schemata cannot be seen this way, only
/// what is written where.
/// </summary>
public sealed class ResctrlTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("sampan-resctrl-").FullName;

    public ResctrlTests()
    {
        foreach (string directory in new[] { "info/L3", "info/MB", "info/L3_MON", "mon_groups" })
            Directory.CreateDirectory(Path.Combine(_root, directory));
        File.WriteAllText(Path.Combine(_root, "schemata"), "    MB:0=100;1=100\n    L3:0=7ff;1=7ff\n");
    }

    [Fact]
    public void A_group_of_its_own_is_made_written_joined_and_removed()
    {
        var settings = new LinuxIntelRdt { L3CacheSchema = "L3:0=f", MemBwSchema = "MB:0=20" };
        ResctrlGroup group = ResctrlGroup.Create(_root, settings, "c1");
        Assert.Equal((Path.Combine(_root, "c1"), true), (group.Path, group.IsOwn));
        Assert.Equal("L3:0=f\nMB:0=20\n", Read("c1/schemata"));
        group.Add(4711);
        Assert.Equal("4711", Read("c1/tasks"));
        File.Delete(Path.Combine(_root, "c1/schemata"));
        File.Delete(Path.Combine(_root, "c1/tasks"));
        group.Remove();
        Assert.False(Directory.Exists(Path.Combine(_root, "c1")));
    }

    [Fact]
    public void Schemata_are_written_last() // over the two older fields: here the file keeps only the last write
    {
        _ = ResctrlGroup.Create(_root, new LinuxIntelRdt { L3CacheSchema = "L3:0=f", Schemata = ["L3:0=3", "L2:0=1"] }, "c1");
        Assert.Equal("L3:0=3\nL2:0=1\n", Read("c1/schemata"));
    }

    [Fact]
    public void A_named_group_without_schemata_must_exist_and_stays()
    {
        var settings = new LinuxIntelRdt { ClosId = "gold" };
        Assert.Contains("does not exist", Refused(settings));
        Directory.CreateDirectory(Path.Combine(_root, "gold"));
        ResctrlGroup group = ResctrlGroup.Create(_root, settings, "c1");
        Assert.False(group.IsOwn);
        group.Remove();
        Assert.True(Directory.Exists(Path.Combine(_root, "gold")));
        Assert.False(File.Exists(Path.Combine(_root, "gold/schemata")));
    }

    [Fact]
    public void A_named_group_with_schemata_is_made_and_stays()
    {
        ResctrlGroup group = ResctrlGroup.Create(_root, new LinuxIntelRdt { ClosId = "gold", MemBwSchema = "MB:0=20" }, "c1");
        Assert.Equal("MB:0=20\n", Read("gold/schemata"));
        group.Remove();
        Assert.True(Directory.Exists(Path.Combine(_root, "gold")));
    }

    [Theory]
    [InlineData("L3:0=0f;1=7ff", "MB:1=70", true)]
    [InlineData("L3:0=f", null, true)]
    [InlineData("L3:0=1f", null, false)]
    [InlineData(null, "MB:0=70", false)]
    [InlineData("L3:7=1", null, false)]
    public void A_named_group_that_exists_must_have_the_same_values(string? cache, string? bandwidth, bool same)
    {
        Directory.CreateDirectory(Path.Combine(_root, "gold"));
        const string There = "    MB:0=  20;1=  70\n    L3:0=00f;1=7ff\n";
        File.WriteAllText(Path.Combine(_root, "gold/schemata"), There);
        var settings = new LinuxIntelRdt { ClosId = "gold", L3CacheSchema = cache, MemBwSchema = bandwidth };
        if (same)
            Assert.False(ResctrlGroup.Create(_root, settings, "c1").IsOwn);
        else
            Assert.Contains("the group gold exists and its schemata differ", Refused(settings));
        Assert.Equal(There, Read("gold/schemata"));
    }

    [Fact]
    public void The_default_class_is_the_root_itself()
    {
        ResctrlGroup group = ResctrlGroup.Create(_root, new LinuxIntelRdt { ClosId = "/" }, "c1");
        group.Add(4711);
        Assert.Equal("4711", Read("tasks"));
        group.Remove();
        Assert.True(Directory.Exists(_root));
    }

    [Fact]
    public void Monitoring_makes_a_group_below_that_goes_with_the_container()
    {
        Directory.CreateDirectory(Path.Combine(_root, "gold/mon_groups"));
        ResctrlGroup group = ResctrlGroup.Create(_root, new LinuxIntelRdt { ClosId = "gold", EnableMonitoring = true }, "c1");
        group.Add(4711);
        Assert.Equal("4711", Read("gold/tasks"));
        Assert.Equal("4711", Read("gold/mon_groups/c1/tasks"));
        File.Delete(Path.Combine(_root, "gold/mon_groups/c1/tasks"));
        ResctrlGroup.Open(group.Path, group.IsOwn, new LinuxIntelRdt { ClosId = "gold", EnableMonitoring = true }, "c1").Remove();
        Assert.False(Directory.Exists(Path.Combine(_root, "gold/mon_groups/c1")));
        Assert.True(Directory.Exists(Path.Combine(_root, "gold")));
    }

    [Theory]
    [InlineData("info/L3", "linux.intelRdt.l3CacheSchema: Intel RDT/CAT is not enabled")]
    [InlineData("info/MB", "linux.intelRdt.memBwSchema: Intel RDT/MBA is not enabled")]
    [InlineData("info/L3_MON", "linux.intelRdt.enableMonitoring: the machine cannot monitor")]
    public void What_the_machine_has_not_is_refused_and_nothing_is_left(string missing, string sentence)
    {
        Directory.Delete(Path.Combine(_root, missing));
        Assert.Contains(sentence, Refused(new LinuxIntelRdt { L3CacheSchema = "L3:0=f", MemBwSchema = "MB:0=20", EnableMonitoring = true }));
        Assert.False(Directory.Exists(Path.Combine(_root, "c1")));
    }

    [Fact]
    public void The_kernels_own_sentence_is_part_of_the_error()
    {
        File.WriteAllText(Path.Combine(_root, "info/last_cmd_status"), "Mask f0f is not contiguous\n");
        Directory.CreateDirectory(Path.Combine(_root, "c1/schemata")); // cannot be written
        Assert.Contains("Mask f0f is not contiguous", Refused(new LinuxIntelRdt { L3CacheSchema = "L3:0=f0f" }));
    }

    [Fact]
    public void No_resctrl_is_an_error_with_the_way_out() =>
        Assert.Contains("mount -t resctrl resctrl /sys/fs/resctrl", Assert.Throws<RuntimeException>(() => ResctrlGroup.Create(null, new LinuxIntelRdt(), "c1")).Message);

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private string Read(string file) => File.ReadAllText(Path.Combine(_root, file));

    private string Refused(LinuxIntelRdt settings) => Assert.Throws<RuntimeException>(() => ResctrlGroup.Create(_root, settings, "c1")).Message;
}
