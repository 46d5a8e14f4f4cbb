namespace Sampan.Oci;

/// <summary>The names that the specification and the kernel define. Kernels and architectures may support fewer of them.</summary>
public static class KnownNames
{
    private static readonly string[] s_capabilities =
    [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID",
        "CAP_SETPCAP", "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_IPC_LOCK",
        "CAP_IPC_OWNER", "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE", "CAP_SYS_PACCT", "CAP_SYS_ADMIN",
        "CAP_SYS_BOOT", "CAP_SYS_NICE", "CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD", "CAP_LEASE",
        "CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL", "CAP_SETFCAP", "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG", "CAP_WAKE_ALARM",
        "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE",
    ];

    private static readonly string[] s_namespaces = ["cgroup", "ipc", "mount", "network", "pid", "time", "user", "uts"];

    private static readonly string[] s_hooks = ["prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"];

    private static readonly string[] s_rlimits =
    [
        "RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_DATA", "RLIMIT_STACK", "RLIMIT_CORE", "RLIMIT_RSS", "RLIMIT_NPROC", "RLIMIT_NOFILE",
        "RLIMIT_MEMLOCK", "RLIMIT_AS", "RLIMIT_LOCKS", "RLIMIT_SIGPENDING", "RLIMIT_MSGQUEUE", "RLIMIT_NICE", "RLIMIT_RTPRIO", "RLIMIT_RTTIME",
    ];

    private static readonly string[] s_seccompActions =
    [
        "SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "SCMP_ACT_KILL", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD", "SCMP_ACT_LOG",
        "SCMP_ACT_NOTIFY", "SCMP_ACT_TRACE", "SCMP_ACT_TRAP",
    ];

    private static readonly string[] s_seccompOperators =
        ["SCMP_CMP_EQ", "SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_LE", "SCMP_CMP_LT", "SCMP_CMP_MASKED_EQ", "SCMP_CMP_NE"];

    private static readonly string[] s_seccompArchitectures =
    [
        "SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM", "SCMP_ARCH_LOONGARCH64", "SCMP_ARCH_M68K", "SCMP_ARCH_MIPS", "SCMP_ARCH_MIPS64", "SCMP_ARCH_MIPS64N32",
        "SCMP_ARCH_MIPSEL", "SCMP_ARCH_MIPSEL64", "SCMP_ARCH_MIPSEL64N32", "SCMP_ARCH_PARISC", "SCMP_ARCH_PARISC64", "SCMP_ARCH_PPC",
        "SCMP_ARCH_PPC64", "SCMP_ARCH_PPC64LE", "SCMP_ARCH_RISCV64", "SCMP_ARCH_S390", "SCMP_ARCH_S390X", "SCMP_ARCH_SH", "SCMP_ARCH_SHEB",
        "SCMP_ARCH_X32", "SCMP_ARCH_X86", "SCMP_ARCH_X86_64",
    ];

    private static readonly string[] s_seccompFlags =
    [
        "SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW", "SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV",
    ];

    private static readonly string[] s_schedulerPolicies =
        ["SCHED_OTHER", "SCHED_FIFO", "SCHED_RR", "SCHED_BATCH", "SCHED_ISO", "SCHED_IDLE", "SCHED_DEADLINE"];

    private static readonly string[] s_schedulerFlags =
    [
        "SCHED_FLAG_RESET_ON_FORK", "SCHED_FLAG_RECLAIM", "SCHED_FLAG_DL_OVERRUN", "SCHED_FLAG_KEEP_POLICY", "SCHED_FLAG_KEEP_PARAMS",
        "SCHED_FLAG_UTIL_CLAMP_MIN", "SCHED_FLAG_UTIL_CLAMP_MAX",
    ];

    private static readonly string[] s_ioPriorityClasses = ["IOPRIO_CLASS_RT", "IOPRIO_CLASS_BE", "IOPRIO_CLASS_IDLE"];

    private static readonly string[] s_memoryPolicyModes =
    [
        "MPOL_DEFAULT", "MPOL_BIND", "MPOL_INTERLEAVE", "MPOL_WEIGHTED_INTERLEAVE", "MPOL_PREFERRED", "MPOL_PREFERRED_MANY", "MPOL_LOCAL",
    ];

    private static readonly string[] s_memoryPolicyFlags = ["MPOL_F_NUMA_BALANCING", "MPOL_F_RELATIVE_NODES", "MPOL_F_STATIC_NODES"];

    private static readonly string[] s_propagations =
        ["private", "rprivate", "slave", "rslave", "shared", "rshared", "unbindable", "runbindable"];

    /// <summary>The capabilities of capabilities(7), up to Linux 5.9, in the order of their numbers.</summary>
    public static ReadOnlySpan<string> Capabilities => s_capabilities;

    /// <summary>The types of namespaces (config-linux.md, Namespaces).</summary>
    public static ReadOnlySpan<string> Namespaces => s_namespaces;

    /// <summary>The kinds of hooks (config.md, POSIX-platform Hooks).</summary>
    public static ReadOnlySpan<string> Hooks => s_hooks;

    /// <summary>The resource limits of getrlimit(2), in the order of their numbers (asm-generic).</summary>
    public static ReadOnlySpan<string> Rlimits => s_rlimits;

    /// <summary>What a seccomp rule can do (config-linux.md, Seccomp).</summary>
    public static ReadOnlySpan<string> SeccompActions => s_seccompActions;

    /// <summary>How a seccomp rule can compare an argument.</summary>
    public static ReadOnlySpan<string> SeccompOperators => s_seccompOperators;

    /// <summary>The architectures that a seccomp filter can name.</summary>
    public static ReadOnlySpan<string> SeccompArchitectures => s_seccompArchitectures;

    /// <summary>The flags of a seccomp filter.</summary>
    public static ReadOnlySpan<string> SeccompFlags => s_seccompFlags;

    /// <summary>The scheduling policies (config.md, Linux Process).</summary>
    public static ReadOnlySpan<string> SchedulerPolicies => s_schedulerPolicies;

    /// <summary>The scheduling flags (config.md, Linux Process).</summary>
    public static ReadOnlySpan<string> SchedulerFlags => s_schedulerFlags;

    /// <summary>The classes of input and output priority (config.md, Linux Process).</summary>
    public static ReadOnlySpan<string> IoPriorityClasses => s_ioPriorityClasses;

    /// <summary>The modes of memory policies (config-linux.md, Memory policy).</summary>
    public static ReadOnlySpan<string> MemoryPolicyModes => s_memoryPolicyModes;

    /// <summary>The flags of memory policies.</summary>
    public static ReadOnlySpan<string> MemoryPolicyFlags => s_memoryPolicyFlags;

    /// <summary>The mount propagations of a root.</summary>
    public static ReadOnlySpan<string> Propagations => s_propagations;
}
