using System.Runtime.InteropServices;

namespace Sampan.Kernel;

/// <summary>System call numbers of the architecture the program runs on (x86-64 or arm64), named as in syscalls(2).</summary>
public static partial class SyscallNumbers
{
    private static bool IsArm64 => RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    /// <summary>accept4(2).</summary>
    public static nint accept4 => IsArm64 ? 242 : 288;

    /// <summary>add_key(2).</summary>
    public static nint add_key => IsArm64 ? 217 : 248;

    /// <summary>bind(2).</summary>
    public static nint bind => IsArm64 ? 200 : 49;

    /// <summary>bpf(2).</summary>
    public static nint bpf => IsArm64 ? 280 : 321;

    /// <summary>capget(2).</summary>
    public static nint capget => IsArm64 ? 90 : 125;

    /// <summary>capset(2).</summary>
    public static nint capset => IsArm64 ? 91 : 126;

    /// <summary>clock_nanosleep(2).</summary>
    public static nint clock_nanosleep => IsArm64 ? 115 : 230;

    /// <summary>clone(2).</summary>
    public static nint clone => IsArm64 ? 220 : 56;

    /// <summary>clone3(2).</summary>
    public static nint clone3 => IsArm64 ? 435 : 435;

    /// <summary>connect(2).</summary>
    public static nint connect => IsArm64 ? 203 : 42;

    /// <summary>epoll_create1(2).</summary>
    public static nint epoll_create1 => IsArm64 ? 20 : 291;

    /// <summary>epoll_ctl(2).</summary>
    public static nint epoll_ctl => IsArm64 ? 21 : 233;

    /// <summary>epoll_pwait(2).</summary>
    public static nint epoll_pwait => IsArm64 ? 22 : 281;

    /// <summary>eventfd2(2).</summary>
    public static nint eventfd2 => IsArm64 ? 19 : 290;

    /// <summary>execve(2).</summary>
    public static nint execve => IsArm64 ? 221 : 59;

    /// <summary>execveat(2).</summary>
    public static nint execveat => IsArm64 ? 281 : 322;

    /// <summary>exit_group(2).</summary>
    public static nint exit_group => IsArm64 ? 94 : 231;

    /// <summary>getegid(2).</summary>
    public static nint getegid => IsArm64 ? 177 : 108;

    /// <summary>geteuid(2).</summary>
    public static nint geteuid => IsArm64 ? 175 : 107;

    /// <summary>getgid(2).</summary>
    public static nint getgid => IsArm64 ? 176 : 104;

    /// <summary>getpid(2).</summary>
    public static nint getpid => IsArm64 ? 172 : 39;

    /// <summary>getppid(2).</summary>
    public static nint getppid => IsArm64 ? 173 : 110;

    /// <summary>getrandom(2).</summary>
    public static nint getrandom => IsArm64 ? 278 : 318;

    /// <summary>getsockname(2).</summary>
    public static nint getsockname => IsArm64 ? 204 : 51;

    /// <summary>getsockopt(2).</summary>
    public static nint getsockopt => IsArm64 ? 209 : 55;

    /// <summary>gettid(2).</summary>
    public static nint gettid => IsArm64 ? 178 : 186;

    /// <summary>getuid(2).</summary>
    public static nint getuid => IsArm64 ? 174 : 102;

    /// <summary>ioprio_get(2).</summary>
    public static nint ioprio_get => IsArm64 ? 31 : 252;

    /// <summary>ioprio_set(2).</summary>
    public static nint ioprio_set => IsArm64 ? 30 : 251;

    /// <summary>keyctl(2).</summary>
    public static nint keyctl => IsArm64 ? 219 : 250;

    /// <summary>kill(2).</summary>
    public static nint kill => IsArm64 ? 129 : 62;

    /// <summary>landlock_add_rule(2).</summary>
    public static nint landlock_add_rule => IsArm64 ? 445 : 445;

    /// <summary>landlock_create_ruleset(2).</summary>
    public static nint landlock_create_ruleset => IsArm64 ? 444 : 444;

    /// <summary>landlock_restrict_self(2).</summary>
    public static nint landlock_restrict_self => IsArm64 ? 446 : 446;

    /// <summary>listen(2).</summary>
    public static nint listen => IsArm64 ? 201 : 50;

    /// <summary>mmap(2).</summary>
    public static nint mmap => IsArm64 ? 222 : 9;

    /// <summary>mprotect(2).</summary>
    public static nint mprotect => IsArm64 ? 226 : 10;

    /// <summary>munmap(2).</summary>
    public static nint munmap => IsArm64 ? 215 : 11;

    /// <summary>nanosleep(2).</summary>
    public static nint nanosleep => IsArm64 ? 101 : 35;

    /// <summary>personality(2).</summary>
    public static nint personality => IsArm64 ? 92 : 135;

    /// <summary>pidfd_getfd(2).</summary>
    public static nint pidfd_getfd => IsArm64 ? 438 : 438;

    /// <summary>pidfd_open(2).</summary>
    public static nint pidfd_open => IsArm64 ? 434 : 434;

    /// <summary>pidfd_send_signal(2).</summary>
    public static nint pidfd_send_signal => IsArm64 ? 424 : 424;

    /// <summary>ppoll(2).</summary>
    public static nint ppoll => IsArm64 ? 73 : 271;

    /// <summary>prctl(2).</summary>
    public static nint prctl => IsArm64 ? 167 : 157;

    /// <summary>prlimit64(2).</summary>
    public static nint prlimit64 => IsArm64 ? 261 : 302;

    /// <summary>recvfrom(2).</summary>
    public static nint recvfrom => IsArm64 ? 207 : 45;

    /// <summary>recvmsg(2).</summary>
    public static nint recvmsg => IsArm64 ? 212 : 47;

    /// <summary>rt_sigaction(2).</summary>
    public static nint rt_sigaction => IsArm64 ? 134 : 13;

    /// <summary>rt_sigprocmask(2).</summary>
    public static nint rt_sigprocmask => IsArm64 ? 135 : 14;

    /// <summary>sched_getaffinity(2).</summary>
    public static nint sched_getaffinity => IsArm64 ? 123 : 204;

    /// <summary>sched_getattr(2).</summary>
    public static nint sched_getattr => IsArm64 ? 275 : 315;

    /// <summary>sched_setaffinity(2).</summary>
    public static nint sched_setaffinity => IsArm64 ? 122 : 203;

    /// <summary>sched_setattr(2).</summary>
    public static nint sched_setattr => IsArm64 ? 274 : 314;

    /// <summary>seccomp(2).</summary>
    public static nint seccomp => IsArm64 ? 277 : 317;

    /// <summary>sendmsg(2).</summary>
    public static nint sendmsg => IsArm64 ? 211 : 46;

    /// <summary>sendto(2).</summary>
    public static nint sendto => IsArm64 ? 206 : 44;

    /// <summary>set_mempolicy(2).</summary>
    public static nint set_mempolicy => IsArm64 ? 237 : 238;

    /// <summary>setdomainname(2).</summary>
    public static nint setdomainname => IsArm64 ? 162 : 171;

    /// <summary>setgid(2).</summary>
    public static nint setgid => IsArm64 ? 144 : 106;

    /// <summary>setgroups(2).</summary>
    public static nint setgroups => IsArm64 ? 159 : 116;

    /// <summary>sethostname(2).</summary>
    public static nint sethostname => IsArm64 ? 161 : 170;

    /// <summary>setns(2).</summary>
    public static nint setns => IsArm64 ? 268 : 308;

    /// <summary>setpgid(2).</summary>
    public static nint setpgid => IsArm64 ? 154 : 109;

    /// <summary>setresgid(2).</summary>
    public static nint setresgid => IsArm64 ? 149 : 119;

    /// <summary>setresuid(2).</summary>
    public static nint setresuid => IsArm64 ? 147 : 117;

    /// <summary>setsid(2).</summary>
    public static nint setsid => IsArm64 ? 157 : 112;

    /// <summary>setsockopt(2).</summary>
    public static nint setsockopt => IsArm64 ? 208 : 54;

    /// <summary>setuid(2).</summary>
    public static nint setuid => IsArm64 ? 146 : 105;

    /// <summary>shutdown(2).</summary>
    public static nint shutdown => IsArm64 ? 210 : 48;

    /// <summary>signalfd4(2).</summary>
    public static nint signalfd4 => IsArm64 ? 74 : 289;

    /// <summary>socket(2).</summary>
    public static nint socket => IsArm64 ? 198 : 41;

    /// <summary>socketpair(2).</summary>
    public static nint socketpair => IsArm64 ? 199 : 53;

    /// <summary>sysinfo(2).</summary>
    public static nint sysinfo => IsArm64 ? 179 : 99;

    /// <summary>tgkill(2).</summary>
    public static nint tgkill => IsArm64 ? 131 : 234;

    /// <summary>timerfd_create(2).</summary>
    public static nint timerfd_create => IsArm64 ? 85 : 283;

    /// <summary>timerfd_settime(2).</summary>
    public static nint timerfd_settime => IsArm64 ? 86 : 286;

    /// <summary>uname(2).</summary>
    public static nint uname => IsArm64 ? 160 : 63;

    /// <summary>unshare(2).</summary>
    public static nint unshare => IsArm64 ? 97 : 272;

    /// <summary>wait4(2).</summary>
    public static nint wait4 => IsArm64 ? 260 : 61;

    /// <summary>waitid(2).</summary>
    public static nint waitid => IsArm64 ? 95 : 247;
}
