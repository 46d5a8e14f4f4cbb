using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Sampan.Kernel;

public static unsafe partial class Syscalls
{
    private const int WaitExited = 4, WaitNoHang = 1, WaitAllChildren = 0x40000000;

    /// <summary>kill(2). Signal 0 only asks whether the process is there and may be signalled.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void Kill(int pid, int signal) => ThrowIfFailed(TryKill(pid, signal), $"kill({pid}, {signal})");

    /// <summary>As <see cref="Kill"/>, but returns the error.</summary>
    public static Errno TryKill(int pid, int signal) => ToErrno(Call(SyscallNumbers.kill, pid, signal));

    /// <summary>tgkill(2): a signal to one thread of a process.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void TgKill(int pid, int tid, int signal) => Check(Call(SyscallNumbers.tgkill, pid, tid, signal), $"tgkill({pid}, {tid}, {signal})");

    /// <summary>pidfd_open(2): a descriptor that stands for the process, whatever becomes of its number. It is readable when the process has ended.</summary>
    /// <exception cref="KernelException">The call failed; ESRCH where there is no such process.</exception>
    public static FileDescriptor PidFdOpen(int pid)
    {
        Errno error = TryPidFdOpen(pid, out FileDescriptor? pidFd);
        return pidFd ?? throw new KernelException($"pidfd_open({pid})", error);
    }

    /// <summary>As <see cref="PidFdOpen"/>, but returns the error.</summary>
    public static Errno TryPidFdOpen(int pid, out FileDescriptor? pidFd) => Opened(Call(SyscallNumbers.pidfd_open, pid), out pidFd);

    /// <summary>pidfd_send_signal(2).</summary>
    /// <exception cref="KernelException">The call failed; ESRCH where the process has ended.</exception>
    public static void PidFdSendSignal(FileDescriptor pidFd, int signal) =>
        ThrowIfFailed(TryPidFdSendSignal(pidFd, signal), $"pidfd_send_signal({pidFd.Number}, {signal})");

    /// <summary>As <see cref="PidFdSendSignal"/>, but returns the error.</summary>
    public static Errno TryPidFdSendSignal(FileDescriptor pidFd, int signal) => ToErrno(Call(SyscallNumbers.pidfd_send_signal, pidFd.Number, signal));

    /// <summary>pidfd_getfd(2): a copy of another process's descriptor. Needs ptrace rights over it.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static FileDescriptor PidFdGetFd(FileDescriptor pidFd, int number) =>
        new((int)Check(Call(SyscallNumbers.pidfd_getfd, pidFd.Number, number), $"pidfd_getfd({pidFd.Number}, {number})"));

    /// <summary>waitid(P_PID): waits for the end of a child and takes its status. Null only when <paramref name="wait"/> is false and it still runs.</summary>
    /// <exception cref="KernelException">The call failed; ECHILD where it is no child of this process.</exception>
    public static ExitStatus? WaitId(int pid, bool wait = true) => WaitId(1, pid, wait, () => $"waitid(P_PID, {pid})");

    /// <summary>waitid(P_PIDFD), as <see cref="WaitId(int, bool)"/>.</summary>
    /// <exception cref="KernelException">The call failed; ECHILD where it is no child of this process.</exception>
    public static ExitStatus? WaitId(FileDescriptor pidFd, bool wait = true) => WaitId(3, pidFd.Number, wait, () => $"waitid(P_PIDFD, {pidFd.Number})");

    /// <summary>waitid(P_ALL): the end of any child, for a process that adopts orphans. Null when none has ended or, without error, when there is none at all.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static ExitStatus? WaitAny(bool wait)
    {
        Errno error = TryWaitId(0, 0, wait, out ExitStatus? status);
        if (error != Errno.ECHILD)
            ThrowIfFailed(error, "waitid(P_ALL)");
        return status;
    }

    private static ExitStatus? WaitId(int kind, int id, bool wait, FormattableCall call)
    {
        ThrowIfFailed(TryWaitId(kind, id, wait, out ExitStatus? status), call);
        return status;
    }

    private static Errno TryWaitId(int kind, int id, bool wait, out ExitStatus? status)
    {
        // siginfo_t of SIGCHLD: si_signo, si_errno, si_code, padding, si_pid, si_uid, si_status; 128 bytes in all (sigaction(2)).
        int* info = stackalloc int[32];
        info[4] = 0;
        nint result = Retry(SyscallNumbers.waitid, kind, id, (nint)info, WaitExited | WaitAllChildren | (wait ? 0 : WaitNoHang));
        status = result < 0 || info[4] == 0 ? null : new ExitStatus(info[4], (ExitKind)info[2], info[6]);
        return ToErrno(result);
    }

    /// <summary>getpid(2), in the reader's own pid namespace.</summary>
    public static int GetPid() => (int)Call(SyscallNumbers.getpid);

    /// <summary>getppid(2); 0 where the parent is outside the pid namespace.</summary>
    public static int GetPPid() => (int)Call(SyscallNumbers.getppid);

    /// <summary>gettid(2).</summary>
    public static int GetTid() => (int)Call(SyscallNumbers.gettid);

    /// <summary>getuid(2).</summary>
    public static uint GetUid() => (uint)Call(SyscallNumbers.getuid);

    /// <summary>geteuid(2).</summary>
    public static uint GetEuid() => (uint)Call(SyscallNumbers.geteuid);

    /// <summary>getgid(2).</summary>
    public static uint GetGid() => (uint)Call(SyscallNumbers.getgid);

    /// <summary>getegid(2).</summary>
    public static uint GetEgid() => (uint)Call(SyscallNumbers.getegid);

    /// <summary>setns(2), of the calling thread only. Mount namespaces need <see cref="NamespaceFlags.FileSystemAttributes"/> unshared first; a user namespace cannot be joined by a process with threads.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void SetNs(FileDescriptor namespaceFile, NamespaceFlags kinds = NamespaceFlags.None) =>
        Check(Call(SyscallNumbers.setns, namespaceFile.Number, (nint)kinds), $"setns({namespaceFile.Number}, {kinds})");

    /// <summary>unshare(2), of the calling thread only; CLONE_NEWUSER fails in a process with threads.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void Unshare(NamespaceFlags kinds) => Check(Call(SyscallNumbers.unshare, (nint)kinds), $"unshare({kinds})");

    /// <summary>seccomp(SECCOMP_SET_MODE_FILTER) without a filter: the kernel looks at the flags first (EINVAL) and then for the filter (EFAULT).</summary>
    public static bool SeccompTakesFlags(uint flags) => Call(SyscallNumbers.seccomp, 1, (nint)flags, 0) == -(nint)Errno.EFAULT;

    /// <summary>prctl(PR_SET_DUMPABLE): whether other processes of the user may trace this one and read its /proc files.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void SetDumpable(bool dumpable) => Check(Call(SyscallNumbers.prctl, 4, dumpable ? 1 : 0), $"prctl(PR_SET_DUMPABLE, {(dumpable ? 1 : 0)})");

    /// <summary>prctl(PR_GET_DUMPABLE): 0 no, 1 yes, 2 readable by root only.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static int GetDumpable() => (int)Check(Call(SyscallNumbers.prctl, 3), "prctl(PR_GET_DUMPABLE)");

    /// <summary>prctl(PR_SET_CHILD_SUBREAPER): whether orphans below this process become its children.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void SetChildSubreaper(bool on) => Check(Call(SyscallNumbers.prctl, 36, on ? 1 : 0), $"prctl(PR_SET_CHILD_SUBREAPER, {(on ? 1 : 0)})");

    /// <summary>prctl(PR_GET_CHILD_SUBREAPER).</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static bool GetChildSubreaper()
    {
        int on;
        _ = Check(Call(SyscallNumbers.prctl, 37, (nint)(&on)), "prctl(PR_GET_CHILD_SUBREAPER)");
        return on != 0;
    }

    /// <summary>prctl(PR_SET_PDEATHSIG): the signal that the calling process gets when its parent ends; 0 for none.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void SetParentDeathSignal(int signal) => Check(Call(SyscallNumbers.prctl, 1, signal), $"prctl(PR_SET_PDEATHSIG, {signal})");

    /// <summary>prlimit64(2), reading. Pid 0 is the caller.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static ResourceLimit GetPrLimit(int pid, RlimitResource resource)
    {
        ResourceLimit limit;
        _ = Check(Call(SyscallNumbers.prlimit64, pid, (nint)resource, 0, (nint)(&limit)), $"prlimit64({pid}, {RlimitResources.NameOf(resource)})");
        return limit;
    }

    /// <summary>prlimit64(2), writing. Pid 0 is the caller; another's needs CAP_SYS_RESOURCE, as does a higher hard limit.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void SetPrLimit(int pid, RlimitResource resource, ResourceLimit limit) =>
        ThrowIfFailed(
            ToErrno(Call(SyscallNumbers.prlimit64, pid, (nint)resource, (nint)(&limit), 0)),
            FormatPrLimit(pid, resource, limit));

    private static FormattableCall FormatPrLimit(int pid, RlimitResource resource, ResourceLimit limit) =>
        () => $"prlimit64({pid}, {RlimitResources.NameOf(resource)}, soft={limit.Soft}, hard={limit.Hard})";

    /// <summary>setsid(2): the caller leads a new session without a terminal.</summary>
    /// <exception cref="KernelException">The call failed; EPERM where it leads a process group already.</exception>
    public static void SetSid() => Check(Call(SyscallNumbers.setsid), "setsid()");

    /// <summary>exit_group(2): ends the process at once. Nothing that the .NET runtime or the C library does at an end is done.</summary>
    [DoesNotReturn]
    public static void ExitGroup(int status)
    {
        _ = Call(SyscallNumbers.exit_group, status);
        throw new InvalidOperationException("exit_group(2) does not return");
    }

    /// <summary>sethostname(2), of the caller's uts namespace.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void SetHostName(string name) => SetUtsName(SyscallNumbers.sethostname, "sethostname", name);

    /// <summary>setdomainname(2), of the caller's uts namespace.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void SetDomainName(string name) => SetUtsName(SyscallNumbers.setdomainname, "setdomainname", name);

    private static void SetUtsName(nint number, string call, string name)
    {
        using var native = new NativeString(name);
        _ = Check(Call(number, native.Address, System.Text.Encoding.UTF8.GetByteCount(name)), $"{call}({Quote(name)})");
    }

    /// <summary>umask(2); returns the mask before.</summary>
    public static uint Umask(uint mask) => (uint)Call(SyscallNumbers.umask, (nint)mask);

    /// <summary>chdir(2).</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void ChDir(string path)
    {
        using var native = new NativeString(path);
        _ = Check(Call(SyscallNumbers.chdir, native.Address), $"chdir({Quote(path)})");
    }

    /// <summary>fchdir(2).</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void FChDir(FileDescriptor directory) => Check(Call(SyscallNumbers.fchdir, directory.Number), $"fchdir({directory.Number})");

    /// <summary>chroot(2), of the calling thread and those that share its root.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void ChRoot(string path)
    {
        using var native = new NativeString(path);
        _ = Check(Call(SyscallNumbers.chroot, native.Address), $"chroot({Quote(path)})");
    }

    /// <summary>execve(2): replaces the program; all other threads end. Returns only by throwing.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void ExecVe(string path, IReadOnlyList<string> arguments, IReadOnlyList<string> environment)
    {
        using var native = new NativeString(path);
        using var nativeArguments = new NativeStringArray(arguments);
        using var nativeEnvironment = new NativeStringArray(environment);
        _ = Check(Call(SyscallNumbers.execve, native.Address, nativeArguments.Address, nativeEnvironment.Address), $"execve({Quote(path)})");
    }

    /// <summary>execveat(AT_EMPTY_PATH): as <see cref="ExecVe"/>, of the file that a descriptor stands for. A script needs the descriptor to stay open.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void ExecVeAt(FileDescriptor program, IReadOnlyList<string> arguments, IReadOnlyList<string> environment)
    {
        using var native = new NativeString("");
        using var nativeArguments = new NativeStringArray(arguments);
        using var nativeEnvironment = new NativeStringArray(environment);
        _ = Check(
            Call(SyscallNumbers.execveat, program.Number, native.Address, nativeArguments.Address, nativeEnvironment.Address, 0x1000),
            $"execveat({program.Number}, \"\", AT_EMPTY_PATH)");
    }

    /// <summary>close_range(2) from <paramref name="first"/> to the last descriptor. With <paramref name="closeOnExec"/> they are only marked.</summary>
    /// <returns>The error; ENOSYS before Linux 5.9, EINVAL for the mark before 5.11.</returns>
    public static Errno TryCloseRange(int first, bool closeOnExec) =>
        ToErrno(Call(SyscallNumbers.close_range, first, unchecked((nint)uint.MaxValue), closeOnExec ? 4 : 0));

    /// <summary>getrandom(2).</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void GetRandom(Span<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            fixed (byte* bytes = buffer)
            {
                buffer = buffer[(int)Check(Retry(SyscallNumbers.getrandom, (nint)bytes, buffer.Length), "getrandom()")..];
            }
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct CapHeader
    {
        public uint Version;
        public int Pid;
    }
}
