using Sampan.Kernel;

namespace Sampan.Runtime.Cgroups;

/// <summary>Stops and continues the processes of a cgroup: the freezer controller of version 1 where it is mounted, else <c>cgroup.freeze</c> of version 2.</summary>
internal static class Freezer
{
    private const int LimitMilliseconds = 10_000;

    /// <summary>Freezes and waits until it is done.</summary>
    /// <exception cref="RuntimeException">There is no freezer, or not everything stopped in time.</exception>
    public static void Freeze(CgroupState state)
    {
        if (state.Paths.TryGetValue("freezer", out string? legacy))
            FreezeLegacy(legacy);
        else
            FreezeUnified(state.UnifiedPath ?? throw Missing());
    }

    /// <summary>Thaws.</summary>
    /// <exception cref="RuntimeException">There is no freezer, or the kernel refused.</exception>
    public static void Thaw(CgroupState state)
    {
        if (state.Paths.TryGetValue("freezer", out string? legacy))
            Write(legacy, "freezer.state", "THAWED");
        else
            Write(state.UnifiedPath ?? throw Missing(), "cgroup.freeze", "0");
    }

    /// <summary>True while frozen or freezing.</summary>
    public static bool IsFrozen(CgroupState state)
    {
        if (state.Paths.TryGetValue("freezer", out string? legacy))
            return CgroupFile.Read(legacy, "freezer.state") is "FROZEN" or "FREEZING";
        return state.UnifiedPath is not null && CgroupFile.Read(state.UnifiedPath, "cgroup.freeze") == "1";
    }

    /// <summary>
    /// Version 1 can stay in FREEZING: a task that was just forked or sits in an uninterruptible sleep misses the request. Asking again helps the
    /// first, thawing for a moment the second (kernel, admin-guide/cgroup-v1/freezer-subsystem.rst).
    /// </summary>
    private static void FreezeLegacy(string directory)
    {
        long deadline = Environment.TickCount64 + LimitMilliseconds;
        for (int attempt = 1; ; attempt++)
        {
            Write(directory, "freezer.state", "FROZEN");
            string? now = CgroupFile.Read(directory, "freezer.state");
            if (now == "FROZEN")
                return;
            if (now is null || Environment.TickCount64 > deadline)
                break;
            if (attempt % 50 == 0)
                Write(directory, "freezer.state", "THAWED");
            _ = Syscalls.Poll([], attempt < 10 ? 1 : 10);
        }
        Write(directory, "freezer.state", "THAWED");
        throw new RuntimeException($"unable to freeze the cgroup {directory}: a process in it did not stop within {LimitMilliseconds / 1000} seconds");
    }

    private static void FreezeUnified(string directory)
    {
        Write(directory, "cgroup.freeze", "1");
        if (UnifiedEvents.Wait(directory, "frozen 1"u8, LimitMilliseconds))
            return;
        Write(directory, "cgroup.freeze", "0");
        throw new RuntimeException($"unable to freeze the cgroup {directory}: a process in it did not stop within {LimitMilliseconds / 1000} seconds");
    }

    private static void Write(string directory, string file, string value)
    {
        Errno error = CgroupFile.Write(directory, file, value);
        if (error != Errno.None)
            throw new RuntimeException($"cannot write \"{value}\" to {directory}/{file}: {KernelException.Describe(error)}");
    }

    private static RuntimeException Missing() => new("the container has no freezer: mount the freezer controller (version 1) or the cgroup2 file system to pause and resume");
}
