using Sampan.Oci;
using Sampan.Runtime.Cgroups.Devices;

namespace Sampan.Runtime.Cgroups;

/// <summary>A cgroup in the version 2 hierarchy, on a machine that has no other.</summary>
internal sealed class UnifiedCgroup : Cgroup
{
    internal UnifiedCgroup(CgroupState state, bool shared = false)
        : base(state, shared)
    {
    }

    private string Path => State.UnifiedPath ?? throw new RuntimeException("the container has no cgroup: it was created without permission for one", RuntimeErrorKind.WrongState);

    /// <summary>Makes the directory and applies the resources; removes it again where that fails.</summary>
    public static UnifiedCgroup Create(CgroupLayout layout, CgroupRequest request, string? unit = null, bool user = false)
    {
        string path = CgroupPath.Unified(layout.Unified!, layout.Version, request.CgroupsPath, request.ContainerId);
        var made = new List<string>();
        try
        {
            UnifiedTree.Make(layout.Unified!.MountPoint, path, request.Resources, made);
            bool shared = !made.Contains(path) && unit is null && CheckUnused(path, request, warned: false);
            var cgroup = new UnifiedCgroup(new CgroupState { Version = CgroupVersion.V2, UnifiedPath = path, Rootless = request.Rootless, SystemdUnit = unit, SystemdUser = user }, shared);
            if (request.Resources is not null)
                cgroup.Write(request.Resources);
            return cgroup;
        }
        catch (RuntimeException)
        {
            for (int i = made.Count - 1; i >= 0; i--)
                _ = CgroupFile.RemoveDirectory(made[i]);
            if (request.Rootless && request.CgroupsPath is null && !made.Contains(path) && !CgroupFile.Exists(path) && !HasLimits(request.Resources))
                return new UnifiedCgroup(new CgroupState { Version = CgroupVersion.V2, Rootless = true });
            throw;
        }
    }

    /// <inheritdoc/>
    private protected override void Write(LinuxResources resources)
    {
        LinuxMemory? memory = resources.Memory;
        if (memory?.CheckBeforeUpdate == true && memory.Limit is > 0)
            MemoryCheck.BeforeUpdate(memory.Limit.Value, CgroupFile.ReadNumber(Path, "memory.current"));
        long? limit = null;
        if (memory is { Swap: > 0, Limit: null or 0 } && CgroupFile.ReadNumber(Path, "memory.max") is ulong current && current != ulong.MaxValue)
            limit = (long)current;
        string quota = "max";
        if (resources.Cpu is { Period: > 0, Quota: null or 0 } && CgroupFile.Read(Path, "cpu.max") is string max)
            quota = max.Split(' ')[0];
        SettingWriter.Write(UnifiedPlan.From(resources, limit, quota), DirectoryOf);
        if (resources.Devices is not null)
            UnifiedDevices.Apply(Path, resources.Devices, State.Rootless);
    }

    /// <summary>Files whose controller is not enabled are missing; saying that the controller is missing says more.</summary>
    private string? DirectoryOf(string controller) => controller == "cgroup" || UnifiedTree.Enable(Path, controller) ? Path : null;

    private static bool HasLimits(LinuxResources? resources) => resources is not null && UnifiedPlan.From(resources).Count > 0;
}
