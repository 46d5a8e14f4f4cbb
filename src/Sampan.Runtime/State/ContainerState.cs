using Sampan.Runtime.Cgroups;

namespace Sampan.Runtime.State;

/// <summary>
/// What the runtime remembers of a container between two commands: state.json. It is saved for the first time before anything of the
/// container exists (<see cref="Pid"/> 0, <see cref="IsCreating"/> true), again when the process is there, and at the end of create.
/// </summary>
public sealed record ContainerState
{
    /// <summary>The version of this format; a newer Sampan reads older ones, an older one refuses newer ones. Format 1 had one state in the file, this has one in each line.</summary>
    public const int CurrentFormat = 2;

    /// <summary>The version of the format that the file has.</summary>
    public int FormatVersion { get; init; } = CurrentFormat;

    /// <summary>The container's id.</summary>
    public required ContainerId Id { get; init; }

    /// <summary>The bundle's absolute path.</summary>
    public string Bundle { get; init; } = "";

    /// <summary>The root file system's absolute path.</summary>
    public string RootFs { get; init; } = "";

    /// <summary>The container's first process, in the runtime's pid namespace; 0 while there is none.</summary>
    public int Pid { get; init; }

    /// <summary>When <see cref="Pid"/> started: clock ticks since boot, field 22 of /proc/PID/stat.</summary>
    public ulong PidStartTime { get; init; }

    /// <summary>True from the first save until create has done everything, hooks too.</summary>
    public bool IsCreating { get; init; }

    /// <summary>When create began.</summary>
    public DateTimeOffset Created { get; init; }

    /// <summary>The user who created it: the runtime's real uid.</summary>
    public uint OwnerUid { get; init; }

    /// <summary>Where its cgroups are; null before they are made, and for a rootless container without any.</summary>
    public CgroupState? Cgroup { get; init; }

    /// <summary>Annotations of config.json.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();

    /// <summary>Namespace type as the specification spells it (<c>network</c>) → path that joins it: the given one, else /proc/PID/ns/… .</summary>
    public IReadOnlyDictionary<string, string> Namespaces { get; init; } = new Dictionary<string, string>();

    /// <summary>True where the container has a user namespace of its own.</summary>
    public bool HasUserNamespace { get; init; }

    /// <summary>True where the container was made without privileges over cgroups (<c>--rootless</c>).</summary>
    public bool IsRootless { get; init; }

    /// <summary>The specification's version as config.json states it.</summary>
    public string OciVersion { get; init; } = "";

    /// <summary>The resctrl group of the container; null where it has none.</summary>
    public string? IntelRdtPath { get; init; }

    /// <summary>Whether that group was made for the container and goes with it.</summary>
    public bool OwnsIntelRdt { get; init; }

    /// <summary>
    /// Of a container whose mounts are made in the host's mount namespace: the number of the mount that its root was in before; 0 for every other one.
    /// </summary>
    public ulong MountBelow { get; init; }

    /// <summary>The container's first process.</summary>
    public ProcessIdentity Process => new(Pid, PidStartTime);

    /// <summary>
    /// The status now, without regard to the freezer: <see cref="ContainerStatus.Paused"/> is for the caller who has asked
    /// <see cref="Cgroup"/> and found it frozen, and takes the place of <see cref="ContainerStatus.Running"/> only.
    /// </summary>
    public ContainerStatus StatusIn(StateDirectory directory)
    {
        if (Pid == 0)
            return ContainerStatus.Creating;
        if (!Process.IsAlive)
            return ContainerStatus.Stopped;
        if (IsCreating)
            return ContainerStatus.Creating;
        return directory.HasStartSocket ? ContainerStatus.Created : ContainerStatus.Running;
    }

    /// <summary>The state as JSON on one line, with a line feed before it, which ends a line that was cut off, and one behind it.</summary>
    public byte[] ToLine() => ContainerStateJson.Write(this);

    /// <summary>Reads what <see cref="ToLine"/> wrote.</summary>
    /// <param name="json">The file's bytes.</param>
    /// <param name="path">The file's name, for the error message.</param>
    /// <exception cref="RuntimeException">The text is no state, or of a newer format.</exception>
    public static ContainerState Parse(ReadOnlySpan<byte> json, string path) => ContainerStateJson.Parse(json, path);
}
