namespace Sampan.Runtime.Cgroups.Statistics;

/// <summary>What a cgroup has used, and what stands against it: the numbers of <c>events --stats</c>. What the machine does not report is 0, empty or null.</summary>
public sealed class CgroupStatistics
{
    /// <summary>CPU time.</summary>
    public CpuStatistics Cpu { get; } = new();

    /// <summary>The settings of the cpuset controller.</summary>
    public CpusetStatistics Cpuset { get; } = new();

    /// <summary>Memory.</summary>
    public MemoryStatistics Memory { get; } = new();

    /// <summary>Processes and threads.</summary>
    public PidsStatistics Pids { get; } = new();

    /// <summary>Block devices.</summary>
    public BlockIoStatistics BlockIo { get; } = new();

    /// <summary>Huge pages, by page size (<c>2MB</c>).</summary>
    public SortedDictionary<string, HugetlbStatistics> Hugetlb { get; } = new(StringComparer.Ordinal);

    /// <summary>RDMA resources, for each device.</summary>
    public List<RdmaStatistics> Rdma { get; } = [];
}

/// <summary>CPU time in nanoseconds, and how often the CFS quota stopped the cgroup.</summary>
public sealed class CpuStatistics
{
    /// <summary>All CPU time used, in nanoseconds.</summary>
    public ulong Total { get; set; }

    /// <summary>The part in user mode, in nanoseconds.</summary>
    public ulong User { get; set; }

    /// <summary>The part in the kernel, in nanoseconds.</summary>
    public ulong Kernel { get; set; }

    /// <summary>The time on each CPU, in nanoseconds (version 1).</summary>
    public List<ulong> PerCpu { get; } = [];

    /// <summary>The kernel's part on each CPU, in nanoseconds (version 1).</summary>
    public List<ulong> PerCpuKernel { get; } = [];

    /// <summary>The user's part on each CPU, in nanoseconds (version 1).</summary>
    public List<ulong> PerCpuUser { get; } = [];

    /// <summary>Periods of the CFS quota that have passed.</summary>
    public ulong Periods { get; set; }

    /// <summary>Periods in which the quota was used up.</summary>
    public ulong ThrottledPeriods { get; set; }

    /// <summary>How long processes stood still for it, in nanoseconds.</summary>
    public ulong ThrottledTime { get; set; }

    /// <summary>Periods in which more than the quota was used.</summary>
    public ulong BurstPeriods { get; set; }

    /// <summary>How much more, in nanoseconds.</summary>
    public ulong BurstTime { get; set; }

    /// <summary>How much work waited for a CPU; null where the kernel does not say.</summary>
    public PressureStatistics? Pressure { get; set; }
}

/// <summary>The files of the cpuset controller.</summary>
public sealed class CpusetStatistics
{
    /// <summary>The CPUs.</summary>
    public List<ushort> Cpus { get; } = [];

    /// <summary>The memory nodes.</summary>
    public List<ushort> Mems { get; } = [];

    /// <summary>The other files of version 1, in runc's spelling (<c>cpu_exclusive</c>, <c>sched_relax_domain_level</c>, …).</summary>
    public Dictionary<string, long> Settings { get; } = [];
}

/// <summary>One kind of memory: bytes, and how often its limit was hit.</summary>
public sealed class MemoryUse
{
    /// <summary>The limit in bytes; the largest number is none.</summary>
    public ulong Limit { get; set; }

    /// <summary>What is in use, in bytes.</summary>
    public ulong Usage { get; set; }

    /// <summary>The most that was in use, in bytes.</summary>
    public ulong Max { get; set; }

    /// <summary>How often the limit was hit.</summary>
    public ulong FailCount { get; set; }
}

/// <summary>Memory, in bytes.</summary>
public sealed class MemoryStatistics
{
    /// <summary>File contents in memory.</summary>
    public ulong Cache { get; set; }

    /// <summary>All memory.</summary>
    public MemoryUse Usage { get; set; } = new();

    /// <summary>Memory and swap together, in version 2 too.</summary>
    public MemoryUse Swap { get; set; } = new();

    /// <summary>The kernel's own memory for the cgroup.</summary>
    public MemoryUse Kernel { get; set; } = new();

    /// <summary>Buffers of TCP sockets.</summary>
    public MemoryUse KernelTcp { get; set; } = new();

    /// <summary>All lines of <c>memory.stat</c>.</summary>
    public Dictionary<string, ulong> Raw { get; } = [];

    /// <summary>How many processes were killed because memory ran out.</summary>
    public ulong OomKills { get; set; }

    /// <summary>How much work waited for memory; null where the kernel does not say.</summary>
    public PressureStatistics? Pressure { get; set; }
}

/// <summary>Processes and threads together.</summary>
public sealed class PidsStatistics
{
    /// <summary>How many there are.</summary>
    public ulong Current { get; set; }

    /// <summary>How many there may be; 0 is no limit.</summary>
    public ulong Limit { get; set; }
}

/// <summary>One number of a block device.</summary>
/// <param name="Major">The device's major number.</param>
/// <param name="Minor">The device's minor number.</param>
/// <param name="Operation"><c>Read</c>, <c>Write</c>, <c>Sync</c>, <c>Async</c>, <c>Discard</c>, <c>Total</c>, or empty.</param>
/// <param name="Value">Bytes, operations, nanoseconds or sectors, by the table.</param>
public readonly record struct BlockIoEntry(ulong Major, ulong Minor, string Operation, ulong Value);

/// <summary>Tables of block device use, this cgroup and all below it.</summary>
public sealed class BlockIoStatistics
{
    /// <summary>Bytes moved.</summary>
    public List<BlockIoEntry> ServiceBytes { get; } = [];

    /// <summary>Operations done.</summary>
    public List<BlockIoEntry> Serviced { get; } = [];

    /// <summary>Operations waiting.</summary>
    public List<BlockIoEntry> Queued { get; } = [];

    /// <summary>Time in the device, in nanoseconds.</summary>
    public List<BlockIoEntry> ServiceTime { get; } = [];

    /// <summary>Time in queues, in nanoseconds.</summary>
    public List<BlockIoEntry> WaitTime { get; } = [];

    /// <summary>Operations merged into others.</summary>
    public List<BlockIoEntry> Merged { get; } = [];

    /// <summary>Device time given to the cgroup, in milliseconds.</summary>
    public List<BlockIoEntry> Time { get; } = [];

    /// <summary>Sectors moved.</summary>
    public List<BlockIoEntry> Sectors { get; } = [];

    /// <summary>How much work waited for devices; null where the kernel does not say.</summary>
    public PressureStatistics? Pressure { get; set; }
}

/// <summary>Huge pages of one size.</summary>
/// <param name="Usage">Bytes in use.</param>
/// <param name="Max">The most that was in use, in bytes; 0 in version 2, which does not say.</param>
/// <param name="FailCount">How often the limit was hit.</param>
public readonly record struct HugetlbStatistics(ulong Usage, ulong Max, ulong FailCount);

/// <summary>The RDMA resources of one device.</summary>
/// <param name="Device">The device's name.</param>
/// <param name="HcaHandles">Handles in use.</param>
/// <param name="HcaObjects">Objects in use.</param>
public readonly record struct RdmaStatistics(string Device, ulong HcaHandles, ulong HcaObjects);

/// <summary>One line of a pressure file: shares of time in percent, and microseconds (kernel, accounting/psi.rst).</summary>
/// <param name="Avg10">Over the last 10 seconds, in percent.</param>
/// <param name="Avg60">Over the last 60 seconds, in percent.</param>
/// <param name="Avg300">Over the last 300 seconds, in percent.</param>
/// <param name="Total">All time so far, in microseconds.</param>
public readonly record struct PressureLine(double Avg10, double Avg60, double Avg300, ulong Total);

/// <summary>Pressure stall information: how long some, or all, processes waited for a resource.</summary>
/// <param name="Some">Time in which at least one waited.</param>
/// <param name="Full">Time in which all waited.</param>
public sealed record PressureStatistics(PressureLine Some, PressureLine Full);
