using Sampan.Kernel;

namespace Sampan.Engine.Containers;

/// <summary>A bind mount or tmpfs that the user asked for.</summary>
/// <param name="Type"><c>bind</c> or <c>tmpfs</c>.</param>
/// <param name="Source">The host's path of a bind mount; empty for a tmpfs.</param>
/// <param name="Destination">The absolute path inside.</param>
/// <param name="Options">Mount options in the runtime specification's words.</param>
/// <param name="MakeSource">Whether a missing source is made as a directory, as <c>-v</c> does and <c>--mount</c> does not.</param>
public sealed record MountOption(string Type, string Source, string Destination, IReadOnlyList<string> Options, bool MakeSource);

/// <summary>
/// What a container shall be: the image and everything that <c>run</c>'s options say, in their text form where the meaning depends on the image or
/// the host. Absent is null or empty; <see cref="SpecificationBuilder"/> gives the defaults.
/// </summary>
public sealed class ContainerOptions
{
    /// <summary>The image reference, or null with <see cref="RootFs"/>.</summary>
    public string? Image { get; init; }

    /// <summary>When the image is pulled.</summary>
    public PullPolicy Pull { get; init; }

    /// <summary>The platform of the image, <c>OS/ARCHITECTURE[/VARIANT]</c>; this machine's where it is null.</summary>
    public string? Platform { get; init; }

    /// <summary>Told of the layers' steps when the image is pulled.</summary>
    public IProgress<Sampan.Images.LayerProgress>? PullProgress { get; init; }

    /// <summary>Ends the pull.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>A directory of the host that is the root file system, used as it is.</summary>
    public string? RootFs { get; init; }

    /// <summary>What to run instead of the image's Cmd.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>The name; one is made up where it is null.</summary>
    public string? Name { get; init; }

    /// <summary>The host name inside; the short id where it is null.</summary>
    public string? Hostname { get; init; }

    /// <summary>Whether the process gets a pseudo-terminal.</summary>
    public bool Terminal { get; init; }

    /// <summary>The size that the terminal begins with, in characters; null leaves it to the first resize.</summary>
    public TerminalSize? TerminalSize { get; init; }

    /// <summary>Whether standard input stays open.</summary>
    public bool Interactive { get; init; }

    /// <summary>Whether the container is removed when it ends.</summary>
    public bool Remove { get; init; }

    /// <summary><c>NAME=value</c>, or <c>NAME</c> for the caller's own value.</summary>
    public IReadOnlyList<string> Environment { get; init; } = [];

    /// <summary>The directory to start in.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary><c>user</c>, <c>uid</c>, <c>user:group</c>, <c>uid:gid</c>.</summary>
    public string? User { get; init; }

    /// <summary>Whether the root file system is read-only.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>The program instead of the image's; empty takes the image's away.</summary>
    public string? Entrypoint { get; init; }

    /// <summary>Free text by key.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>Binds and tmpfs.</summary>
    public IReadOnlyList<MountOption> Mounts { get; init; } = [];

    /// <summary>Host devices, <c>PATH[:INSIDE[:rwm]]</c>.</summary>
    public IReadOnlyList<string> Devices { get; init; } = [];

    /// <summary>Capabilities to add, with or without <c>CAP_</c>; <c>ALL</c>.</summary>
    public IReadOnlyList<string> CapabilitiesAdded { get; init; } = [];

    /// <summary>Capabilities to drop; <c>ALL</c>.</summary>
    public IReadOnlyList<string> CapabilitiesDropped { get; init; } = [];

    /// <summary><c>no-new-privileges</c>, <c>seccomp=…</c>, <c>apparmor=…</c>, <c>label=…</c>, <c>systempaths=unconfined</c>.</summary>
    public IReadOnlyList<string> SecurityOptions { get; init; } = [];

    /// <summary>Whether the container has every capability, every device and writable system paths.</summary>
    public bool Privileged { get; init; }

    /// <summary><c>TYPE=SOFT[:HARD]</c>.</summary>
    public IReadOnlyList<string> Ulimits { get; init; } = [];

    /// <summary><c>none</c>, <c>host</c> or <c>container:NAME</c>.</summary>
    public string Network { get; init; } = "none";

    /// <summary>Whether the host's process numbers are seen.</summary>
    public bool HostPid { get; init; }

    /// <summary>Whether the host's IPC objects are seen.</summary>
    public bool HostIpc { get; init; }

    /// <summary>Whether the host's host name is shared.</summary>
    public bool HostUts { get; init; }

    /// <summary>Memory limit in bytes.</summary>
    public long? Memory { get; init; }

    /// <summary>Memory and swap together in bytes, -1 for no limit; twice the memory limit where it is null.</summary>
    public long? MemorySwap { get; init; }

    /// <summary>Soft memory limit in bytes.</summary>
    public long? MemoryReservation { get; init; }

    /// <summary>CPU time in microseconds of each 100,000.</summary>
    public long? CpuQuota { get; init; }

    /// <summary>Relative weight, 2 to 262,144; 1,024 is everybody's.</summary>
    public long? CpuShares { get; init; }

    /// <summary>The processors it may use, such as <c>0-2,4</c>.</summary>
    public string? CpusetCpus { get; init; }

    /// <summary>The memory nodes it may use.</summary>
    public string? CpusetMems { get; init; }

    /// <summary>The most processes and threads; -1 for no limit.</summary>
    public long? PidsLimit { get; init; }

    /// <summary>The bias of the OOM killer, -1000 to 1000.</summary>
    public int? OomScoreAdjustment { get; init; }

    /// <summary>The size of /dev/shm in bytes; 64 MiB where it is null.</summary>
    public long? ShmSize { get; init; }

    /// <summary>The signal that <c>stop</c> sends; the image's, else SIGTERM.</summary>
    public string? StopSignal { get; init; }

    /// <summary>Seconds that <c>stop</c> waits before it kills.</summary>
    public int? StopTimeout { get; init; }

    /// <summary><c>NAME=value</c> of kernel parameters that are the namespaces' own.</summary>
    public IReadOnlyList<string> Sysctls { get; init; } = [];

    /// <summary>The cgroup below which the container's is made.</summary>
    public string? CgroupParent { get; init; }
}
