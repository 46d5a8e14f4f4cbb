using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sampan.Kernel.Children;

/// <summary>Flags of clone3(2), setns(2) and unshare(2).</summary>
[Flags]
public enum CloneFlags : ulong
{
    /// <summary>A plain fork.</summary>
    None = 0,

    /// <summary>CLONE_NEWTIME.</summary>
    NewTime = 0x80,

    /// <summary>CLONE_PARENT: the new process is a sibling, not a child.</summary>
    Parent = 0x8000,

    /// <summary>CLONE_NEWNS.</summary>
    NewMount = 0x20000,

    /// <summary>CLONE_PIDFD.</summary>
    PidFd = 0x1000,

    /// <summary>CLONE_NEWCGROUP.</summary>
    NewCgroup = 0x2000000,

    /// <summary>CLONE_NEWUTS.</summary>
    NewUts = 0x4000000,

    /// <summary>CLONE_NEWIPC.</summary>
    NewIpc = 0x8000000,

    /// <summary>CLONE_NEWUSER.</summary>
    NewUser = 0x10000000,

    /// <summary>CLONE_NEWPID.</summary>
    NewPid = 0x20000000,

    /// <summary>CLONE_NEWNET.</summary>
    NewNetwork = 0x40000000,

    /// <summary>CLONE_CLEAR_SIGHAND: every handler becomes the default one.</summary>
    ClearSignalHandlers = 0x100000000,

    /// <summary>CLONE_INTO_CGROUP.</summary>
    IntoCgroup = 0x200000000,
}

/// <summary>A running child that replays a program.</summary>
/// <param name="Pid">Its process id, as the parent sees it.</param>
/// <param name="PidFd">A descriptor of the process, immune to the reuse of pids.</param>
public readonly record struct ChildProcess(int Pid, FileDescriptor PidFd)
{
    /// <summary>clone3(2): makes the child and lets it replay <paramref name="program"/>.</summary>
    /// <param name="program">The program; it can be disposed as soon as this returns.</param>
    /// <param name="flags">Namespaces and more; CLONE_PIDFD and CLONE_CLEAR_SIGHAND are added.</param>
    /// <param name="report">Where the child writes its reports; inherited, open in the child.</param>
    /// <param name="cgroup">A v2 cgroup directory to be born in, or null.</param>
    /// <exception cref="KernelException">The kernel refused the clone.</exception>
    /// <remarks>
    /// All signals are blocked around the call, so that no handler of the managed runtime runs in the child before its handlers are gone;
    /// the child's program begins with <see cref="ChildProgram.ResetSignals"/>, which unblocks them.
    /// </remarks>
    public static unsafe ChildProcess Start(ChildProgram program, CloneFlags flags, FileDescriptor report, FileDescriptor? cgroup = null)
    {
        ReplayState* state = program.Seal(report.Number);
        if (RuntimeFeature.IsDynamicCodeCompiled)
            ChildReplay.Prepare(state);
        int pidFd = -1;
        var arguments = new CloneArguments
        {
            Flags = (ulong)(flags | CloneFlags.PidFd | CloneFlags.ClearSignalHandlers | (cgroup is null ? 0 : CloneFlags.IntoCgroup)),
            PidFd = (ulong)(nint)(&pidFd),
            ExitSignal = 17, // SIGCHLD
            Cgroup = cgroup is null ? 0 : (ulong)cgroup.Number,
        };
        ulong mask = Syscalls.BlockAllSignals();
        nint pid = ChildReplay.CloneAndReplay(state, SyscallNumbers.clone3, (nint)(&arguments), sizeof(CloneArguments));
        Syscalls.RestoreSignals(mask);
        if (pid < 0)
            throw new KernelException($"clone3({flags})", (Errno)(-pid));
        return new ChildProcess((int)pid, new FileDescriptor(pidFd));
    }
}

/// <summary>struct clone_args of clone3(2).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct CloneArguments
{
    public ulong Flags, PidFd, ChildTid, ParentTid, ExitSignal, Stack, StackSize, Tls, SetTid, SetTidSize, Cgroup;
}
