namespace Sampan.Runtime.Cgroups;

/// <summary>
/// Cgroups below the container's own, as the options <c>exec --cgroup</c> name them: <c>[CONTROLLER[,CONTROLLER…]:]PATH</c>, each for the version 1
/// hierarchies that it names; one without controllers is for all that no other names, and for version 2.
/// </summary>
internal readonly struct SubCgroup
{
    private readonly Dictionary<string, string> _paths;
    private readonly string _path;

    private SubCgroup(Dictionary<string, string> paths, string path)
    {
        _paths = paths;
        _path = path;
    }

    /// <summary>Reads the options' values; <c>/</c>, empty and null are the container's cgroup itself.</summary>
    /// <exception cref="RuntimeException">
    /// One names a controller that the container has no hierarchy of, or a path that leads out, or two name a path for the same hierarchy.
    /// </exception>
    public static SubCgroup Parse(IReadOnlyList<string>? options, CgroupState state)
    {
        var paths = new Dictionary<string, string>();
        string rest = "";
        bool restGiven = false;
        foreach (string option in options ?? [])
        {
            int colon = option.IndexOf(':', StringComparison.Ordinal);
            string path = CheckPath(option[(colon + 1)..]);
            if (colon < 0)
            {
                if (restGiven)
                    throw new RuntimeException($"--cgroup \"{option}\": a cgroup for all controllers can be given once only", RuntimeErrorKind.InvalidArgument);
                (rest, restGiven) = (path, true);
                continue;
            }
            foreach (string controller in option[..colon].Split(','))
            {
                if (!state.Paths.TryGetValue(controller, out string? hierarchy))
                    throw new RuntimeException($"unknown controller {controller} in the cgroup \"{option}\": the container has no cgroup of version 1 for it", RuntimeErrorKind.InvalidArgument);
                // Two controllers of one hierarchy have one cgroup.
                if (!paths.TryAdd(hierarchy, path) && paths[hierarchy] != path)
                    throw new RuntimeException($"--cgroup \"{option}\": the hierarchy of {controller} was given another cgroup already", RuntimeErrorKind.InvalidArgument);
            }
        }
        return new SubCgroup(paths, rest);
    }

    /// <summary>The directory to join where the container's cgroup is <paramref name="directory"/>.</summary>
    public string Directory(string directory) => directory + (_paths.TryGetValue(directory, out string? path) ? path : _path);

    private static string CheckPath(string path)
    {
        if (("/" + path + "/").Contains("/../", StringComparison.Ordinal))
            throw new RuntimeException($"{path} is not a sub cgroup path: it leads out of the container's cgroup", RuntimeErrorKind.InvalidArgument);
        string clean = CgroupPath.Clean("/" + path);
        return clean.Length == 1 ? "" : clean;
    }
}
