namespace Sampan.Runtime.Cgroups;

/// <summary>A cgroup below the container's own, as <c>exec --cgroup</c> names it: <c>[CONTROLLER[,CONTROLLER…]:]PATH</c>.</summary>
internal readonly struct SubCgroup
{
    private readonly string[]? _controllers;
    private readonly string _path;

    private SubCgroup(string[]? controllers, string path)
    {
        _controllers = controllers;
        _path = path;
    }

    /// <summary>Reads the option's value; <c>/</c>, empty and null are the container's cgroup itself.</summary>
    /// <exception cref="RuntimeException">It names a controller that the container has no hierarchy of.</exception>
    public static SubCgroup Parse(string? text, CgroupState state)
    {
        if (string.IsNullOrEmpty(text))
            return new SubCgroup(null, "");
        string[]? controllers = null;
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon >= 0)
        {
            controllers = text[..colon].Split(',');
            foreach (string controller in controllers)
            {
                if (!state.Paths.ContainsKey(controller))
                    throw new RuntimeException($"unknown controller {controller} in the cgroup \"{text}\": the container has no cgroup of version 1 for it", RuntimeErrorKind.InvalidArgument);
            }
            text = text[(colon + 1)..];
        }
        if (("/" + text + "/").Contains("/../", StringComparison.Ordinal))
            throw new RuntimeException($"the cgroup {text} is not a sub cgroup path of the container's", RuntimeErrorKind.InvalidArgument);
        string path = CgroupPath.Clean("/" + text);
        return new SubCgroup(controllers, path.Length == 1 ? "" : path);
    }

    /// <summary>The directory to join for a controller (empty for version 2) whose container cgroup is <paramref name="directory"/>.</summary>
    public string Directory(string controller, string directory) =>
        _controllers is null || Array.IndexOf(_controllers, controller) >= 0 ? directory + _path : directory;
}
