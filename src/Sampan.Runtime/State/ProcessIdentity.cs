using Sampan.Kernel;

namespace Sampan.Runtime.State;

/// <summary>
/// A process, told apart from a later one that got the same number: pid and start time. Two processes of one boot with the same pid
/// cannot have the same start time, because the number comes round only after the older one was reaped.
/// </summary>
/// <param name="Pid">The process number in the runtime's pid namespace; 0 where there is no process yet.</param>
/// <param name="StartTime">Clock ticks since boot: field 22 of /proc/PID/stat, proc_pid_stat(5).</param>
public readonly record struct ProcessIdentity(int Pid, ulong StartTime)
{
    /// <summary>True while this very process exists and is not a zombie.</summary>
    /// <exception cref="KernelException">/proc does not let us see the process.</exception>
    public bool IsAlive => Pid > 0 && ProcStat.TryRead(Pid, out ProcStat stat) && stat.StartTime == StartTime && !stat.IsDead;

    /// <summary>Reads the identity of the process that has <paramref name="pid"/> now; a start time of 0 where there is none.</summary>
    /// <exception cref="KernelException">/proc does not let us see the process.</exception>
    public static ProcessIdentity Of(int pid) => new(pid, ProcStat.TryRead(pid, out ProcStat stat) ? stat.StartTime : 0);
}
