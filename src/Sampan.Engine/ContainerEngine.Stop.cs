using Sampan.Engine.Containers;
using Sampan.Kernel;

namespace Sampan.Engine;

public sealed partial class ContainerEngine
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    /// <summary>Sends a signal to a container's first process.</summary>
    /// <exception cref="EngineException">The container does not run.</exception>
    public static void SendSignal(StoredContainer container, int signal)
    {
        ContainerState state = container.State();
        using FileDescriptor process = OpenProcess(container, state);
        Syscalls.PidFdSendSignal(process, signal);
    }

    /// <summary>Kills a container and waits for its end, so that it can be removed or started afterwards.</summary>
    /// <exception cref="EngineException">It does not run, or cannot be killed.</exception>
    public void Kill(StoredContainer container)
    {
        using MonitorConnection? monitor = Connect(container);
        ContainerState state = container.State();
        OpenProcess(container, state).Dispose();
        KillForGood(container, state);
        WaitForMonitor(container, monitor);
    }

    /// <summary>Asks a container to stop, and kills it when the time is over. One that does not run is left as it is.</summary>
    /// <param name="container">The container.</param>
    /// <param name="seconds">How long to wait, -1 for ever; null for the container's own time.</param>
    /// <exception cref="EngineException">It cannot even be killed.</exception>
    public void Stop(StoredContainer container, int? seconds)
    {
        ContainerState state = container.State();
        if (state.Status != ContainerStatus.Running)
            return;
        using MonitorConnection? monitor = Connect(container);
        using FileDescriptor process = OpenProcess(container, state);
        int limit = seconds ?? container.Record.StopTimeout;
        _ = Syscalls.TryPidFdSendSignal(process, container.Record.StopSignal);
        if (HasEnded(process, limit < 0 ? -1 : limit * 1000))
        {
            WaitForMonitor(container, monitor);
            return;
        }
        _ = Syscalls.TryPidFdSendSignal(process, Signal.Kill);
        if (!HasEnded(process, (int)s_patience.TotalMilliseconds))
            throw new EngineException(ErrorKind.Failed, $"the container {container.Record.Name} did not end {s_patience.TotalSeconds} seconds after it was killed: its process {state.Pid} waits for the kernel");
        WaitForMonitor(container, monitor);
    }

    /// <summary>Removes a container. One that is being started just now is waited for first.</summary>
    /// <param name="container">The container.</param>
    /// <param name="force">Whether to kill it when it runs, and to clean up after a killed monitor.</param>
    /// <exception cref="EngineException">It runs and <paramref name="force"/> is not given, or it cannot be removed.</exception>
    public void Remove(StoredContainer container, bool force)
    {
        long deadline = Environment.TickCount64 + (long)s_patience.TotalMilliseconds;
        while (!TryRemove(container, force))
        {
            if (Environment.TickCount64 > deadline)
                throw new EngineException(ErrorKind.Failed, $"the container {container.Record.Name} is being started for {s_patience.TotalSeconds} seconds already; kill its monitor, then use rm -f");
            _ = Syscalls.Poll([], 10);
            if (!Directory.Exists(container.Directory))
                return; // its monitor was to remove it, and has
        }
    }

    /// <summary>False where a monitor is about to start the container, or to end: it has the lock, and the state does not say that the container runs.</summary>
    private bool TryRemove(StoredContainer container, bool force)
    {
        // Connected before the state is read: a monitor that starts listens first, and then writes that the container runs.
        using MonitorConnection? monitor = Connect(container);
        ContainerState state = container.State();
        if (state.Status == ContainerStatus.Running)
        {
            if (!force)
                throw new EngineException(ErrorKind.Conflict, $"the container {container.Record.Name} runs; stop it first, or use rm -f");
            KillForGood(container, state);
            WaitForMonitor(container, monitor);
        }
        else
        {
            _ = monitor?.WaitForExit(TimeSpan.FromMilliseconds(100));
        }
        // Held to the end, so that no monitor starts meanwhile.
        if (!ContainerState.TryLockOutMonitor(container.Directory, out FileDescriptor? gate))
            return false;
        using (gate)
        {
            if (state.MonitorLost || Directory.Exists(Path.Combine(Places.RuntimeState, container.Record.Id)))
                DeleteInRuntime(container);
            ContainerRootFs.Unmount(container.Directory);
            Store.Remove(container.Record.Id, container.Record.Name);
            return true;
        }
    }

    private static void KillForGood(StoredContainer container, ContainerState state)
    {
        if (Syscalls.TryPidFdOpen(state.Pid, out FileDescriptor? process) != Errno.None)
            return;
        using (process)
        {
            if (!IsSame(state))
                return;
            _ = Syscalls.TryPidFdSendSignal(process!, Signal.Kill);
            if (!HasEnded(process!, (int)s_patience.TotalMilliseconds))
                throw new EngineException(ErrorKind.Failed, $"the container {container.Record.Name} did not end {s_patience.TotalSeconds} seconds after it was killed: its process {state.Pid} waits for the kernel");
        }
    }

    /// <summary>Waits until the monitor has recorded the end and cleaned up; a monitor that is gone or does not answer in time is not waited for.</summary>
    private static void WaitForMonitor(StoredContainer container, MonitorConnection? monitor)
    {
        if (monitor?.WaitForExit(s_patience) is not null || monitor is null)
            return;
        if (!Directory.Exists(container.Directory))
            return;
        using FileDescriptor directory = HostDirectory.Open(container.Directory);
        if (ContainerState.IsMonitored(directory))
            throw new EngineException(ErrorKind.Failed, $"the monitor of the container {container.Record.Name} does not come to its end; kill it, then use rm -f");
    }

    /// <summary>Has the runtime remove what a killed monitor left: the cgroups and the runtime's own state.</summary>
    private void DeleteInRuntime(StoredContainer container) => CallRuntime(container, "delete", "deleted", "--force");

    /// <summary>Has the OCI runtime do something with a container.</summary>
    /// <param name="container">The container.</param>
    /// <param name="verb">The runtime's command.</param>
    /// <param name="done">The word for it in a message.</param>
    /// <param name="options">The command's options.</param>
    private void CallRuntime(StoredContainer container, string verb, string done, params string[] options)
    {
        string runtime = container.Record.IsDamaged ? _runtime : container.Record.Runtime;
        using FileDescriptor nothing = Syscalls.Open("/dev/null", OpenFlags.ReadWrite);
        try
        {
            int pid = Syscalls.Spawn(runtime, [runtime, "--root", Places.RuntimeState, verb, .. options, container.Record.Id], MonitorEnvironment(), [nothing, nothing, nothing], newSession: false);
            if (Syscalls.WaitId(pid) is not { ShellCode: 0 })
                throw new EngineException(ErrorKind.Failed, $"the container {container.Record.ShortId} could not be {done} by the OCI runtime \"{runtime}\"");
        }
        catch (KernelException cause)
        {
            throw new EngineException(ErrorKind.Failed, $"the OCI runtime \"{runtime}\" cannot be run: {cause.Message}", cause);
        }
    }

    private static FileDescriptor OpenProcess(StoredContainer container, ContainerState state)
    {
        if (state.Status == ContainerStatus.Running && Syscalls.TryPidFdOpen(state.Pid, out FileDescriptor? process) == Errno.None)
        {
            if (IsSame(state))
                return process!;
            process!.Dispose();
        }
        throw new EngineException(ErrorKind.Conflict, $"the container {container.Record.Name} does not run");
    }

    private static bool IsSame(ContainerState state) => ProcStat.TryRead(state.Pid, out ProcStat stat) && stat.StartTime == state.StartTime;

    private static bool HasEnded(FileDescriptor process, int milliseconds) => (Syscalls.Poll(process, PollEvents.In, milliseconds) & PollEvents.In) != 0;
}
