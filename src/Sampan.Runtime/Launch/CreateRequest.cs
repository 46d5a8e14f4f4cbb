using Sampan.Kernel;
using Sampan.Runtime.State;

namespace Sampan.Runtime.Launch;

/// <summary>What a container is created from.</summary>
public sealed record CreateRequest
{
    /// <summary>The container's id; checked before it becomes part of a path.</summary>
    public required string Id { get; init; }

    /// <summary>The bundle's directory, which holds config.json.</summary>
    public required string Bundle { get; init; }

    /// <summary>The directory of all states.</summary>
    public required string StateRoot { get; init; }

    /// <summary>Where the pid of the container's process is written, or null.</summary>
    public string? PidFile { get; init; }

    /// <summary>The unix socket that receives the terminal's master, or null.</summary>
    public string? ConsoleSocket { get; init; }

    /// <summary>Whether the caller goes away while the process runs, so that its terminal needs a console socket.</summary>
    public bool Detached { get; init; }

    /// <summary>
    /// Whether the caller carries the bytes between its own terminal and the container's (<see cref="Sessions.ForegroundSession"/>): newlines are then
    /// translated by its own.
    /// </summary>
    public bool RelaysTerminal { get; init; }

    /// <summary>How many descriptors the container's process inherits, from 3 on or behind those of socket activation.</summary>
    public int PreserveFds { get; init; }

    /// <summary>Whether the root is changed without pivot_root(2).</summary>
    public bool NoPivot { get; init; }

    /// <summary>Whether the process keeps the caller's session keyring.</summary>
    public bool NoNewKeyring { get; init; }

    /// <summary>Whether systemd makes the cgroup.</summary>
    public bool SystemdCgroup { get; init; }

    /// <summary>Whether cgroups are best effort; null asks the kernel who the runtime is.</summary>
    public bool? Rootless { get; init; }

    /// <summary>The host's sd_notify socket that the container may reach, or null.</summary>
    public string? NotifySocket { get; init; }

    /// <summary>Receives sentences about what is tolerated though it is wrong; where null, what can be refused instead is.</summary>
    public Action<string>? Warn { get; init; }

    /// <summary>Receives lines for <c>--debug</c>, the child's program among them.</summary>
    public Action<string>? Debug { get; init; }

    /// <summary>Whether the process is executed at once, without a wait for start.</summary>
    public bool StartAtOnce { get; init; }
}

/// <summary>A container whose process exists.</summary>
/// <param name="Pid">The process, in the runtime's pid namespace.</param>
/// <param name="PidFd">Its descriptor; the receiver closes it.</param>
/// <param name="Console">The master of its terminal, where it has one and no console socket was named; the receiver closes it.</param>
/// <param name="State">What was recorded.</param>
public sealed record CreatedContainer(int Pid, FileDescriptor PidFd, FileDescriptor? Console, ContainerState State);
