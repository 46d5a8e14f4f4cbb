using Sampan.Kernel;
using Sampan.Oci;
using Sampan.Runtime.Cgroups.Devices;

namespace Sampan.Runtime.Cgroups;

/// <summary>
/// A cgroup in the hierarchies of version 1, and in that of version 2 where it is mounted beside them (hybrid). Controllers that are in no
/// version 1 hierarchy are used through version 2.
/// </summary>
internal sealed class LegacyCgroup : Cgroup
{
    internal LegacyCgroup(CgroupState state, bool shared = false)
        : base(state, shared)
    {
    }

    /// <summary>Makes the directories and applies the resources; removes them again where that fails.</summary>
    public static LegacyCgroup Create(CgroupLayout layout, CgroupRequest request, string? unit = null, bool user = false)
    {
        var made = new List<string>();
        try
        {
            var paths = new Dictionary<string, string>(16);
            bool shared = false;
            foreach (CgroupHierarchy hierarchy in layout.Legacy)
                MakeIn(hierarchy, request, paths, made, unit is not null, ref shared);
            string? unified = layout.Unified is null ? null : MakeUnified(layout, request, made, unit is not null, ref shared);
            var state = new CgroupState { Version = layout.Version, Paths = paths, UnifiedPath = unified, Rootless = request.Rootless, SystemdUnit = unit, SystemdUser = user };
            var cgroup = new LegacyCgroup(state, shared);
            if (request.Resources is not null)
                cgroup.Write(request.Resources);
            return cgroup;
        }
        catch (RuntimeException)
        {
            foreach (string directory in made)
                _ = CgroupFile.RemoveDirectory(directory);
            throw;
        }
    }

    /// <inheritdoc/>
    private protected override void Write(LinuxResources resources)
    {
        LinuxMemory? memory = resources.Memory;
        if (memory?.CheckBeforeUpdate == true && memory.Limit is > 0 && State.Paths.TryGetValue("memory", out string? directory))
            MemoryCheck.BeforeUpdate(memory.Limit.Value, CgroupFile.ReadNumber(directory, "memory.usage_in_bytes"));
        SettingWriter.Write(Plan(resources), DirectoryOf);
        if (resources.Devices is not null && !State.Rootless)
            ApplyDevices(resources.Devices);
    }

    /// <summary>Version 1's settings, those of version 2 for controllers that only it has, and <c>unified</c> last.</summary>
    private List<CgroupSetting> Plan(LinuxResources resources)
    {
        List<CgroupSetting> plan = LegacyPlan.From(resources);
        if (State.UnifiedPath is null)
        {
            if (resources.Unified is { Count: > 0 })
                throw new RuntimeException("invalid configuration: linux.resources.unified: these keys need the cgroup2 file system, and none is mounted here", RuntimeErrorKind.InvalidArgument);
            return plan;
        }
        bool all = resources.Unified is not { Count: > 0 };
        foreach (CgroupSetting setting in plan)
            all &= State.Paths.ContainsKey(setting.Controller);
        if (all)
            return plan;
        _ = plan.RemoveAll(setting => !State.Paths.ContainsKey(setting.Controller) && UnifiedName(setting.Controller) is not null);
        foreach (CgroupSetting setting in UnifiedPlan.From(WithoutRealtime(resources)))
        {
            if (setting.Field.StartsWith("unified[", StringComparison.Ordinal) || !State.Paths.ContainsKey(setting.Controller == "io" ? "blkio" : setting.Controller))
                plan.Add(setting with { Controller = SettingWriter.UnifiedPrefix + setting.Controller });
        }
        return plan;
    }

    /// <summary>Real-time limits are version 1's own; the conversion refuses them.</summary>
    private static LinuxResources WithoutRealtime(LinuxResources resources)
    {
        if (resources.Cpu?.RealtimePeriod is null && resources.Cpu?.RealtimeRuntime is null)
            return resources;
        LinuxCpu cpu = resources.Cpu;
        return new LinuxResources
        {
            Memory = resources.Memory,
            Cpu = new LinuxCpu { Shares = cpu.Shares, Quota = cpu.Quota, Burst = cpu.Burst, Period = cpu.Period, Cpus = cpu.Cpus, Mems = cpu.Mems, Idle = cpu.Idle },
            Pids = resources.Pids,
            BlockIo = resources.BlockIo,
            HugepageLimits = resources.HugepageLimits,
            Rdma = resources.Rdma,
            Unified = resources.Unified,
        };
    }

    private static string? UnifiedName(string controller) => controller switch
    {
        "blkio" => "io",
        "cpu" or "cpuset" or "memory" or "pids" or "hugetlb" or "rdma" => controller,
        _ => null,
    };

    private string? DirectoryOf(string controller)
    {
        if (!controller.StartsWith(SettingWriter.UnifiedPrefix, StringComparison.Ordinal))
            return State.Paths.GetValueOrDefault(controller);
        string name = controller[SettingWriter.UnifiedPrefix.Length..];
        return name == "cgroup" || UnifiedTree.Enable(State.UnifiedPath!, name) ? State.UnifiedPath : null;
    }

    private void ApplyDevices(List<LinuxDeviceCgroup> rules)
    {
        if (State.Paths.TryGetValue("devices", out string? directory) && LegacyDevices.TryApply(directory, rules))
            return;
        if (State.UnifiedPath is null)
            throw new RuntimeException("linux.resources.devices: a rule denies a device that an earlier rule with a wildcard allows, which the devices controller of version 1 cannot do; list the allowed devices one by one");
        UnifiedDevices.Apply(State.UnifiedPath, rules, State.Rootless);
    }

    private static void MakeIn(CgroupHierarchy hierarchy, CgroupRequest request, Dictionary<string, string> paths, List<string> made, bool adopt, ref bool shared)
    {
        string path = CgroupPath.Legacy(hierarchy, request.CgroupsPath, request.ContainerId);
        bool cpuset = Array.IndexOf(hierarchy.Controllers, "cpuset") >= 0;
        Errno error = CgroupFile.MakeDirectory(path);
        if (error == Errno.ENOENT)
        {
            error = MakeParents(hierarchy.MountPoint, path, cpuset);
            if (error == Errno.None)
                error = CgroupFile.MakeDirectory(path);
        }
        if (error == Errno.EEXIST)
        {
            if (!adopt)
                shared |= CheckUnused(path, request, shared);
        }
        else if (error == Errno.None)
            made.Add(path);
        else if (request.Rootless && error is Errno.EACCES or Errno.EPERM or Errno.EROFS)
            return;
        else
            throw CannotMake(path, error);
        foreach (string controller in hierarchy.Controllers)
            paths[controller] = path;
        if (cpuset)
            CpusetInheritance.Fill(path, hierarchy.MountPoint, isNew: error == Errno.None);
    }

    private static string? MakeUnified(CgroupLayout layout, CgroupRequest request, List<string> made, bool adopt, ref bool shared)
    {
        string path = CgroupPath.Unified(layout.Unified!, layout.Version, request.CgroupsPath, request.ContainerId);
        Errno error = CgroupFile.MakeDirectory(path);
        if (error == Errno.ENOENT)
        {
            error = MakeParents(layout.Unified!.MountPoint, path, cpuset: false);
            if (error == Errno.None)
                error = CgroupFile.MakeDirectory(path);
        }
        if (error == Errno.EEXIST)
        {
            if (!adopt)
                shared |= CheckUnused(path, request, shared);
        }
        else if (error == Errno.None)
            made.Add(path);
        else if (request.Rootless && error is Errno.EACCES or Errno.EPERM or Errno.EROFS)
            return null;
        else
            throw CannotMake(path, error);
        return path;
    }

    /// <summary>The parents stay when the container goes: others may use them.</summary>
    private static Errno MakeParents(string mountPoint, string path, bool cpuset)
    {
        for (int slash = path.IndexOf('/', mountPoint.Length + 1); slash > 0; slash = path.IndexOf('/', slash + 1))
        {
            string parent = path[..slash];
            Errno error = CgroupFile.MakeDirectory(parent);
            if (error is not (Errno.None or Errno.EEXIST))
                return error;
            if (cpuset && error == Errno.None)
                CpusetInheritance.Fill(parent, mountPoint, isNew: true);
        }
        return Errno.None;
    }

    private static RuntimeException CannotMake(string path, Errno error) => new($"cannot create the cgroup {path}: {KernelException.Describe(error)}{(error == Errno.EROFS ? "; mount the cgroup file system writable" : "")}");
}
