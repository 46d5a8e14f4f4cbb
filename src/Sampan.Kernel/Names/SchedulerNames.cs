namespace Sampan.Kernel;

/// <summary>Names of scheduling policies and flags as the runtime specification spells them (config.md, Scheduler), with the numbers of sched(7) and sched_setattr(2).</summary>
public static class SchedulerNames
{
    /// <summary>Policies.</summary>
    public static readonly NameTable Policies = new(
        ("SCHED_OTHER", 0), ("SCHED_FIFO", 1), ("SCHED_RR", 2), ("SCHED_BATCH", 3), ("SCHED_ISO", 4), ("SCHED_IDLE", 5), ("SCHED_DEADLINE", 6));

    /// <summary>Flags, to be joined by or.</summary>
    public static readonly NameTable Flags = new(
        ("SCHED_FLAG_RESET_ON_FORK", 1), ("SCHED_FLAG_RECLAIM", 2), ("SCHED_FLAG_DL_OVERRUN", 4), ("SCHED_FLAG_KEEP_POLICY", 8),
        ("SCHED_FLAG_KEEP_PARAMS", 0x10), ("SCHED_FLAG_UTIL_CLAMP_MIN", 0x20), ("SCHED_FLAG_UTIL_CLAMP_MAX", 0x40));
}
