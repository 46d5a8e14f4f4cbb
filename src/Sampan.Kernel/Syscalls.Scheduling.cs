namespace Sampan.Kernel;

public static unsafe partial class Syscalls
{
    /// <summary>sched_getaffinity(2) of a thread; 0 is the caller.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static CpuSet SchedGetAffinity(int pid = 0)
    {
        ulong* words = stackalloc ulong[CpuSet.MaxCpus / 64];
        nint length = Check(Call(SyscallNumbers.sched_getaffinity, pid, CpuSet.MaxCpus / 8, (nint)words), $"sched_getaffinity({pid})");
        return new CpuSet(new ReadOnlySpan<ulong>(words, (int)length / 8).ToArray());
    }

    /// <summary>sched_setaffinity(2) of a thread; 0 is the caller.</summary>
    /// <exception cref="KernelException">The call failed; EINVAL where none of the processors is there or allowed by the cpuset.</exception>
    public static void SchedSetAffinity(int pid, CpuSet cpus)
    {
        fixed (ulong* words = cpus.Words)
        {
            _ = Check(Call(SyscallNumbers.sched_setaffinity, pid, cpus.Words.Length * sizeof(ulong), (nint)words), $"sched_setaffinity({pid}, {cpus})");
        }
    }
}
