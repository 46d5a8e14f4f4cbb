namespace Sampan.Runtime.Cgroups.Systemd;

/// <summary>
/// The names behind a <c>cgroupsPath</c> of the form <c>slice:prefix:name</c>, as runc's systemd driver reads it.
/// </summary>
/// <param name="Slice">The slice that the container's scope lies in: <c>machine-a.slice</c>.</param>
/// <param name="Unit">The scope's name: <c>prefix-name.scope</c>.</param>
public readonly record struct SystemdScope(string Slice, string Unit)
{
    /// <summary>The path of the scope's cgroup from the root that systemd manages.</summary>
    public string Path => ExpandSlice(Slice) + "/" + Unit;

    /// <summary>
    /// Reads the path. Without one the scope is <c>sampan-ID.scope</c>; without a slice it lies in <c>system.slice</c>, or in
    /// <c>user.slice</c> for a user.
    /// </summary>
    /// <exception cref="RuntimeException">The path has another form, or a part that is no unit's name.</exception>
    public static SystemdScope Parse(string? cgroupsPath, string containerId, bool user)
    {
        string slice = "", prefix = "sampan", name = containerId;
        if (!string.IsNullOrEmpty(cgroupsPath))
        {
            string[] parts = cgroupsPath.Split(':');
            if (parts.Length != 3)
                throw new RuntimeException($"linux.cgroupsPath: expected the form \"slice:prefix:name\" for systemd cgroups, got \"{cgroupsPath}\" instead", RuntimeErrorKind.InvalidArgument);
            (slice, prefix, name) = (parts[0], parts[1], parts[2]);
        }
        if (slice.Length == 0)
            slice = user ? "user.slice" : "system.slice";
        Check(slice);
        Check(name);
        Check(prefix);
        if (name.Length == 0)
            throw new RuntimeException($"linux.cgroupsPath: \"{cgroupsPath}\" names no scope", RuntimeErrorKind.InvalidArgument);
        _ = ExpandSlice(slice);
        if (name.EndsWith(".slice", StringComparison.Ordinal))
            throw new RuntimeException($"linux.cgroupsPath: a container's unit is a scope, and \"{name}\" is a slice", RuntimeErrorKind.InvalidArgument);
        return new SystemdScope(slice, (prefix.Length == 0 ? name : $"{prefix}-{name}") + ".scope");
    }

    /// <summary>
    /// The path of a slice: each dash is a level, so <c>a-b.slice</c> lies at <c>/a.slice/a-b.slice</c> (systemd.slice(5)); <c>-.slice</c> is the root.
    /// </summary>
    /// <exception cref="RuntimeException">It is no slice's name.</exception>
    public static string ExpandSlice(string slice)
    {
        const string Suffix = ".slice";
        if (!slice.EndsWith(Suffix, StringComparison.Ordinal) || slice.Length == Suffix.Length || slice.Contains('/', StringComparison.Ordinal))
            throw Invalid(slice);
        string name = slice[..^Suffix.Length];
        if (name == "-")
            return "";
        string path = "", prefix = "";
        foreach (string part in name.Split('-'))
        {
            if (part.Length == 0)
                throw Invalid(slice);
            prefix += prefix.Length == 0 ? part : "-" + part;
            path += "/" + prefix + Suffix;
        }
        return path;
    }

    /// <summary>The characters of unit names (systemd.unit(5)); a slash would make a path of it.</summary>
    private static void Check(string part)
    {
        foreach (char letter in part)
        {
            if (!char.IsAsciiLetterOrDigit(letter) && !":-_.\\@".Contains(letter, StringComparison.Ordinal))
                throw new RuntimeException($"linux.cgroupsPath: \"{part}\" has the character '{letter}', which no systemd unit's name can have", RuntimeErrorKind.InvalidArgument);
        }
    }

    private static RuntimeException Invalid(string slice) => new($"linux.cgroupsPath: invalid slice name \"{slice}\"", RuntimeErrorKind.InvalidArgument);
}
