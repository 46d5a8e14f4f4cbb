namespace Sampan.Kernel;

/// <summary>The kinds of namespaces for unshare(2) and setns(2), CLONE_NEW*, and the attributes that a thread can stop sharing.</summary>
[Flags]
public enum NamespaceFlags : uint
{
    /// <summary>None; for setns(2): whatever the descriptor stands for.</summary>
    None = 0,

    /// <summary>CLONE_NEWTIME.</summary>
    Time = 0x80,

    /// <summary>CLONE_FS: root, working directory and umask of the thread; must be unshared before a mount namespace is joined.</summary>
    FileSystemAttributes = 0x200,

    /// <summary>CLONE_FILES: the descriptor table of the thread.</summary>
    Files = 0x400,

    /// <summary>CLONE_NEWNS.</summary>
    Mount = 0x20000,

    /// <summary>CLONE_NEWCGROUP.</summary>
    Cgroup = 0x02000000,

    /// <summary>CLONE_NEWUTS.</summary>
    Uts = 0x04000000,

    /// <summary>CLONE_NEWIPC.</summary>
    Ipc = 0x08000000,

    /// <summary>CLONE_NEWUSER.</summary>
    User = 0x10000000,

    /// <summary>CLONE_NEWPID.</summary>
    Pid = 0x20000000,

    /// <summary>CLONE_NEWNET.</summary>
    Network = 0x40000000,
}

/// <summary>How a process ended, the si_code of waitid(2).</summary>
public enum ExitKind
{
    /// <summary>CLD_EXITED: it returned an exit code.</summary>
    Exited = 1,

    /// <summary>CLD_KILLED: a signal ended it.</summary>
    Killed = 2,

    /// <summary>CLD_DUMPED: a signal ended it and it dumped core.</summary>
    Dumped = 3,
}

/// <summary>The end of a child, as waitid(2) reports it.</summary>
/// <param name="Pid">The child's process id.</param>
/// <param name="Kind">Whether it exited by itself or by a signal.</param>
/// <param name="Code">The exit code 0–255, or the signal's number.</param>
public readonly record struct ExitStatus(int Pid, ExitKind Kind, int Code)
{
    /// <summary>The status as shells and container engines give it: the exit code, or 128 plus the signal's number.</summary>
    public int ShellCode => Kind == ExitKind.Exited ? Code : 128 + Code;
}

/// <summary>A resource limit, as in getrlimit(2). <see cref="Infinity"/> is no limit.</summary>
/// <param name="Soft">The limit in force.</param>
/// <param name="Hard">The ceiling of the soft limit.</param>
public readonly record struct ResourceLimit(ulong Soft, ulong Hard)
{
    /// <summary>RLIM_INFINITY.</summary>
    public const ulong Infinity = ulong.MaxValue;
}
