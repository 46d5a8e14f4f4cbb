namespace Sampan.Runtime.Cgroups.Statistics;

/// <summary>Reads statistics of version 2 (kernel, admin-guide/cgroup-v2.rst).</summary>
internal static class UnifiedStatistics
{
    /// <summary>Adds what a cgroup of version 2 reports; in a hybrid layout only what version 1 did not.</summary>
    public static void Read(string directory, CgroupStatistics statistics, bool hybrid)
    {
        statistics.Cpu.Pressure = StatisticsFiles.ReadPressure(directory, "cpu.pressure");
        statistics.Memory.Pressure = StatisticsFiles.ReadPressure(directory, "memory.pressure");
        statistics.BlockIo.Pressure = StatisticsFiles.ReadPressure(directory, "io.pressure");
        if (statistics.Cpu.Total == 0)
            ReadCpu(directory, statistics.Cpu);
        if (statistics.Memory.Raw.Count == 0)
            ReadMemory(directory, statistics.Memory);
        if (!hybrid)
        {
            StatisticsFiles.ReadList(directory, "cpuset.cpus.effective", statistics.Cpuset.Cpus);
            StatisticsFiles.ReadList(directory, "cpuset.mems.effective", statistics.Cpuset.Mems);
        }
        if (statistics.Pids.Current == 0)
            LegacyStatistics.ReadPids(directory, statistics.Pids);
        if (statistics.BlockIo.Serviced.Count == 0)
            ReadIo(directory, statistics.BlockIo);
        if (statistics.Hugetlb.Count == 0)
            ReadHugetlb(directory, statistics.Hugetlb);
        if (statistics.Rdma.Count == 0)
            StatisticsFiles.ReadRdma(directory, statistics.Rdma);
    }

    private static void ReadCpu(string directory, CpuStatistics cpu)
    {
        var table = new Dictionary<string, ulong>();
        _ = StatisticsFiles.ReadTable(directory, "cpu.stat", table);
        cpu.Total = table.GetValueOrDefault("usage_usec") * 1000;
        cpu.User = table.GetValueOrDefault("user_usec") * 1000;
        cpu.Kernel = table.GetValueOrDefault("system_usec") * 1000;
        if (!table.TryGetValue("nr_periods", out ulong periods))
            return;
        cpu.Periods = periods;
        cpu.ThrottledPeriods = table.GetValueOrDefault("nr_throttled");
        cpu.ThrottledTime = table.GetValueOrDefault("throttled_usec") * 1000;
        cpu.BurstPeriods = table.GetValueOrDefault("nr_bursts");
        cpu.BurstTime = table.GetValueOrDefault("burst_usec") * 1000;
    }

    /// <summary>Swap is reported as version 1 does, memory and swap together, so that a reader need not know the version.</summary>
    private static void ReadMemory(string directory, MemoryStatistics memory)
    {
        if (!StatisticsFiles.ReadTable(directory, "memory.stat", memory.Raw))
            return;
        memory.Cache = memory.Raw.GetValueOrDefault("file");
        var events = new Dictionary<string, ulong>();
        _ = StatisticsFiles.ReadTable(directory, "memory.events", events);
        memory.OomKills = events.GetValueOrDefault("oom_kill");
        memory.Usage = ReadUse(directory, "memory.");
        memory.Usage.FailCount = events.GetValueOrDefault("max");
        memory.Swap = ReadUse(directory, "memory.swap.");
        memory.Swap.Usage += memory.Usage.Usage;
        memory.Swap.Limit = memory.Swap.Limit == ulong.MaxValue || memory.Usage.Limit == ulong.MaxValue ? ulong.MaxValue : memory.Swap.Limit + memory.Usage.Limit;
        memory.Kernel.Usage = memory.Raw.GetValueOrDefault("kernel");
        memory.KernelTcp.Usage = memory.Raw.GetValueOrDefault("sock");
    }

    private static MemoryUse ReadUse(string directory, string prefix) => new()
    {
        Usage = CgroupFile.ReadNumber(directory, prefix + "current") ?? 0,
        Max = CgroupFile.ReadNumber(directory, prefix + "peak") ?? 0,
        Limit = CgroupFile.ReadNumber(directory, prefix + "max") ?? 0,
    };

    /// <summary>Lines like <c>8:0 rbytes=90112 wbytes=0 rios=3 wios=0 dbytes=0 dios=0</c>.</summary>
    private static void ReadIo(string directory, BlockIoStatistics io)
    {
        foreach (string line in (CgroupFile.Read(directory, "io.stat") ?? "").Split('\n'))
        {
            string[] parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            int colon = parts.Length < 2 ? -1 : parts[0].IndexOf(':', StringComparison.Ordinal);
            if (colon < 0 || !ulong.TryParse(parts[0][..colon], out ulong major) || !ulong.TryParse(parts[0][(colon + 1)..], out ulong minor))
                continue;
            foreach (string part in parts)
            {
                int equals = part.IndexOf('=', StringComparison.Ordinal);
                if (equals < 0 || !ulong.TryParse(part[(equals + 1)..], out ulong value))
                    continue;
                (List<BlockIoEntry>? table, string operation) = part[..equals] switch
                {
                    "rbytes" => (io.ServiceBytes, "Read"),
                    "wbytes" => (io.ServiceBytes, "Write"),
                    "dbytes" => (io.ServiceBytes, "Discard"),
                    "rios" => (io.Serviced, "Read"),
                    "wios" => (io.Serviced, "Write"),
                    "dios" => (io.Serviced, "Discard"),
                    _ => (null, ""),
                };
                table?.Add(new BlockIoEntry(major, minor, operation, value));
            }
        }
    }

    private static void ReadHugetlb(string directory, SortedDictionary<string, HugetlbStatistics> hugetlb)
    {
        foreach (string size in StatisticsFiles.HugePageSizes(directory, ".current"))
        {
            var events = new Dictionary<string, ulong>();
            _ = StatisticsFiles.ReadTable(directory, $"hugetlb.{size}.events", events);
            hugetlb[size] = new HugetlbStatistics(CgroupFile.ReadNumber(directory, $"hugetlb.{size}.current") ?? 0, 0, events.GetValueOrDefault("max"));
        }
    }
}
