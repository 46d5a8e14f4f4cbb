using System.Globalization;

namespace Sampan.Runtime.Cgroups.Statistics;

/// <summary>Reads statistics of version 1 controllers (kernel, admin-guide/cgroup-v1). A controller without a directory is passed over.</summary>
internal static class LegacyStatistics
{
    private const ulong NanosecondsPerTick = 10_000_000;

    private static readonly string[] s_cpusetSettings =
    [
        "cpu_exclusive", "mem_hardwall", "mem_exclusive", "memory_migrate", "memory_spread_page", "memory_spread_slab", "memory_pressure", "sched_load_balance", "sched_relax_domain_level",
    ];

    /// <summary>Adds what the controllers in <paramref name="paths"/> report.</summary>
    public static void Read(Dictionary<string, string> paths, CgroupStatistics statistics)
    {
        if (paths.TryGetValue("cpuacct", out string? cpuacct))
            ReadCpuUse(cpuacct, statistics.Cpu);
        if (paths.TryGetValue("cpu", out string? cpu))
            ReadThrottling(cpu, statistics.Cpu);
        if (paths.TryGetValue("cpuset", out string? cpuset))
            ReadCpuset(cpuset, statistics.Cpuset);
        if (paths.TryGetValue("memory", out string? memory))
            ReadMemory(memory, statistics.Memory);
        if (paths.TryGetValue("pids", out string? pids))
            ReadPids(pids, statistics.Pids);
        if (paths.TryGetValue("blkio", out string? blkio))
            ReadBlockIo(blkio, statistics.BlockIo);
        if (paths.TryGetValue("hugetlb", out string? hugetlb))
            ReadHugetlb(hugetlb, statistics.Hugetlb);
        if (paths.TryGetValue("rdma", out string? rdma))
            StatisticsFiles.ReadRdma(rdma, statistics.Rdma);
    }

    /// <summary>The same file in both versions.</summary>
    public static void ReadPids(string directory, PidsStatistics pids)
    {
        pids.Current = CgroupFile.ReadNumber(directory, "pids.current") ?? 0;
        ulong limit = CgroupFile.ReadNumber(directory, "pids.max") ?? 0;
        pids.Limit = limit == ulong.MaxValue ? 0 : limit;
    }

    private static void ReadCpuUse(string directory, CpuStatistics cpu)
    {
        cpu.Total = CgroupFile.ReadNumber(directory, "cpuacct.usage") ?? 0;
        if (CgroupFile.ReadNumber(directory, "cpuacct.usage_user") is ulong user && CgroupFile.ReadNumber(directory, "cpuacct.usage_sys") is ulong kernel)
        {
            cpu.User = user;
            cpu.Kernel = kernel;
        }
        else
        {
            var ticks = new Dictionary<string, ulong>();
            _ = StatisticsFiles.ReadTable(directory, "cpuacct.stat", ticks);
            cpu.User = ticks.GetValueOrDefault("user") * NanosecondsPerTick;
            cpu.Kernel = ticks.GetValueOrDefault("system") * NanosecondsPerTick;
        }
        foreach (string number in (CgroupFile.Read(directory, "cpuacct.usage_percpu") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries))
            cpu.PerCpu.Add(ulong.Parse(number, CultureInfo.InvariantCulture));
        foreach (string line in (CgroupFile.Read(directory, "cpuacct.usage_all") ?? "").Split('\n'))
        {
            string[] parts = line.Split(' ');
            if (parts.Length != 3 || !ulong.TryParse(parts[1], out ulong onUser) || !ulong.TryParse(parts[2], out ulong onKernel))
                continue;
            cpu.PerCpuUser.Add(onUser);
            cpu.PerCpuKernel.Add(onKernel);
        }
    }

    private static void ReadThrottling(string directory, CpuStatistics cpu)
    {
        var table = new Dictionary<string, ulong>();
        _ = StatisticsFiles.ReadTable(directory, "cpu.stat", table);
        cpu.Periods = table.GetValueOrDefault("nr_periods");
        cpu.ThrottledPeriods = table.GetValueOrDefault("nr_throttled");
        cpu.ThrottledTime = table.GetValueOrDefault("throttled_time");
        cpu.BurstPeriods = table.GetValueOrDefault("nr_bursts");
        cpu.BurstTime = table.GetValueOrDefault("burst_time");
    }

    private static void ReadCpuset(string directory, CpusetStatistics cpuset)
    {
        StatisticsFiles.ReadList(directory, "cpuset.cpus", cpuset.Cpus);
        StatisticsFiles.ReadList(directory, "cpuset.mems", cpuset.Mems);
        foreach (string setting in s_cpusetSettings)
        {
            if (long.TryParse(CgroupFile.Read(directory, "cpuset." + setting), CultureInfo.InvariantCulture, out long value))
                cpuset.Settings[setting] = value;
        }
    }

    private static void ReadMemory(string directory, MemoryStatistics memory)
    {
        _ = StatisticsFiles.ReadTable(directory, "memory.stat", memory.Raw);
        bool hierarchical = CgroupFile.ReadNumber(directory, "memory.use_hierarchy") == 1;
        memory.Cache = memory.Raw.GetValueOrDefault(hierarchical ? "total_cache" : "cache");
        memory.Usage = ReadUse(directory, "memory.");
        memory.Swap = ReadUse(directory, "memory.memsw.");
        memory.Kernel = ReadUse(directory, "memory.kmem.");
        memory.KernelTcp = ReadUse(directory, "memory.kmem.tcp.");
        var oom = new Dictionary<string, ulong>();
        _ = StatisticsFiles.ReadTable(directory, "memory.oom_control", oom);
        memory.OomKills = oom.GetValueOrDefault("oom_kill");
    }

    private static MemoryUse ReadUse(string directory, string prefix) => new()
    {
        Usage = CgroupFile.ReadNumber(directory, prefix + "usage_in_bytes") ?? 0,
        Max = CgroupFile.ReadNumber(directory, prefix + "max_usage_in_bytes") ?? 0,
        Limit = CgroupFile.ReadNumber(directory, prefix + "limit_in_bytes") ?? 0,
        FailCount = CgroupFile.ReadNumber(directory, prefix + "failcnt") ?? 0,
    };

    /// <summary>The schedulers' own tables where they hold something, else those of the throttle, which counts under any scheduler.</summary>
    private static void ReadBlockIo(string directory, BlockIoStatistics io)
    {
        foreach (string prefix in (ReadOnlySpan<string>)["blkio.bfq.", "blkio."])
        {
            if (!StatisticsFiles.ReadBlockIo(directory, prefix + "io_serviced_recursive", io.Serviced))
                continue;
            _ = StatisticsFiles.ReadBlockIo(directory, prefix + "io_service_bytes_recursive", io.ServiceBytes);
            _ = StatisticsFiles.ReadBlockIo(directory, prefix + "io_queued_recursive", io.Queued);
            _ = StatisticsFiles.ReadBlockIo(directory, prefix + "io_service_time_recursive", io.ServiceTime);
            _ = StatisticsFiles.ReadBlockIo(directory, prefix + "io_wait_time_recursive", io.WaitTime);
            _ = StatisticsFiles.ReadBlockIo(directory, prefix + "io_merged_recursive", io.Merged);
            _ = StatisticsFiles.ReadBlockIo(directory, prefix + "time_recursive", io.Time);
            _ = StatisticsFiles.ReadBlockIo(directory, prefix + "sectors_recursive", io.Sectors);
            if (HasDevice(io.Serviced))
                return;
            io.Serviced.Clear();
            io.ServiceBytes.Clear();
        }
        if (!StatisticsFiles.ReadBlockIo(directory, "blkio.throttle.io_service_bytes_recursive", io.ServiceBytes))
            _ = StatisticsFiles.ReadBlockIo(directory, "blkio.throttle.io_service_bytes", io.ServiceBytes);
        if (!StatisticsFiles.ReadBlockIo(directory, "blkio.throttle.io_serviced_recursive", io.Serviced))
            _ = StatisticsFiles.ReadBlockIo(directory, "blkio.throttle.io_serviced", io.Serviced);
    }

    private static bool HasDevice(List<BlockIoEntry> entries)
    {
        foreach (BlockIoEntry entry in entries)
        {
            if (entry.Value != 0)
                return true;
        }
        return false;
    }

    private static void ReadHugetlb(string directory, SortedDictionary<string, HugetlbStatistics> hugetlb)
    {
        foreach (string size in StatisticsFiles.HugePageSizes(directory, ".usage_in_bytes"))
        {
            hugetlb[size] = new HugetlbStatistics(
                CgroupFile.ReadNumber(directory, $"hugetlb.{size}.usage_in_bytes") ?? 0,
                CgroupFile.ReadNumber(directory, $"hugetlb.{size}.max_usage_in_bytes") ?? 0,
                CgroupFile.ReadNumber(directory, $"hugetlb.{size}.failcnt") ?? 0);
        }
    }
}
