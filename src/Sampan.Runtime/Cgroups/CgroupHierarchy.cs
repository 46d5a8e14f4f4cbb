namespace Sampan.Runtime.Cgroups;

/// <summary>
/// A mounted control group hierarchy, as this process sees it.
/// </summary>
/// <param name="Controllers">
/// The controllers mounted together, as /proc/self/cgroup lists them (<c>cpu</c> and <c>cpuacct</c>; <c>name=systemd</c> for a named
/// hierarchy without controllers); empty for version 2.
/// </param>
/// <param name="MountPoint">Where it is mounted.</param>
/// <param name="Root">The cgroup that the mount point shows: <c>/</c>, or deeper inside a container.</param>
/// <param name="OwnPath">The cgroup of this process, from the hierarchy's root.</param>
public sealed record CgroupHierarchy(string[] Controllers, string MountPoint, string Root, string OwnPath)
{
    /// <summary>True for a named hierarchy (<c>name=systemd</c>), which limits nothing and only groups processes.</summary>
    public bool IsNamed => Controllers.Length > 0 && Controllers[0].StartsWith("name=", StringComparison.Ordinal);

    /// <summary>The directory of this process's own cgroup; the mount point where the cgroup is outside of what the mount shows.</summary>
    public string OwnDirectory => Directory(OwnPath);

    /// <summary>The directory of a cgroup given from the hierarchy's root.</summary>
    public string Directory(string path)
    {
        if (Root.Length > 1)
        {
            bool below = path.StartsWith(Root, StringComparison.Ordinal) && (path.Length == Root.Length || path[Root.Length] == '/');
            path = below ? path[Root.Length..] : "";
        }
        return path.Length <= 1 || path.StartsWith("/..", StringComparison.Ordinal) ? MountPoint : MountPoint + path;
    }
}
