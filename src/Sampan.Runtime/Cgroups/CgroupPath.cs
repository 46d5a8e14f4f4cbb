namespace Sampan.Runtime.Cgroups;

/// <summary>The rules that turn <c>linux.cgroupsPath</c> into directories (runtime-spec, config-linux.md, "Cgroups Path"; runc's rules where it is silent).</summary>
public static class CgroupPath
{
    /// <summary>
    /// Removes empty components, <c>.</c> and <c>..</c> from a path. <c>..</c> never climbs above the start, so the result stays inside the
    /// hierarchy whatever the configuration says. A leading <c>/</c> is kept.
    /// </summary>
    public static string Clean(string path)
    {
        var parts = new List<string>();
        foreach (string part in path.Split('/'))
        {
            if (part == "..")
            {
                if (parts.Count > 0)
                    parts.RemoveAt(parts.Count - 1);
            }
            else if (part.Length > 0 && part != ".")
            {
                parts.Add(part);
            }
        }
        string joined = string.Join('/', parts);
        return path.StartsWith('/') ? "/" + joined : joined;
    }

    /// <summary>
    /// The directory of a container's cgroup in a version 1 hierarchy: an absolute <paramref name="cgroupsPath"/> counts from what is mounted,
    /// a relative one from the runtime's own cgroup, and where there is none the container's id takes its place.
    /// </summary>
    /// <exception cref="RuntimeException">The path names the root, or has a character that no cgroup can have.</exception>
    public static string Legacy(CgroupHierarchy hierarchy, string? cgroupsPath, string containerId) =>
        Join(hierarchy.MountPoint, hierarchy.OwnDirectory, cgroupsPath, containerId);

    /// <summary>
    /// The same in the version 2 hierarchy, but a relative path counts from the <em>parent</em> of the runtime's own cgroup where version 2 is
    /// alone: the own one holds the runtime, and a cgroup with processes cannot hand controllers to children (cgroups(7), "no internal processes").
    /// </summary>
    /// <exception cref="RuntimeException">The path names the root, or has a character that no cgroup can have.</exception>
    public static string Unified(CgroupHierarchy hierarchy, CgroupVersion version, string? cgroupsPath, string containerId)
    {
        string own = hierarchy.OwnDirectory;
        if (version == CgroupVersion.V2 && own.Length > hierarchy.MountPoint.Length)
            own = own[..own.LastIndexOf('/')];
        return Join(hierarchy.MountPoint, own, cgroupsPath, containerId);
    }

    private static string Join(string mountPoint, string own, string? cgroupsPath, string containerId)
    {
        if (string.IsNullOrEmpty(cgroupsPath))
            return own + "/" + containerId;
        if (cgroupsPath.AsSpan().IndexOfAny('\n', '\0') >= 0)
            throw new RuntimeException("linux.cgroupsPath contains a newline or NUL character, which no cgroup's name can have: remove it", RuntimeErrorKind.InvalidArgument);
        string clean = Clean(cgroupsPath);
        if (clean.Length == 0 || clean == "/")
            throw new RuntimeException($"linux.cgroupsPath \"{cgroupsPath}\" names no cgroup below the root: give the container a cgroup of its own", RuntimeErrorKind.InvalidArgument);
        return clean[0] == '/' ? mountPoint + clean : own + "/" + clean;
    }
}
