using Sampan.Oci;

namespace Sampan.Runtime.Cgroups;

/// <summary>
/// What <c>linux.resources</c>, written in the terms of version 1, means in version 2: a list of files and values, made without looking at the
/// machine (runtime-spec, config-linux.md; kernel, admin-guide/cgroup-v2.rst). Devices are a matter of their own. <c>unified</c> comes last, so
/// that it can override what was converted.
/// </summary>
public static class UnifiedPlan
{
    /// <summary>The settings in the order of writing.</summary>
    /// <param name="resources">The limits.</param>
    /// <param name="currentLimit">The present memory limit in bytes, for an update that gives a swap limit alone; null is no limit.</param>
    /// <param name="currentQuota">The present CFS quota as <c>cpu.max</c> has it (microseconds or <c>max</c>), for an update that gives a period alone.</param>
    /// <exception cref="RuntimeException">A field has a value that no kernel accepts, or that version 2 cannot express.</exception>
    public static List<CgroupSetting> From(LinuxResources resources, long? currentLimit = null, string currentQuota = "max")
    {
        var plan = new List<CgroupSetting>();
        AddCpuset(plan, resources.Cpu);
        AddCpu(plan, resources.Cpu, currentQuota);
        AddMemory(plan, resources.Memory, currentLimit);
        if (resources.Pids?.Limit is long pids)
            plan.Add(new("pids", "pids.max", pids > 0 ? pids.ToString() : "max", "pids.limit") { IsDefault = pids <= 0 });
        if (resources.BlockIo is { } blockIo)
            AddIo(plan, blockIo);
        foreach (LinuxHugepageLimit limit in resources.HugepageLimits ?? [])
            LegacyPlan.AddHugePages(plan, limit, "max");
        if (resources.Rdma is { } rdma)
            LegacyPlan.AddRdma(plan, rdma);
        AddUnified(plan, resources.Unified);
        return plan;
    }

    /// <summary>
    /// <c>cpu.weight</c> (1–10,000) for CPU shares (2–262,144): 1 + (shares - 2) * 9999 / 262142, the OCI conversion. 0 gives 0, "not set".
    /// </summary>
    public static ulong WeightFromShares(ulong shares) => shares == 0 ? 0 : 1 + ((Math.Clamp(shares, 2, 262_144) - 2) * 9999 / 262_142);

    /// <summary><c>io.weight</c> (1–10,000) for a blkio weight (10–1,000): 1 + (weight - 10) * 9999 / 990, the OCI conversion. 0 gives 0, "not set".</summary>
    public static ulong IoWeightFromBlockIo(ushort weight) => weight == 0 ? 0 : 1 + ((ulong)(Math.Clamp((int)weight, 10, 1000) - 10) * 9999 / 990);

    /// <summary>
    /// <c>memory.swap.max</c> counts swap alone, where the configuration's swap counts memory and swap together. Null is "leave as it is".
    /// </summary>
    /// <exception cref="RuntimeException">Swap without a memory limit to subtract, or less than it.</exception>
    public static string? SwapMax(long? limit, long? swap)
    {
        if (swap == -1 || (swap is null or 0 && limit == -1))
            return "max";
        if (swap is null or 0)
            return null;
        if (limit is null or 0 or -1)
            throw new RuntimeException("linux.resources.memory.swap: the limit counts memory and swap together, so it needs memory.limit beside it", RuntimeErrorKind.InvalidArgument);
        if (swap < limit)
            throw new RuntimeException($"linux.resources.memory.swap: {swap} is below memory.limit {limit}, and counts memory and swap together", RuntimeErrorKind.InvalidArgument);
        return (swap.Value - limit.Value).ToString();
    }

    private static void AddCpuset(List<CgroupSetting> plan, LinuxCpu? cpu)
    {
        if (!string.IsNullOrEmpty(cpu?.Cpus))
            plan.Add(new("cpuset", "cpuset.cpus", cpu.Cpus, "cpu.cpus"));
        if (!string.IsNullOrEmpty(cpu?.Mems))
            plan.Add(new("cpuset", "cpuset.mems", cpu.Mems, "cpu.mems"));
    }

    /// <summary>Quota and period are one file: a quota alone leaves the period, a period alone is written with the present quota.</summary>
    private static void AddCpu(List<CgroupSetting> plan, LinuxCpu? cpu, string currentQuota)
    {
        if (cpu is null)
            return;
        if (cpu.RealtimePeriod is > 0 || cpu.RealtimeRuntime is not (null or 0))
            throw new RuntimeException("linux.resources.cpu.realtimeRuntime: cgroup version 2 has no limit of real-time CPU time; remove realtimeRuntime and realtimePeriod", RuntimeErrorKind.InvalidArgument);
        if (cpu.Idle is long idle)
            plan.Add(new("cpu", "cpu.idle", idle.ToString(), "cpu.idle"));
        if (cpu.Shares is > 0 && cpu.Idle is (null or 0))
            plan.Add(new("cpu", "cpu.weight", WeightFromShares(cpu.Shares!.Value).ToString(), "cpu.shares"));
        if (cpu.Burst is ulong burst)
            plan.Add(new("cpu", "cpu.max.burst", burst.ToString(), "cpu.burst") { RetryAfterOthers = true });
        if (cpu.Quota is not (null or 0) || cpu.Period is > 0)
        {
            string value = cpu.Quota switch { > 0 => cpu.Quota.Value.ToString(), null or 0 => currentQuota, _ => "max" };
            if (cpu.Period is > 0)
                value += $" {cpu.Period.Value}";
            plan.Add(new("cpu", "cpu.max", value, cpu.Quota is null or 0 ? "cpu.period" : "cpu.quota"));
        }
    }

    private static void AddMemory(List<CgroupSetting> plan, LinuxMemory? memory, long? currentLimit)
    {
        if (memory is null)
            return;
        if (SwapMax(memory.Limit is 0 ? currentLimit : memory.Limit ?? currentLimit, memory.Swap) is string swap)
            plan.Add(new("memory", "memory.swap.max", swap, "memory.swap") { IsDefault = swap is "max" or "0" });
        if (memory.Limit is not (null or 0))
            plan.Add(new("memory", "memory.max", Amount(memory.Limit.Value), "memory.limit"));
        if (memory.Reservation is not (null or 0))
            plan.Add(new("memory", "memory.low", Amount(memory.Reservation.Value), "memory.reservation"));
    }

    private static string Amount(long bytes) => bytes < 0 ? "max" : bytes.ToString();

    /// <summary>
    /// The BFQ scheduler has a weight file of its own with the range of version 1; the converted <c>io.weight</c> belongs to io.cost.
    /// Without either file there is no scheduler that weighs, and the same error as in version 1.
    /// </summary>
    private static void AddIo(List<CgroupSetting> plan, LinuxBlockIo blockIo)
    {
        if (blockIo.Weight is > 0)
        {
            plan.Add(new("io", "io.bfq.weight", blockIo.Weight.Value.ToString(), "blockIO.weight")
            {
                AlternativeFile = "io.weight",
                AlternativeValue = IoWeightFromBlockIo(blockIo.Weight.Value).ToString(),
            });
        }
        foreach (LinuxWeightDevice device in blockIo.WeightDevice ?? [])
        {
            if (device.Weight is not > 0)
                continue;
            plan.Add(new("io", "io.bfq.weight", $"{device.Major}:{device.Minor} {device.Weight}", "blockIO.weightDevice")
            {
                AlternativeFile = "io.weight",
                AlternativeValue = $"{device.Major}:{device.Minor} {IoWeightFromBlockIo(device.Weight.Value)}",
            });
        }
        AddMax(plan, blockIo.ThrottleReadBpsDevice, "rbps", "blockIO.throttleReadBpsDevice");
        AddMax(plan, blockIo.ThrottleWriteBpsDevice, "wbps", "blockIO.throttleWriteBpsDevice");
        AddMax(plan, blockIo.ThrottleReadIopsDevice, "riops", "blockIO.throttleReadIOPSDevice");
        AddMax(plan, blockIo.ThrottleWriteIopsDevice, "wiops", "blockIO.throttleWriteIOPSDevice");
    }

    /// <summary>0 lifts a throttle in version 1; its word in version 2 is <c>max</c>.</summary>
    private static void AddMax(List<CgroupSetting> plan, List<LinuxThrottleDevice>? devices, string key, string field)
    {
        foreach (LinuxThrottleDevice device in devices ?? [])
            plan.Add(new("io", "io.max", $"{device.Major}:{device.Minor} {key}={(device.Rate == 0 ? "max" : device.Rate.ToString())}", field));
    }

    /// <summary>Each line of a value is a write of its own, as <c>io.max</c> and its like take one device a time.</summary>
    internal static void AddUnified(List<CgroupSetting> plan, Dictionary<string, string>? unified)
    {
        if (unified is null)
            return;
        foreach ((string file, string value) in unified)
        {
            int dot = file.IndexOf('.', StringComparison.Ordinal);
            if (dot <= 0 || file.Contains('/', StringComparison.Ordinal))
                throw new RuntimeException($"linux.resources.unified: \"{file}\" is not the name of a cgroup file, like memory.high", RuntimeErrorKind.InvalidArgument);
            foreach (string line in value.Split('\n', StringSplitOptions.RemoveEmptyEntries))
                plan.Add(new(file[..dot], file, line, $"unified[{file}]"));
        }
    }
}
