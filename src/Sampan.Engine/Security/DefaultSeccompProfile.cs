using System.Runtime.InteropServices;
using Sampan.Oci;

namespace Sampan.Engine.Security;

/// <summary>
/// The system calls a container may make when its user says nothing: the set that Docker allows (moby/profiles, 2026), so that what runs there
/// runs here, with one thing closed that Docker leaves open: socket(2) by way of the 32-bit socketcall(2), by which AF_ALG and AF_VSOCK
/// can be reached around the rule for their families (CVE-2026-31431 came through AF_ALG).
/// A 32-bit x86 program whose C library makes sockets only that way gets EPERM; docs/decisions/0004-seccomp-compiler.md says more.
/// </summary>
public static partial class DefaultSeccompProfile
{
    private const string Allow = "SCMP_ACT_ALLOW";
    private const string Administrator = "CAP_SYS_ADMIN";
    private const uint EPERM = 1;
    private const uint ENOSYS = 38;
    private const ulong AF_ALG = 38;
    private const ulong AF_VSOCK = 40;
    private const ulong SYS_SOCKET = 1;

    /// <summary>CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET of clone(2).</summary>
    private const ulong NewNamespaces = 0x7e020000;

    /// <summary>PER_LINUX, PER_LINUX32 (8), UNAME26 (0x20000), both, and the question for the present one (0xffffffff).</summary>
    private static readonly ulong[] _personalities = [0, 8, 0x20000, 0x20008, 0xffffffff];

    /// <summary>Calls that need a capability to be of use, or to be harmless.</summary>
    private static readonly (string Capability, string Calls)[] _byCapability =
    [
        ("CAP_DAC_READ_SEARCH", "open_by_handle_at"),
        (Administrator, "bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie lsm_get_self_attr lsm_list_modules lsm_set_self_attr"),
        (Administrator, "mount mount_setattr move_mount open_tree perf_event_open quotactl quotactl_fd setdomainname sethostname setns syslog umount umount2 unshare"),
        ("CAP_SYS_BOOT", "reboot"),
        ("CAP_SYS_CHROOT", "chroot"),
        ("CAP_SYS_MODULE", "delete_module init_module finit_module"),
        ("CAP_SYS_PACCT", "acct"),
        ("CAP_SYS_PTRACE", "kcmp pidfd_getfd process_madvise"),
        ("CAP_SYS_RAWIO", "iopl ioperm"),
        ("CAP_SYS_TIME", "settimeofday stime clock_settime clock_settime64"),
        ("CAP_SYS_TTY_CONFIG", "vhangup"),
        ("CAP_SYS_NICE", "get_mempolicy mbind set_mempolicy set_mempolicy_home_node"),
        ("CAP_SYSLOG", "syslog"),
        ("CAP_BPF", "bpf"),
        ("CAP_PERFMON", "perf_event_open"),
    ];

    /// <summary>Calls that only some architectures have, by the image specification's names for these.</summary>
    private static readonly (string Architectures, string Calls)[] _byArchitecture =
    [
        ("ppc64le", "sync_file_range2 swapcontext"),
        ("arm arm64", "arm_fadvise64_64 arm_sync_file_range sync_file_range2 breakpoint cacheflush set_tls"),
        ("amd64", "arch_prctl"),
        ("amd64 386", "modify_ldt"),
        ("s390x", "s390_pci_mmio_read s390_pci_mmio_write s390_runtime_instr"),
        ("riscv64", "riscv_flush_icache"),
    ];

    /// <summary>The architecture of this machine, as the image specification calls it (<c>amd64</c>, <c>arm64</c>).</summary>
    public static string NativeArchitecture => RuntimeInformation.OSArchitecture switch
    {
        Architecture.X64 => "amd64",
        Architecture.X86 => "386",
        Architecture.LoongArch64 => "loong64",
        var other => other.ToString().ToLowerInvariant(),
    };

    /// <summary>The profile for a container with <paramref name="capabilities"/> (<c>CAP_SYS_ADMIN</c>) on a machine of <paramref name="architecture"/>.</summary>
    /// <param name="capabilities">The capabilities in the container's bounding set.</param>
    /// <param name="architecture">The machine's architecture as the image specification calls it: <c>amd64</c>.</param>
    public static LinuxSeccomp For(IReadOnlySet<string> capabilities, string architecture)
    {
        var rules = new List<LinuxSyscall>
        {
            Calls(AlwaysAllowed),
            // ptrace(2) could get around a filter before Linux 4.8, which is older than anything Sampan runs on.
            Calls("ptrace process_vm_readv process_vm_writev"),
            Calls("socket", Argument(0, "SCMP_CMP_LT", AF_ALG)),
            Calls("socket", Argument(0, "SCMP_CMP_EQ", AF_ALG + 1)),
            Calls("socket", Argument(0, "SCMP_CMP_GT", AF_VSOCK)),
            Calls("socketcall", Argument(0, "SCMP_CMP_NE", SYS_SOCKET)),
        };
        foreach (ulong personality in _personalities)
            rules.Add(Calls("personality", Argument(0, "SCMP_CMP_EQ", personality)));
        foreach ((string architectures, string calls) in _byArchitecture)
        {
            if (architectures.Split(' ').Contains(architecture))
                rules.Add(Calls(calls));
        }
        foreach ((string capability, string calls) in _byCapability)
        {
            if (capabilities.Contains(capability))
                rules.Add(Calls(calls));
        }
        if (!capabilities.Contains(Administrator))
            AddClone(rules, architecture);
        return new LinuxSeccomp
        {
            DefaultAction = "SCMP_ACT_ERRNO",
            DefaultErrnoRet = EPERM,
            Architectures = Architectures(architecture),
            Syscalls = rules,
        };
    }

    /// <summary>
    /// Without CAP_SYS_ADMIN no namespace is made. The flags of clone3(2) lie in memory that a filter cannot read: it is said not to exist, and the C
    /// library then takes clone(2), whose flags are its first argument (its second on s390x).
    /// </summary>
    private static void AddClone(List<LinuxSyscall> rules, string architecture)
    {
        uint index = architecture == "s390x" ? 1u : 0;
        rules.Add(Calls("clone", Argument(index, "SCMP_CMP_MASKED_EQ", NewNamespaces)));
        rules.Add(new LinuxSyscall { Names = ["clone3"], Action = "SCMP_ACT_ERRNO", ErrnoRet = ENOSYS });
    }

    private static List<string>? Architectures(string architecture) => architecture switch
    {
        "amd64" => ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
        "arm64" => ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"],
        "s390x" => ["SCMP_ARCH_S390X", "SCMP_ARCH_S390"],
        "riscv64" => ["SCMP_ARCH_RISCV64"],
        "loong64" => ["SCMP_ARCH_LOONGARCH64"],
        _ => null,
    };

    private static LinuxSyscall Calls(string names, params List<LinuxSeccompArg> conditions) => new()
    {
        Names = [.. names.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries)],
        Action = Allow,
        Args = conditions.Count == 0 ? null : conditions,
    };

    /// <summary>A condition; one that masks wants nothing left under its mask.</summary>
    private static LinuxSeccompArg Argument(uint index, string comparison, ulong value) => new() { Index = index, Op = comparison, Value = value };
}
