using Sampan.Runtime.Cgroups;
using Sampan.Runtime.State;

namespace Sampan.Runtime.Verbs;

/// <summary>An existing container, opened by its id: its directory, and its state as it was when it was opened.</summary>
public sealed class Container : IDisposable
{
    private Container(StateDirectory directory, ContainerState state)
    {
        Directory = directory;
        State = state;
    }

    /// <summary>The files of the container.</summary>
    public StateDirectory Directory { get; }

    /// <summary>The state that was read at opening.</summary>
    public ContainerState State { get; }

    /// <summary>Opens a container.</summary>
    /// <exception cref="RuntimeException">The id is none, there is no such container (<see cref="RuntimeErrorKind.NotFound"/>), or its state cannot be read.</exception>
    public static Container Open(StateRoot root, string id)
    {
        StateDirectory directory = root.Open(ContainerId.Parse(id));
        try
        {
            return new Container(directory, directory.Load());
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    /// <summary>The status now: process, start socket and freezer are asked.</summary>
    public ContainerStatus Status() => StatusOf(Directory, State);

    /// <summary>The status of a state that was loaded from a directory.</summary>
    public static ContainerStatus StatusOf(StateDirectory directory, ContainerState state)
    {
        ContainerStatus status = state.StatusIn(directory);
        if (status is not (ContainerStatus.Running or ContainerStatus.Created) || state.Cgroup is null)
            return status;
        using Cgroup cgroup = Cgroup.Open(state.Cgroup);
        return cgroup.IsFrozen ? ContainerStatus.Paused : status;
    }

    /// <summary>The container's cgroup.</summary>
    /// <exception cref="RuntimeException">It has none: a rootless container on a machine that gives users no cgroups.</exception>
    public Cgroup OpenCgroup(string purpose) => State.Cgroup is null
        ? throw new RuntimeException($"cannot {purpose}: container {State.Id} has no cgroup of its own; create it with rights over one (as root, or below a cgroup delegated to you)", RuntimeErrorKind.WrongState)
        : Cgroup.Open(State.Cgroup);

    /// <summary>Processes of the container; empty where it has no cgroup and its first process has ended.</summary>
    public List<int> Processes()
    {
        if (State.Cgroup is null)
            return State.Process.IsAlive ? [State.Pid] : [];
        using Cgroup cgroup = Cgroup.Open(State.Cgroup);
        return cgroup.Processes();
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Dispose();
}
