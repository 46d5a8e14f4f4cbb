using System.Text;
using Sampan.Runtime;
using Sampan.Runtime.Cgroups;

namespace Sampan.Tests.Unit.Runtime.Cgroups;

public sealed class CgroupLayoutTests
{
    private const string HybridMounts = """
        23 1 0:20 / / rw - ext4 /dev/root rw
        31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
        32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct
        35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
        40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime master:1 - cgroup cgroup rw,xattr,name=systemd
        41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
        99 31 0:32 /docker/abc /var/lib/x/memory rw,relatime - cgroup cgroup rw,memory

        """;

    private const string HybridOwn = """
        9:name=systemd:/user.slice
        4:memory:/own/deep
        1:cpu,cpuacct:/
        0::/user.slice/session.scope

        """;

    private static CgroupLayout Parse(string mounts, string own) => CgroupLayout.Parse(Encoding.UTF8.GetBytes(mounts), Encoding.UTF8.GetBytes(own));

    [Fact]
    public void A_hybrid_machine_has_both_versions()
    {
        CgroupLayout layout = Parse(HybridMounts, HybridOwn);
        Assert.Equal(CgroupVersion.Hybrid, layout.Version);
        Assert.Equal(3, layout.Legacy.Count);
        Assert.Same(layout.Find("cpu"), layout.Find("cpuacct"));
        Assert.Equal("/sys/fs/cgroup/cpu,cpuacct", layout.Find("cpu")!.OwnDirectory);
        Assert.Equal("/sys/fs/cgroup/memory/own/deep", layout.Find("memory")!.OwnDirectory);
        Assert.True(layout.Find("name=systemd")!.IsNamed);
        Assert.Equal("/sys/fs/cgroup/unified/user.slice/session.scope", layout.Unified!.OwnDirectory);
        Assert.Null(layout.Find("blkio"));
    }

    [Fact]
    public void Version_2_alone_at_its_usual_place_is_V2_even_with_a_stray_hierarchy_of_version_1()
    {
        CgroupLayout layout = Parse("30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate\n31 23 0:27 / /mnt/net rw - cgroup none rw,net_cls\n", "1:net_cls:/\n0::/system.slice/x\n");
        Assert.Equal(CgroupVersion.V2, layout.Version);
        Assert.Empty(layout.Legacy);
    }

    [Fact]
    public void Without_cgroup2_it_is_V1()
    {
        CgroupLayout layout = Parse("35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n", "4:memory:/\n0::/\n");
        Assert.Equal(CgroupVersion.V1, layout.Version);
        Assert.Null(layout.Unified);
    }

    [Fact]
    public void Inside_a_container_the_mounts_root_is_taken_off_the_own_path()
    {
        CgroupLayout layout = Parse("35 31 0:32 /docker/abc /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n", "4:memory:/docker/abc/inner\n");
        Assert.Equal("/sys/fs/cgroup/memory/inner", layout.Find("memory")!.OwnDirectory);
        layout = Parse("35 31 0:32 /docker/abc /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n", "4:memory:/docker/abcdef\n");
        Assert.Equal("/sys/fs/cgroup/memory", layout.Find("memory")!.OwnDirectory);
    }

    [Fact]
    public void Escaped_mount_points_are_read()
    {
        CgroupLayout layout = Parse("35 31 0:32 / /mnt/my\\040cgroups/a\\134b rw - cgroup cgroup rw,memory\n", "4:memory:/\n");
        Assert.Equal("/mnt/my cgroups/a\\b", layout.Find("memory")!.MountPoint);
    }

    [Fact]
    public void A_controller_is_matched_whole()
    {
        CgroupLayout layout = Parse("32 31 0:29 / /c/acct rw - cgroup cgroup rw,cpuacct\n33 31 0:29 / /c/set rw - cgroup cgroup rw,cpuset\n34 31 0:30 / /c/cpu rw - cgroup cgroup rw,cpu\n", "3:cpuset:/\n2:cpuacct:/\n1:cpu:/\n");
        Assert.Equal("/c/cpu", layout.Find("cpu")!.MountPoint);
        Assert.Equal("/c/acct", layout.Find("cpuacct")!.MountPoint);
    }

    [Fact]
    public void No_hierarchy_is_one_clear_sentence()
    {
        RuntimeException none = Assert.Throws<RuntimeException>(() => Parse("23 1 0:20 / / rw - ext4 /dev/root rw\n", "0::/\n"));
        Assert.Equal("no control group hierarchy is mounted: mount cgroup2 at /sys/fs/cgroup", none.Message);
    }
}
