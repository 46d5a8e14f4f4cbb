namespace Sampan.Runtime.Cgroups;

/// <summary>
/// One value to be written to one file of a cgroup, and the field of the configuration that asks for it. A list of them is the plan for a cgroup:
/// made without effect, written in order by <see cref="SettingWriter"/>.
/// </summary>
/// <param name="Controller">The controller whose directory holds the file: <c>memory</c>, <c>cpu</c>, …</param>
/// <param name="File">The file's name.</param>
/// <param name="Value">What is written, by one write(2).</param>
/// <param name="Field">The field, from <c>linux.resources</c>: <c>memory.limit</c>.</param>
public readonly record struct CgroupSetting(string Controller, string File, string Value, string Field)
{
    /// <summary>
    /// True where the kernel may refuse the value (EINVAL) until a later one of the same controller is written: a limit above the present limit of
    /// memory and swap, a shorter CFS period with the present quota. It is then written again after the others.
    /// </summary>
    public bool RetryAfterOthers { get; init; }

    /// <summary>Another name of the file, taken where <see cref="File"/> does not exist (<c>blkio.bfq.weight</c> for <c>blkio.weight</c>), or null.</summary>
    public string? AlternativeFile { get; init; }

    /// <summary>What is written to <see cref="AlternativeFile"/> where that differs from <see cref="Value"/>, or null.</summary>
    public string? AlternativeValue { get; init; }

    /// <summary>True where a missing file or controller means that there is nothing to do: the value asks for the default.</summary>
    public bool IsDefault { get; init; }
}
