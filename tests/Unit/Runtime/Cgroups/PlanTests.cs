using Sampan.Oci;
using Sampan.Runtime;
using Sampan.Runtime.Cgroups;

namespace Sampan.Tests.Unit.Runtime.Cgroups;

public sealed class PlanTests
{
    private static string Legacy(LinuxResources resources) => Text(LegacyPlan.From(resources));

    private static string Unified(LinuxResources resources) => Text(UnifiedPlan.From(resources));

    private static string Text(List<CgroupSetting> plan) => string.Join("; ", plan.Select(setting => $"{setting.File}={setting.Value}"));

    [Fact]
    public void Nothing_asked_is_nothing_written()
    {
        var empty = new LinuxResources { Memory = new LinuxMemory(), Cpu = new LinuxCpu(), Pids = new LinuxPids(), BlockIo = new LinuxBlockIo(), Network = new LinuxNetwork() };
        Assert.Empty(LegacyPlan.From(empty));
        Assert.Empty(UnifiedPlan.From(empty));
    }

    [Fact]
    public void Cpu_of_version_1() => Assert.Equal(
        "cpuset.cpus=0-1; cpuset.mems=0; cpu.shares=1024; cpu.rt_period_us=1000000; cpu.rt_runtime_us=950000; cpu.cfs_burst_us=100; cpu.cfs_period_us=100000; cpu.cfs_quota_us=50000; cpu.idle=1",
        Legacy(new LinuxResources { Cpu = new LinuxCpu { Shares = 1024, Quota = 50_000, Period = 100_000, Burst = 100, RealtimePeriod = 1_000_000, RealtimeRuntime = 950_000, Cpus = "0-1", Mems = "0", Idle = 1 } }));

    [Fact]
    public void Cpu_of_version_2() => Assert.Equal(
        "cpuset.cpus=0-1; cpuset.mems=0; cpu.weight=39; cpu.max.burst=100; cpu.max=50000 100000",
        Unified(new LinuxResources { Cpu = new LinuxCpu { Shares = 1024, Quota = 50_000, Period = 100_000, Burst = 100, Cpus = "0-1", Mems = "0" } }));

    [Theory]
    [InlineData(50_000L, null, "cpu.max=50000")]
    [InlineData(null, 20_000UL, "cpu.max=7000 20000")]
    [InlineData(-1L, null, "cpu.max=max")]
    [InlineData(-1L, 20_000UL, "cpu.max=max 20000")]
    public void Half_of_a_quota_keeps_the_other_half(long? quota, ulong? period, string expected) =>
        Assert.Equal(expected, Text(UnifiedPlan.From(new LinuxResources { Cpu = new LinuxCpu { Quota = quota, Period = period } }, currentQuota: "7000")));

    [Theory]
    [InlineData(0UL, 0UL)]
    [InlineData(1UL, 1UL)]
    [InlineData(2UL, 1UL)]
    [InlineData(1024UL, 39UL)]
    [InlineData(262_144UL, 10_000UL)]
    [InlineData(9_999_999UL, 10_000UL)]
    public void Shares_become_weights_by_the_specification(ulong shares, ulong weight) => Assert.Equal(weight, UnifiedPlan.WeightFromShares(shares));

    [Theory]
    [InlineData(0, 0UL)]
    [InlineData(10, 1UL)]
    [InlineData(500, 4950UL)]
    [InlineData(1000, 10_000UL)]
    public void Blkio_weights_become_io_weights_by_the_specification(int weight, ulong io) => Assert.Equal(io, UnifiedPlan.IoWeightFromBlockIo((ushort)weight));

    [Fact]
    public void Memory_of_version_1()
    {
        List<CgroupSetting> plan = LegacyPlan.From(new LinuxResources { Memory = new LinuxMemory { Limit = 100, Swap = 200, Reservation = 50, Kernel = 7, KernelTcp = 9, Swappiness = 10, DisableOomKiller = true, UseHierarchy = true } });
        Assert.Equal("memory.use_hierarchy=1; memory.limit_in_bytes=100; memory.memsw.limit_in_bytes=200; memory.soft_limit_in_bytes=50; memory.kmem.tcp.limit_in_bytes=9; memory.oom_control=1; memory.swappiness=10", Text(plan));
        Assert.True(plan[1].RetryAfterOthers);
    }

    [Fact]
    public void No_memory_limit_means_no_swap_limit_either()
    {
        Assert.Equal("memory.limit_in_bytes=-1; memory.memsw.limit_in_bytes=-1", Legacy(new LinuxResources { Memory = new LinuxMemory { Limit = -1 } }));
        Assert.Equal("memory.swap.max=max; memory.max=max", Unified(new LinuxResources { Memory = new LinuxMemory { Limit = -1 } }));
    }

    [Fact]
    public void Memory_of_version_2_counts_swap_alone()
    {
        Assert.Equal("memory.swap.max=100; memory.max=100; memory.low=50", Unified(new LinuxResources { Memory = new LinuxMemory { Limit = 100, Swap = 200, Reservation = 50 } }));
        Assert.Equal("memory.swap.max=60", Text(UnifiedPlan.From(new LinuxResources { Memory = new LinuxMemory { Swap = 100 } }, currentLimit: 40)));
        Assert.Contains("needs memory.limit", Assert.Throws<RuntimeException>(() => Unified(new LinuxResources { Memory = new LinuxMemory { Swap = 100 } })).Message);
        Assert.Contains("below memory.limit", Assert.Throws<RuntimeException>(() => Unified(new LinuxResources { Memory = new LinuxMemory { Limit = 200, Swap = 100 } })).Message);
    }

    [Fact]
    public void Block_devices_of_both_versions()
    {
        var device = new LinuxThrottleDevice { Major = 8, Minor = 0, Rate = 100 };
        var resources = new LinuxResources
        {
            BlockIo = new LinuxBlockIo
            {
                Weight = 500,
                LeafWeight = 300,
                WeightDevice = [new LinuxWeightDevice { Major = 8, Minor = 16, Weight = 100, LeafWeight = 50 }],
                ThrottleReadBpsDevice = [device],
                ThrottleWriteBpsDevice = [device],
                ThrottleReadIopsDevice = [device],
                ThrottleWriteIopsDevice = [new LinuxThrottleDevice { Major = 8, Minor = 0, Rate = 0 }],
            },
        };
        Assert.Equal(
            "blkio.weight=500; blkio.leaf_weight=300; blkio.weight_device=8:16 100; blkio.leaf_weight_device=8:16 50; blkio.throttle.read_bps_device=8:0 100; "
            + "blkio.throttle.write_bps_device=8:0 100; blkio.throttle.read_iops_device=8:0 100; blkio.throttle.write_iops_device=8:0 0", Legacy(resources));
        Assert.Equal("io.bfq.weight=500; io.bfq.weight=8:16 100; io.max=8:0 rbps=100; io.max=8:0 wbps=100; io.max=8:0 riops=100; io.max=8:0 wiops=max", Unified(resources));
        CgroupSetting weight = UnifiedPlan.From(resources)[0];
        Assert.Equal(("io.weight", "4950"), (weight.AlternativeFile, weight.AlternativeValue));
        Assert.Equal("blkio.bfq.weight", LegacyPlan.From(resources)[0].AlternativeFile);
    }

    [Fact]
    public void Pids_huge_pages_network_and_rdma()
    {
        var resources = new LinuxResources
        {
            Pids = new LinuxPids { Limit = 100 },
            HugepageLimits = [new LinuxHugepageLimit { PageSize = "2MB", Limit = 4096 }],
            Network = new LinuxNetwork { ClassId = 0x100001, Priorities = [new LinuxInterfacePriority { Name = "lo", Priority = 3 }] },
            Rdma = new() { ["mlx4_0"] = new LinuxRdma { HcaHandles = 2, HcaObjects = 2000 } },
        };
        Assert.Equal("pids.max=100; hugetlb.2MB.limit_in_bytes=4096; hugetlb.2MB.rsvd.limit_in_bytes=4096; net_cls.classid=1048577; net_prio.ifpriomap=lo 3; rdma.max=mlx4_0 hca_handle=2 hca_object=2000", Legacy(resources));
        Assert.Equal("pids.max=100; hugetlb.2MB.max=4096; hugetlb.2MB.rsvd.max=4096; rdma.max=mlx4_0 hca_handle=2 hca_object=2000", Unified(resources));
        Assert.Equal("pids.max=max", Legacy(new LinuxResources { Pids = new LinuxPids { Limit = -1 } }));
    }

    [Fact]
    public void Unified_keys_come_last_and_line_by_line()
    {
        var resources = new LinuxResources { Pids = new LinuxPids { Limit = 5 }, Unified = new() { ["pids.max"] = "7", ["io.max"] = "8:0 rbps=1\n8:16 rbps=2" } };
        Assert.Equal("pids.max=5; pids.max=7; io.max=8:0 rbps=1; io.max=8:16 rbps=2", Unified(resources));
    }

    [Theory]
    [InlineData("../../x")]
    [InlineData("nodot")]
    [InlineData(".hidden")]
    public void Unified_keys_are_names_of_files(string key) =>
        Assert.StartsWith("linux.resources.unified: ", Assert.Throws<RuntimeException>(() => Unified(new LinuxResources { Unified = new() { [key] = "1" } })).Message);

    [Theory]
    [InlineData("../2MB")]
    [InlineData("2M")]
    [InlineData("MB")]
    public void Page_sizes_are_sizes(string size) =>
        Assert.StartsWith("linux.resources.hugepageLimits.pageSize: ", Assert.Throws<RuntimeException>(() => Legacy(new LinuxResources { HugepageLimits = [new LinuxHugepageLimit { PageSize = size, Limit = 1 }] })).Message);

    [Fact]
    public void What_version_2_cannot_limit_is_refused() =>
        Assert.StartsWith("linux.resources.cpu.realtimeRuntime: ", Assert.Throws<RuntimeException>(() => Unified(new LinuxResources { Cpu = new LinuxCpu { RealtimeRuntime = 1 } })).Message);
}
