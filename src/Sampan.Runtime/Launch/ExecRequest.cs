using Sampan.Kernel;
using Sampan.Oci;
using Sampan.Runtime.State;

namespace Sampan.Runtime.Launch;

/// <summary>A process to run in a container that is there.</summary>
public sealed record ExecRequest
{
    /// <summary>The container.</summary>
    public required ContainerState State { get; init; }

    /// <summary>The container's configuration, which the process takes seccomp and personality from.</summary>
    public required Spec Spec { get; init; }

    /// <summary>The process.</summary>
    public required Process Process { get; init; }

    /// <summary>Where its pid is written, or null.</summary>
    public string? PidFile { get; init; }

    /// <summary>The unix socket that receives its terminal's master, or null.</summary>
    public string? ConsoleSocket { get; init; }

    /// <summary>As <see cref="CreateRequest.RelaysTerminal"/>.</summary>
    public bool RelaysTerminal { get; init; }

    /// <summary>How many descriptors from 3 on it inherits.</summary>
    public int PreserveFds { get; init; }

    /// <summary>Cgroups below the container's as <c>exec --cgroup</c> names them; none for the container's own.</summary>
    public IReadOnlyList<string> SubCgroups { get; init; } = [];

    /// <summary>Receives lines for <c>--debug</c>.</summary>
    public Action<string>? Debug { get; init; }
}

/// <summary>A process that runs in a container.</summary>
/// <param name="Pid">Its pid, in the runtime's pid namespace.</param>
/// <param name="PidFd">Its descriptor; the receiver closes it.</param>
/// <param name="Console">The master of its terminal, where it has one and no console socket was named; the receiver closes it.</param>
public sealed record ExecutedProcess(int Pid, FileDescriptor PidFd, FileDescriptor? Console);
