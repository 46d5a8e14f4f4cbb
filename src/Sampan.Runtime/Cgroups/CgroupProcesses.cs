using Sampan.Kernel;

namespace Sampan.Runtime.Cgroups;

/// <summary>The processes of a cgroup, and signals to them.</summary>
internal static class CgroupProcesses
{
    private const int SigKill = 9;

    /// <summary>All directories of the cgroup, each once.</summary>
    public static List<string> Directories(CgroupState state)
    {
        var directories = new List<string>(state.Paths.Count + 1);
        foreach (string directory in state.Paths.Values)
        {
            if (!directories.Contains(directory))
                directories.Add(directory);
        }
        if (state.UnifiedPath is not null)
            directories.Add(state.UnifiedPath);
        return directories;
    }

    /// <summary>All process ids in it and below. Where there are several hierarchies, that of the devices decides: nothing but a runtime moves a process there.</summary>
    public static List<int> List(CgroupState state)
    {
        var processes = new List<int>();
        string? directory = state.Version == CgroupVersion.V2 ? state.UnifiedPath : Main(state);
        if (directory is not null)
            CgroupFile.AddProcesses(directory, processes);
        return processes;
    }

    /// <summary>Signals all of them.</summary>
    /// <exception cref="RuntimeException">The caller may not signal a process.</exception>
    public static void Signal(CgroupState state, int signal)
    {
        if (signal == SigKill)
        {
            KillAll(state);
            return;
        }
        SignalEach(List(state), signal);
    }

    /// <summary>
    /// <c>cgroup.kill</c> takes those too that fork at this moment. Without it the cgroup is frozen first, so that nothing forks, and thawed after:
    /// a task frozen by version 1 does not die before.
    /// </summary>
    public static void KillAll(CgroupState state)
    {
        bool hasLegacyFreezer = state.Paths.ContainsKey("freezer");
        if (state.UnifiedPath is not null && CgroupFile.Write(state.UnifiedPath, "cgroup.kill", "1") == Errno.None)
        {
            if (state.Version == CgroupVersion.V2)
                return;
            List<int> left = List(state);
            if (left.Count > 0)
                SignalEach(left, SigKill);
        }
        else if (List(state).Count > 0)
        {
            bool frozen = TryFreeze(state);
            SignalEach(List(state), SigKill);
            if (frozen && !hasLegacyFreezer)
                _ = CgroupFile.Write(state.UnifiedPath!, "cgroup.freeze", "0");
        }
        if (hasLegacyFreezer && Freezer.IsFrozen(state))
            Freezer.Thaw(state);
    }

    private static bool TryFreeze(CgroupState state)
    {
        if (!state.Paths.ContainsKey("freezer") && state.UnifiedPath is null)
            return false;
        try
        {
            Freezer.Freeze(state);
            return true;
        }
        catch (RuntimeException)
        {
            return false;
        }
    }

    private static void SignalEach(List<int> processes, int signal)
    {
        foreach (int pid in processes)
        {
            Errno error = Syscalls.TryKill(pid, signal);
            if (error is not (Errno.None or Errno.ESRCH))
                throw new RuntimeException($"cannot send signal {signal} to process {pid}: {KernelException.Describe(error)}");
        }
    }

    private static string? Main(CgroupState state)
    {
        foreach (string controller in (ReadOnlySpan<string>)["devices", "pids", "freezer", "memory"])
        {
            if (state.Paths.TryGetValue(controller, out string? directory))
                return directory;
        }
        foreach (string directory in state.Paths.Values)
            return directory;
        return state.UnifiedPath;
    }
}
