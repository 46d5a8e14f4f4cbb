using Sampan.Kernel;
using Sampan.Oci;
using Sampan.Runtime.Cgroups;
using Sampan.Runtime.Resctrl;
using Sampan.Runtime.RootFs;
using Sampan.Runtime.State;

namespace Sampan.Runtime.Verbs;

/// <summary>
/// <c>delete</c>: removes what is left of a container: processes, cgroups, state. Its mounts and namespaces end with its processes.
/// </summary>
public static class ContainerDelete
{
    private const int KillWaitMilliseconds = 10_000;

    /// <summary>Deletes a container.</summary>
    /// <param name="root">Where it is.</param>
    /// <param name="id">Its id.</param>
    /// <param name="force">
    /// Kills it first where it still runs, cleans up what a killed create or delete left, and is content where there is no such container.
    /// </param>
    /// <param name="afterwards">Run when everything is gone, where there was a whole container: the poststop hooks.</param>
    /// <exception cref="RuntimeException">
    /// Without <paramref name="force"/>: no such container, or one that is not stopped. With it: its processes do not die, or its files cannot be removed.
    /// </exception>
    public static void Delete(StateRoot root, ContainerId id, bool force, Action<ContainerState, byte[]?>? afterwards = null)
    {
        using StateDirectory? directory = root.Find(id);
        if (directory is null)
        {
            if (force)
                return;
            throw StateDirectory.DoesNotExist(id);
        }

        ContainerState? state;
        byte[]? config;
        using (directory.Lock())
        {
            state = Load(directory, force);
            if (!force)
                RequireStopped(directory, state);
            config = state is null ? null : TryLoadConfig(directory);
            if (state is not null)
                End(state, config);
            if (state is { IsCreating: true, Cgroup: null } && config is not null)
                RemoveUnrecordedCgroup(state, config);
            directory.Remove();
        }

        if (state is { IsCreating: false })
            afterwards?.Invoke(state, config);
    }

    private static ContainerState? Load(StateDirectory directory, bool force)
    {
        try
        {
            return directory.TryLoad();
        }
        catch (RuntimeException) when (force)
        {
            return null; // not readable: nothing is known but the directory, and that goes
        }
    }

    private static void RequireStopped(StateDirectory directory, ContainerState? state)
    {
        if (state is null)
            throw StateDirectory.DoesNotExist(directory.Id);
        ContainerStatus status = Container.StatusOf(directory, state);
        if (status != ContainerStatus.Stopped)
            throw new RuntimeException($"cannot delete container {directory.Id} that is not stopped: {status.ToText()}", RuntimeErrorKind.WrongState);
    }

    private static byte[]? TryLoadConfig(StateDirectory directory)
    {
        try
        {
            return directory.LoadConfig();
        }
        catch (RuntimeException)
        {
            return null; // a create that was killed before it copied the file: there are no hooks to run
        }
    }

    /// <summary>A create that was killed between making its cgroup and recording it: where the cgroup is, only the configuration says.</summary>
    private static void RemoveUnrecordedCgroup(ContainerState state, byte[] config)
    {
        try
        {
            string? path = Spec.Parse(config).Linux?.CgroupsPath;
            bool isScope = path is not null && path.AsSpan().Count(':') == 2;
            Cgroup.RemoveEmpty(new CgroupRequest(state.Id.Text, path, null, isScope, state.IsRootless));
        }
        catch (SpecException)
        {
            // No configuration, no cgroup.
        }
    }

    /// <summary>Whether all processes of the container have ended with its first one: it had a pid namespace of its own.</summary>
    private static bool EndsWithItsNamespace(byte[]? config)
    {
        foreach (LinuxNamespace one in config is null ? [] : Spec.Parse(config).Linux?.Namespaces ?? [])
        {
            if (one is { Type: "pid", Path: null or "" })
                return true;
        }
        return false;
    }

    private static void End(ContainerState state, byte[]? config)
    {
        using Cgroup? cgroup = state.Cgroup is null ? null : Cgroup.Open(state.Cgroup);
        using (FileDescriptor? process = ContainerKill.OpenProcess(state.Process))
        {
            if (process is not null)
            {
                _ = Syscalls.TryPidFdSendSignal(process, Signal.Kill);
                if (cgroup is { IsFrozen: true })
                    cgroup.Thaw();
                if (Syscalls.Poll(process, PollEvents.In, KillWaitMilliseconds) == PollEvents.None)
                    throw new RuntimeException($"container init still running: process {state.Pid} did not end within {KillWaitMilliseconds / 1000} seconds of SIGKILL (see /proc/{state.Pid}/stack); delete it again later");
            }
        }

        if (state.Pid == 0)
            cgroup?.DeleteEmpty(); // killed before it had a process: the paths may be another container's
        else
            cgroup?.Delete(() => !EndsWithItsNamespace(config));
        if (state.MountBelow != 0)
            HostMounts.Remove(state.RootFs, state.MountBelow);
        if (state.IntelRdtPath is not null)
            ResctrlGroup.Open(state.IntelRdtPath, state.OwnsIntelRdt, config is null ? null : Spec.Parse(config).Linux?.IntelRdt, state.Id.Text).Remove();
    }
}
