namespace Sampan.Kernel.Seccomp;

/// <summary>The system call interfaces that a filter can speak of: the names of the OCI runtime specification without <c>SCMP_ARCH_</c>.</summary>
public enum SyscallArchitecture
{
    /// <summary>x86-64.</summary>
    X86_64,

    /// <summary>32-bit x86 (i386).</summary>
    X86,

    /// <summary>x32: x86-64 with 32-bit pointers; its numbers have bit 30 set.</summary>
    X32,

    /// <summary>64-bit ARM.</summary>
    Aarch64,

    /// <summary>32-bit ARM, EABI.</summary>
    Arm,

    /// <summary>MIPS o32, big-endian.</summary>
    Mips,

    /// <summary>MIPS o32, little-endian.</summary>
    Mipsel,

    /// <summary>MIPS n64, big-endian.</summary>
    Mips64,

    /// <summary>MIPS n64, little-endian.</summary>
    Mipsel64,

    /// <summary>MIPS n32, big-endian.</summary>
    Mips64n32,

    /// <summary>MIPS n32, little-endian.</summary>
    Mipsel64n32,

    /// <summary>PowerPC, 32 bits.</summary>
    Ppc,

    /// <summary>PowerPC, 64 bits, big-endian.</summary>
    Ppc64,

    /// <summary>PowerPC, 64 bits, little-endian.</summary>
    Ppc64le,

    /// <summary>s390, 31 bits.</summary>
    S390,

    /// <summary>s390x.</summary>
    S390x,

    /// <summary>RISC-V, 64 bits.</summary>
    Riscv64,

    /// <summary>LoongArch, 64 bits.</summary>
    Loongarch64,

    /// <summary>Motorola 68000.</summary>
    M68k,

    /// <summary>PA-RISC.</summary>
    Parisc,

    /// <summary>PA-RISC, 64 bits.</summary>
    Parisc64,

    /// <summary>SuperH, little-endian.</summary>
    Sh,

    /// <summary>SuperH, big-endian.</summary>
    Sheb,
}
