using Sampan.Oci;

namespace Sampan.Runtime.Cgroups;

/// <summary>
/// What <c>linux.resources</c> means in version 1: a list of files and values, made without looking at the machine
/// (runtime-spec, config-linux.md; kernel, admin-guide/cgroup-v1). Devices are a matter of their own.
/// </summary>
public static class LegacyPlan
{
    /// <summary>The settings in the order of writing.</summary>
    /// <exception cref="RuntimeException">A field has a value that no kernel accepts.</exception>
    public static List<CgroupSetting> From(LinuxResources resources)
    {
        var plan = new List<CgroupSetting>();
        AddCpuset(plan, resources.Cpu);
        AddCpu(plan, resources.Cpu);
        AddMemory(plan, resources.Memory);
        if (resources.Pids?.Limit is long pids)
            plan.Add(new("pids", "pids.max", pids > 0 ? pids.ToString() : "max", "pids.limit") { IsDefault = pids <= 0 });
        if (resources.BlockIo is { } blockIo)
            AddBlockIo(plan, blockIo);
        if (resources.HugepageLimits is { } hugePages)
        {
            foreach (LinuxHugepageLimit limit in hugePages)
                AddHugePages(plan, limit, "limit_in_bytes");
        }
        if (resources.Network is { } network)
            AddNetwork(plan, network);
        if (resources.Rdma is { } rdma)
            AddRdma(plan, rdma);
        return plan;
    }

    /// <summary>
    /// The limit of pages in use, and the same of pages reserved, which a kernel before 5.7 has no file for: without it the process would get past its
    /// reservation and die of SIGBUS at its first touch (kernel, admin-guide/cgroup-v1/hugetlb.rst).
    /// </summary>
    internal static void AddHugePages(List<CgroupSetting> plan, LinuxHugepageLimit limit, string file)
    {
        string size = CheckPageSize(limit.PageSize), bytes = limit.Limit.ToString(), field = $"hugepageLimits[{limit.PageSize}].limit";
        plan.Add(new("hugetlb", $"hugetlb.{size}.{file}", bytes, field));
        plan.Add(new("hugetlb", $"hugetlb.{size}.rsvd.{file}", bytes, field) { IsDefault = true });
    }

    private static void AddCpuset(List<CgroupSetting> plan, LinuxCpu? cpu)
    {
        if (!string.IsNullOrEmpty(cpu?.Cpus))
            plan.Add(new("cpuset", "cpuset.cpus", cpu.Cpus, "cpu.cpus"));
        if (!string.IsNullOrEmpty(cpu?.Mems))
            plan.Add(new("cpuset", "cpuset.mems", cpu.Mems, "cpu.mems"));
    }

    /// <summary>0 means "not set" for all of these, as for runc; quota -1 is no limit.</summary>
    private static void AddCpu(List<CgroupSetting> plan, LinuxCpu? cpu)
    {
        if (cpu is null)
            return;
        if (cpu.Shares is > 0)
            plan.Add(new("cpu", "cpu.shares", Shares(cpu.Shares.Value).ToString(), "cpu.shares"));
        if (cpu.RealtimePeriod is > 0)
            plan.Add(new("cpu", "cpu.rt_period_us", cpu.RealtimePeriod.Value.ToString(), "cpu.realtimePeriod") { RetryAfterOthers = true });
        if (cpu.RealtimeRuntime is not (null or 0))
            plan.Add(new("cpu", "cpu.rt_runtime_us", cpu.RealtimeRuntime.Value.ToString(), "cpu.realtimeRuntime"));
        if (cpu.Burst is ulong burst)
            plan.Add(new("cpu", "cpu.cfs_burst_us", burst.ToString(), "cpu.burst") { RetryAfterOthers = true });
        if (cpu.Period is > 0)
            plan.Add(new("cpu", "cpu.cfs_period_us", cpu.Period.Value.ToString(), "cpu.period") { RetryAfterOthers = true });
        if (cpu.Quota is not (null or 0))
            plan.Add(new("cpu", "cpu.cfs_quota_us", cpu.Quota.Value < 0 ? "-1" : cpu.Quota.Value.ToString(), "cpu.quota") { RetryAfterOthers = true });
        if (cpu.Idle is long idle)
            plan.Add(new("cpu", "cpu.idle", idle.ToString(), "cpu.idle"));
    }

    /// <summary>The kernel silently brings shares into this range; so a value outside has a clear meaning.</summary>
    private static ulong Shares(ulong shares) => Math.Clamp(shares, 2, 262_144);

    private static void AddMemory(List<CgroupSetting> plan, LinuxMemory? memory)
    {
        if (memory is null)
            return;
        if (memory.UseHierarchy == true)
            plan.Add(new("memory", "memory.use_hierarchy", "1", "memory.useHierarchy"));
        long? swap = memory.Swap is 0 ? null : memory.Swap;
        if (memory.Limit == -1 && swap is null)
            swap = -1;
        if (memory.Limit is not (null or 0))
            plan.Add(new("memory", "memory.limit_in_bytes", memory.Limit.Value.ToString(), "memory.limit") { RetryAfterOthers = swap is not null });
        if (swap is not null)
            plan.Add(new("memory", "memory.memsw.limit_in_bytes", swap.Value.ToString(), "memory.swap") { IsDefault = swap == -1 });
        if (memory.Reservation is not (null or 0))
            plan.Add(new("memory", "memory.soft_limit_in_bytes", memory.Reservation.Value.ToString(), "memory.reservation"));
        if (memory.KernelTcp is not (null or 0))
            plan.Add(new("memory", "memory.kmem.tcp.limit_in_bytes", memory.KernelTcp.Value.ToString(), "memory.kernelTCP"));
        if (memory.DisableOomKiller == true)
            plan.Add(new("memory", "memory.oom_control", "1", "memory.disableOOMKiller"));
        if (memory.Swappiness is ulong swappiness && swappiness != ulong.MaxValue)
        {
            if (swappiness > 100)
                throw new RuntimeException($"linux.resources.memory.swappiness: {swappiness} is not between 0 and 100", RuntimeErrorKind.InvalidArgument);
            plan.Add(new("memory", "memory.swappiness", swappiness.ToString(), "memory.swappiness"));
        }
    }

    private static void AddBlockIo(List<CgroupSetting> plan, LinuxBlockIo blockIo)
    {
        if (blockIo.Weight is > 0)
            plan.Add(new("blkio", "blkio.weight", blockIo.Weight.Value.ToString(), "blockIO.weight") { AlternativeFile = "blkio.bfq.weight" });
        if (blockIo.LeafWeight is > 0)
            plan.Add(new("blkio", "blkio.leaf_weight", blockIo.LeafWeight.Value.ToString(), "blockIO.leafWeight"));
        foreach (LinuxWeightDevice device in blockIo.WeightDevice ?? [])
        {
            if (device.Weight is > 0)
                plan.Add(new("blkio", "blkio.weight_device", $"{device.Major}:{device.Minor} {device.Weight}", "blockIO.weightDevice") { AlternativeFile = "blkio.bfq.weight_device" });
            if (device.LeafWeight is > 0)
                plan.Add(new("blkio", "blkio.leaf_weight_device", $"{device.Major}:{device.Minor} {device.LeafWeight}", "blockIO.weightDevice"));
        }
        AddThrottle(plan, blockIo.ThrottleReadBpsDevice, "blkio.throttle.read_bps_device", "blockIO.throttleReadBpsDevice");
        AddThrottle(plan, blockIo.ThrottleWriteBpsDevice, "blkio.throttle.write_bps_device", "blockIO.throttleWriteBpsDevice");
        AddThrottle(plan, blockIo.ThrottleReadIopsDevice, "blkio.throttle.read_iops_device", "blockIO.throttleReadIOPSDevice");
        AddThrottle(plan, blockIo.ThrottleWriteIopsDevice, "blkio.throttle.write_iops_device", "blockIO.throttleWriteIOPSDevice");
    }

    private static void AddThrottle(List<CgroupSetting> plan, List<LinuxThrottleDevice>? devices, string file, string field)
    {
        foreach (LinuxThrottleDevice device in devices ?? [])
            plan.Add(new("blkio", file, $"{device.Major}:{device.Minor} {device.Rate}", field));
    }

    private static void AddNetwork(List<CgroupSetting> plan, LinuxNetwork network)
    {
        if (network.ClassId is > 0)
            plan.Add(new("net_cls", "net_cls.classid", network.ClassId.Value.ToString(), "network.classID"));
        foreach (LinuxInterfacePriority priority in network.Priorities ?? [])
            plan.Add(new("net_prio", "net_prio.ifpriomap", $"{priority.Name} {priority.Priority}", $"network.priorities[{priority.Name}]"));
    }

    /// <summary>The same file in both versions.</summary>
    internal static void AddRdma(List<CgroupSetting> plan, Dictionary<string, LinuxRdma> rdma)
    {
        foreach ((string device, LinuxRdma limit) in rdma)
        {
            string value = device;
            if (limit.HcaHandles is uint handles)
                value += $" hca_handle={handles}";
            if (limit.HcaObjects is uint objects)
                value += $" hca_object={objects}";
            plan.Add(new("rdma", "rdma.max", value, $"rdma[{device}]"));
        }
    }

    /// <summary>A page size becomes part of a file's name.</summary>
    internal static string CheckPageSize(string size)
    {
        bool valid = size.Length is > 2 and < 16 && (size.EndsWith("KB", StringComparison.Ordinal) || size.EndsWith("MB", StringComparison.Ordinal) || size.EndsWith("GB", StringComparison.Ordinal));
        for (int i = 0; valid && i < size.Length - 2; i++)
            valid = char.IsAsciiDigit(size[i]);
        return valid ? size : throw new RuntimeException($"linux.resources.hugepageLimits.pageSize: \"{size}\" is not a size like 2MB or 1GB", RuntimeErrorKind.InvalidArgument);
    }
}
