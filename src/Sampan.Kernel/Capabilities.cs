namespace Sampan.Kernel;

/// <summary>The three capability sets of capget(2); bit N is capability N of capabilities(7).</summary>
/// <param name="Effective">What the kernel checks.</param>
/// <param name="Permitted">The ceiling of the effective set.</param>
/// <param name="Inheritable">What is kept over execve(2) of a file with that inheritable capability.</param>
public readonly record struct CapabilitySets(ulong Effective, ulong Permitted, ulong Inheritable);

/// <summary>Names and numbers of capabilities, as in capabilities(7), and the last one that the running kernel knows.</summary>
public static class Capabilities
{
    private static readonly string[] s_names =
    [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID",
        "CAP_SETPCAP", "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_IPC_LOCK", "CAP_IPC_OWNER",
        "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE", "CAP_SYS_PACCT", "CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_NICE",
        "CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD", "CAP_LEASE", "CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL", "CAP_SETFCAP",
        "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG", "CAP_WAKE_ALARM", "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF",
        "CAP_CHECKPOINT_RESTORE",
    ];

    /// <summary>The number of the last capability that has a name here.</summary>
    public const int LastKnown = 40;

    /// <summary>All names, in the order of their numbers.</summary>
    public static IReadOnlyList<string> Names => s_names;

    /// <summary>The name of a capability, as <c>CAP_NET_RAW</c>; <c>CAP_41</c> for one without a name here.</summary>
    public static string NameOf(int capability) => (uint)capability < (uint)s_names.Length ? s_names[capability] : $"CAP_{capability}";

    /// <summary>The number of a capability's name. With or without <c>CAP_</c>, in either case, as the command lines of Docker and Podman take it.</summary>
    public static bool TryParse(string name, out int capability)
    {
        ReadOnlySpan<char> bare = name.StartsWith("CAP_", StringComparison.OrdinalIgnoreCase) ? name.AsSpan(4) : name;
        for (capability = 0; capability < s_names.Length; capability++)
        {
            if (bare.Equals(s_names[capability].AsSpan(4), StringComparison.OrdinalIgnoreCase))
                return true;
        }

        capability = -1;
        return false;
    }

    /// <summary>The number of the last capability of the running kernel (/proc/sys/kernel/cap_last_cap).</summary>
    /// <exception cref="KernelException">/proc is not mounted.</exception>
    public static int LastOfKernel()
    {
        using FileDescriptor file = Syscalls.Open("/proc/sys/kernel/cap_last_cap", OpenFlags.ReadOnly);
        Span<byte> text = stackalloc byte[16];
        int length = Syscalls.Read(file, text);
        return System.Buffers.Text.Utf8Parser.TryParse(text[..length], out int last, out _) ? last : LastKnown;
    }

    /// <summary>The set of all capabilities from 0 to <paramref name="last"/>.</summary>
    public static ulong All(int last) => last >= 63 ? ulong.MaxValue : (1UL << (last + 1)) - 1;
}
