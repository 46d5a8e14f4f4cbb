using System.Runtime.InteropServices;

namespace Sampan.Kernel.Seccomp;

/// <summary>What a filter must know of each <see cref="SyscallArchitecture"/>: its audit number, word size and byte order.</summary>
public static class SyscallArchitectures
{
    private const uint Wide = 0x80000000;
    private const uint Little = 0x40000000;
    private const uint N32 = 0x20000000;

    /// <summary>The architecture this program runs on.</summary>
    /// <exception cref="PlatformNotSupportedException">There is no table for it.</exception>
    public static SyscallArchitecture Native => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => SyscallArchitecture.X86_64,
        Architecture.Arm64 => SyscallArchitecture.Aarch64,
        Architecture.X86 => SyscallArchitecture.X86,
        Architecture.Arm => SyscallArchitecture.Arm,
        Architecture.S390x => SyscallArchitecture.S390x,
        Architecture.Ppc64le => SyscallArchitecture.Ppc64le,
        Architecture.LoongArch64 => SyscallArchitecture.Loongarch64,
        Architecture.RiscV64 => SyscallArchitecture.Riscv64,
        var other => throw new PlatformNotSupportedException($"there is no seccomp table for {other}"),
    };

    /// <summary>AUDIT_ARCH_* of linux/audit.h, as it stands in the field <c>arch</c> of <c>struct seccomp_data</c>; x32 shares x86-64's.</summary>
    public static uint AuditNumber(SyscallArchitecture architecture) => architecture switch
    {
        SyscallArchitecture.X86_64 or SyscallArchitecture.X32 => 62 | Wide | Little,
        SyscallArchitecture.X86 => 3 | Little,
        SyscallArchitecture.Aarch64 => 183 | Wide | Little,
        SyscallArchitecture.Arm => 40 | Little,
        SyscallArchitecture.Mips => 8,
        SyscallArchitecture.Mipsel => 8 | Little,
        SyscallArchitecture.Mips64 => 8 | Wide,
        SyscallArchitecture.Mipsel64 => 8 | Wide | Little,
        SyscallArchitecture.Mips64n32 => 8 | Wide | N32,
        SyscallArchitecture.Mipsel64n32 => 8 | Wide | Little | N32,
        SyscallArchitecture.Ppc => 20,
        SyscallArchitecture.Ppc64 => 21 | Wide,
        SyscallArchitecture.Ppc64le => 21 | Wide | Little,
        SyscallArchitecture.S390 => 22,
        SyscallArchitecture.S390x => 22 | Wide,
        SyscallArchitecture.Riscv64 => 243 | Wide | Little,
        SyscallArchitecture.Loongarch64 => 258 | Wide | Little,
        SyscallArchitecture.M68k => 4,
        SyscallArchitecture.Parisc => 15,
        SyscallArchitecture.Parisc64 => 15 | Wide,
        SyscallArchitecture.Sh => 42 | Little,
        SyscallArchitecture.Sheb => 42,
        _ => throw new ArgumentOutOfRangeException(nameof(architecture)),
    };

    /// <summary>Whether the least significant byte comes first; a kernel runs architectures of one byte order only.</summary>
    public static bool IsLittleEndian(SyscallArchitecture architecture) => (AuditNumber(architecture) & Little) != 0;

    /// <summary>Whether an argument has 64 bits; where it has 32, only the low half is compared (x32 and n32 count as 32).</summary>
    public static bool HasWideArguments(SyscallArchitecture architecture) =>
        (AuditNumber(architecture) & Wide) != 0
        && architecture is not (SyscallArchitecture.X32 or SyscallArchitecture.Mips64n32 or SyscallArchitecture.Mipsel64n32);

    /// <summary>
    /// Whether socket and System V IPC calls may also arrive as socketcall(2) and ipc(2), with the call's own number as first argument.
    /// </summary>
    public static bool HasMultiplexedCalls(SyscallArchitecture architecture) => architecture is SyscallArchitecture.X86
        or SyscallArchitecture.Mips or SyscallArchitecture.Mipsel or SyscallArchitecture.Ppc or SyscallArchitecture.Ppc64
        or SyscallArchitecture.Ppc64le or SyscallArchitecture.S390 or SyscallArchitecture.S390x or SyscallArchitecture.M68k
        or SyscallArchitecture.Sh or SyscallArchitecture.Sheb;

    /// <summary>The architecture that the OCI runtime specification calls <paramref name="name"/> (<c>SCMP_ARCH_X86_64</c>); null when there is none.</summary>
    public static SyscallArchitecture? Parse(string name) => name switch
    {
        "SCMP_ARCH_NATIVE" => Native,
        "SCMP_ARCH_X86_64" => SyscallArchitecture.X86_64,
        "SCMP_ARCH_X86" => SyscallArchitecture.X86,
        "SCMP_ARCH_X32" => SyscallArchitecture.X32,
        "SCMP_ARCH_AARCH64" => SyscallArchitecture.Aarch64,
        "SCMP_ARCH_ARM" => SyscallArchitecture.Arm,
        "SCMP_ARCH_MIPS" => SyscallArchitecture.Mips,
        "SCMP_ARCH_MIPSEL" => SyscallArchitecture.Mipsel,
        "SCMP_ARCH_MIPS64" => SyscallArchitecture.Mips64,
        "SCMP_ARCH_MIPSEL64" => SyscallArchitecture.Mipsel64,
        "SCMP_ARCH_MIPS64N32" => SyscallArchitecture.Mips64n32,
        "SCMP_ARCH_MIPSEL64N32" => SyscallArchitecture.Mipsel64n32,
        "SCMP_ARCH_PPC" => SyscallArchitecture.Ppc,
        "SCMP_ARCH_PPC64" => SyscallArchitecture.Ppc64,
        "SCMP_ARCH_PPC64LE" => SyscallArchitecture.Ppc64le,
        "SCMP_ARCH_S390" => SyscallArchitecture.S390,
        "SCMP_ARCH_S390X" => SyscallArchitecture.S390x,
        "SCMP_ARCH_RISCV64" => SyscallArchitecture.Riscv64,
        "SCMP_ARCH_LOONGARCH64" => SyscallArchitecture.Loongarch64,
        "SCMP_ARCH_M68K" => SyscallArchitecture.M68k,
        "SCMP_ARCH_PARISC" => SyscallArchitecture.Parisc,
        "SCMP_ARCH_PARISC64" => SyscallArchitecture.Parisc64,
        "SCMP_ARCH_SH" => SyscallArchitecture.Sh,
        "SCMP_ARCH_SHEB" => SyscallArchitecture.Sheb,
        _ => null,
    };
}
