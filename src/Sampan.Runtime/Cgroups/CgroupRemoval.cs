using Sampan.Kernel;
using Sampan.Runtime.Cgroups.Systemd;

namespace Sampan.Runtime.Cgroups;

/// <summary>Removes the directories of a cgroup, and what is in them.</summary>
internal static class CgroupRemoval
{
    private const int LimitMilliseconds = 10_000;
    private const int OthersMilliseconds = 500;

    /// <summary>Removes; the ordinary case, an empty cgroup, is one rmdir(2) per hierarchy.</summary>
    /// <param name="state">Where the cgroup is.</param>
    /// <param name="ownsAll">Whether what is left in it may be killed, asked where something is; null for yes.</param>
    /// <exception cref="RuntimeException">Something was still in it when the time was over.</exception>
    public static void Remove(CgroupState state, Func<bool>? ownsAll)
    {
        List<string> left = [];
        foreach (string directory in CgroupProcesses.Directories(state))
        {
            if (CgroupFile.RemoveDirectory(directory) != Errno.None)
                left.Add(directory);
        }
        if (left.Count > 0 && (ownsAll is null || ownsAll() || !LeaveToOthers(state, left)))
            RemoveUsed(state, left);
    }

    /// <summary>
    /// Removes what a create left that was killed before its state named the cgroup. Only empty directories go, and nothing is killed: no process was in it
    /// yet, and one that is in it now belongs to another container of the same path.
    /// </summary>
    public static void RemoveEmpty(CgroupLayout layout, CgroupRequest request)
    {
        try
        {
            if (request.Systemd)
                request = request with { CgroupsPath = SystemdDriver.PathOf(request), Systemd = false };
            Cgroup.Open(Cgroup.Plan(request, layout)!).DeleteEmpty();
        }
        catch (RuntimeException)
        {
            // The path is none, or systemd is not there: then create has made nothing either.
        }
    }

    /// <summary>Removes the directories, each as soon as nothing is in it, and leaves those that are in use half a second later.</summary>
    public static void RemoveWhenEmpty(CgroupState state)
    {
        List<string> left = CgroupProcesses.Directories(state);
        long deadline = Environment.TickCount64 + OthersMilliseconds;
        while (true)
        {
            for (int i = left.Count - 1; i >= 0; i--)
            {
                if (CgroupFile.RemoveDirectory(left[i]) != Errno.EBUSY)
                    left.RemoveAt(i);
            }
            if (left.Count == 0 || Environment.TickCount64 > deadline)
                return;
            _ = Syscalls.Poll([], 5);
        }
    }

    /// <summary>
    /// Removes what is empty as soon as the processes that have died are out of it; where others live in it, it stays for them, and the answer is true.
    /// </summary>
    private static bool LeaveToOthers(CgroupState state, List<string> left)
    {
        long deadline = Environment.TickCount64 + OthersMilliseconds;
        while (true)
        {
            _ = left.RemoveAll(directory => RemoveTree(directory) == Errno.None);
            if (left.Count == 0)
                return true;
            if (Environment.TickCount64 > deadline)
                return CgroupProcesses.List(state).Count > 0;
            _ = Syscalls.Poll([], 5);
        }
    }

    /// <summary>
    /// EBUSY means processes that still live, or that have died a moment ago and are not yet taken out of the cgroup, or cgroups below.
    /// </summary>
    private static void RemoveUsed(CgroupState state, List<string> left)
    {
        long deadline = Environment.TickCount64 + LimitMilliseconds;
        for (int attempt = 0; ; attempt++)
        {
            if (attempt % 16 == 0)
                CgroupProcesses.KillAll(state);
            Errno error = Errno.None;
            for (int i = left.Count - 1; i >= 0; i--)
            {
                if (attempt > 0 && attempt % 16 == 0)
                    KillIn(left[i]);
                Errno one = RemoveTree(left[i]);
                if (one == Errno.None)
                    left.RemoveAt(i);
                else
                    error = one;
            }
            if (left.Count == 0)
                return;
            if (error is not (Errno.EBUSY or Errno.ENOTEMPTY) || Environment.TickCount64 > deadline)
                throw new RuntimeException($"cannot remove the cgroup {left[0]}: {KernelException.Describe(error)}; a process in it may hang in the kernel, see {left[0]}/cgroup.procs");
            if (state.UnifiedPath is null || attempt > 0 || !UnifiedEvents.Wait(state.UnifiedPath, "populated 0"u8, LimitMilliseconds / 2))
                _ = Syscalls.Poll([], attempt < 5 ? 1 : attempt < 50 ? 5 : 50);
        }
    }

    /// <summary>A process can be in one hierarchy's cgroup only, when somebody put it there by hand.</summary>
    private static void KillIn(string directory)
    {
        var processes = new List<int>();
        CgroupFile.AddProcesses(directory, processes);
        foreach (int pid in processes)
            _ = Syscalls.TryKill(pid, 9);
    }

    private static Errno RemoveTree(string directory)
    {
        Errno error = CgroupFile.RemoveDirectory(directory);
        if (error is not (Errno.EBUSY or Errno.ENOTEMPTY))
            return error;
        List<string> children = CgroupFile.Children(directory);
        if (children.Count == 0)
            return error;
        foreach (string child in children)
        {
            error = RemoveTree(directory + "/" + child);
            if (error != Errno.None)
                return error;
        }
        return CgroupFile.RemoveDirectory(directory);
    }
}
