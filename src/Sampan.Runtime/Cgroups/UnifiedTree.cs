using Sampan.Kernel;
using Sampan.Oci;

namespace Sampan.Runtime.Cgroups;

/// <summary>Makes cgroups in the version 2 hierarchy and hands controllers down to them (kernel, admin-guide/cgroup-v2.rst, "Controllers").</summary>
internal static class UnifiedTree
{
    /// <summary>
    /// Makes the cgroup with all its parents, and enables in each parent all controllers that it has itself; those that cannot be enabled are
    /// missed only when a setting needs them. Adds the directories it made to <paramref name="made"/>, parents first.
    /// </summary>
    /// <exception cref="RuntimeException">A directory cannot be made, or a parent's processes or threads forbid controllers that the resources need.</exception>
    public static void Make(string mountPoint, string path, LinuxResources? resources, List<string> made)
    {
        string? controllers = CgroupFile.Read(mountPoint, "cgroup.controllers");
        Delegate(mountPoint, controllers);
        for (int slash = mountPoint.Length; slash < path.Length;)
        {
            int next = path.IndexOf('/', slash + 1);
            slash = next < 0 ? path.Length : next;
            string directory = path[..slash];
            Errno error = CgroupFile.MakeDirectory(directory);
            if (error == Errno.None)
                made.Add(directory);
            else if (error != Errno.EEXIST)
                throw new RuntimeException($"cannot create the cgroup {directory}: {KernelException.Describe(error)}");
            CheckType(directory, resources);
            if (slash < path.Length)
                Delegate(directory, CgroupFile.Read(directory, "cgroup.controllers"));
        }
    }

    /// <summary>True if a controller is, or after enabling it in the parents is, available in a cgroup.</summary>
    public static bool Enable(string directory, string controller)
    {
        if (HasWord(CgroupFile.Read(directory, "cgroup.controllers"), controller))
            return true;
        string parent = directory[..directory.LastIndexOf('/')];
        if (!CgroupFile.Exists(parent + "/cgroup.controllers") || !Enable(parent, controller))
            return false;
        return CgroupFile.Write(parent, "cgroup.subtree_control", "+" + controller) == Errno.None && HasWord(CgroupFile.Read(directory, "cgroup.controllers"), controller);
    }

    /// <summary>Enables for the children what is not enabled yet; all at once, or one by one where one of them is refused.</summary>
    private static void Delegate(string directory, string? controllers)
    {
        if (string.IsNullOrEmpty(controllers))
            return;
        string? enabled = CgroupFile.Read(directory, "cgroup.subtree_control");
        string missing = "";
        foreach (string controller in controllers.Split(' '))
        {
            if (!HasWord(enabled, controller))
                missing += missing.Length == 0 ? "+" + controller : " +" + controller;
        }
        if (missing.Length == 0 || CgroupFile.Write(directory, "cgroup.subtree_control", missing) == Errno.None)
            return;
        foreach (string one in missing.Split(' '))
            _ = CgroupFile.Write(directory, "cgroup.subtree_control", one);
    }

    /// <summary>
    /// Below a cgroup with processes of its own a new one is "domain invalid": it can be used with controllers that count threads (cpu, cpuset,
    /// pids, perf_event) by becoming threaded, and not with memory, io or hugetlb (cgroups(7), "Thread mode").
    /// </summary>
    private static void CheckType(string directory, LinuxResources? resources)
    {
        string? type = CgroupFile.Read(directory, "cgroup.type");
        if (type is not ("domain invalid" or "domain threaded" or "threaded"))
            return;
        if (NeedsDomain(resources))
            throw new RuntimeException($"cannot limit memory, io or huge pages in the cgroup {directory}, which is in state \"{type}\" because a cgroup above it has processes of its own; choose a linux.cgroupsPath below a cgroup without processes");
        if (type == "domain invalid")
            _ = CgroupFile.Write(directory, "cgroup.type", "threaded");
    }

    private static bool NeedsDomain(LinuxResources? resources)
    {
        if (resources is null)
            return false;
        LinuxMemory? memory = resources.Memory;
        LinuxBlockIo? io = resources.BlockIo;
        bool needsMemory = memory is not null && (memory.Limit is not (null or 0) || memory.Swap is not (null or 0) || memory.Reservation is not (null or 0));
        bool needsIo = io is not null && (io.Weight is > 0 || io.WeightDevice is not null || io.ThrottleReadBpsDevice is not null || io.ThrottleWriteBpsDevice is not null
            || io.ThrottleReadIopsDevice is not null || io.ThrottleWriteIopsDevice is not null);
        return needsMemory || needsIo || resources.HugepageLimits is { Count: > 0 };
    }

    private static bool HasWord(string? words, string word)
    {
        if (words is null)
            return false;
        foreach (Range range in words.AsSpan().Split(' '))
        {
            if (words.AsSpan(range).SequenceEqual(word))
                return true;
        }
        return false;
    }
}
