using Sampan.Kernel;

namespace Sampan.Runtime.Cgroups;

/// <summary>
/// A new cpuset of version 1 has no CPU and no memory node, and no process can join it: it takes its parent's
/// (kernel, admin-guide/cgroup-v1/cpusets.rst; <c>cgroup.clone_children</c> does the same where it is on).
/// </summary>
internal static class CpusetInheritance
{
    /// <summary>Copies what is empty from the parent, whose own is filled first where it is empty too.</summary>
    /// <param name="directory">The cgroup.</param>
    /// <param name="mountPoint">Where its hierarchy is mounted.</param>
    /// <param name="isNew">The cgroup was made a moment ago: its own values need not be looked at.</param>
    /// <exception cref="RuntimeException">The kernel refused the copy.</exception>
    public static void Fill(string directory, string mountPoint, bool isNew)
    {
        _ = Fill(directory, mountPoint, "cpuset.cpus", isNew);
        _ = Fill(directory, mountPoint, "cpuset.mems", isNew);
    }

    private static string? Fill(string directory, string mountPoint, string file, bool isNew)
    {
        string? own = isNew ? "" : CgroupFile.Read(directory, file);
        if (own != "" || directory.Length <= mountPoint.Length)
            return own;
        string? parent = Fill(directory[..directory.LastIndexOf('/')], mountPoint, file, isNew: false);
        if (string.IsNullOrEmpty(parent))
            return null;
        Errno error = CgroupFile.Write(directory, file, parent);
        if (error != Errno.None)
            throw new RuntimeException($"cannot copy \"{parent}\" from the parent to {directory}/{file}: {KernelException.Describe(error)}");
        return parent;
    }
}
