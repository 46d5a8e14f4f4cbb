using Sampan.Kernel.Seccomp;
using Sampan.Tests.Unit.Runtime.Seccomp;

namespace Sampan.Tests.Unit.Kernel.Seccomp;

public class SyscallTableTests
{
    /// <summary>Architectures that libseccomp 2.5.4 has right; it gives PA-RISC's 32-bit numbers for the 64-bit one, which later versions correct.</summary>
    public static TheoryData<string> OldArchitectures =>
    [
        "SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32", "SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM", "SCMP_ARCH_MIPS", "SCMP_ARCH_MIPSEL",
        "SCMP_ARCH_MIPS64", "SCMP_ARCH_MIPSEL64", "SCMP_ARCH_MIPS64N32", "SCMP_ARCH_MIPSEL64N32", "SCMP_ARCH_PPC", "SCMP_ARCH_PPC64",
        "SCMP_ARCH_PPC64LE", "SCMP_ARCH_S390", "SCMP_ARCH_S390X", "SCMP_ARCH_RISCV64", "SCMP_ARCH_PARISC",
    ];

    [Fact]
    public void EveryNameIsFoundAtItsOwnIndexAndNoOtherIs()
    {
        for (int i = 0; i < SyscallTable.Count; i++)
        {
            string name = SyscallTable.Name(i);
            Assert.Equal(i, SyscallTable.Find(name));
            Assert.Equal(-1, SyscallTable.Find(name + "_"));
            Assert.True(SyscallTable.Find(name[..^1]) != i, name);
        }
        Assert.Equal(-1, SyscallTable.Find(""));
        Assert.Equal(-1, SyscallTable.Find("zzz"));
        Assert.Equal(-1, SyscallTable.Find("0"));
        Assert.Equal(-1, SyscallTable.Find("réad"));
    }

    [Theory, MemberData(nameof(OldArchitectures))]
    public void NumbersAreThoseOfLibseccomp(string name)
    {
        Assert.SkipUnless(LibSeccomp.IsThere, "libseccomp2 is not installed");
        SyscallArchitecture architecture = SyscallArchitectures.Parse(name)!.Value;
        int agreed = 0;
        for (int i = 0; i < SyscallTable.Count; i++)
        {
            string call = SyscallTable.Name(i);
            int theirs = LibSeccomp.Number(name, call);
            // A negative number is a name that this architecture, or this version of libseccomp, does not have. Where socketcall is, libseccomp
            // answers the socket calls with numbers of its own, down from -101.
            if (theirs < 0)
                continue;
            Assert.Equal((call, (uint?)theirs), (call, SyscallTable.Number(architecture, i)));
            agreed++;
        }
        Assert.InRange(agreed, 250, SyscallTable.Count);
        if (name != "SCMP_ARCH_X32")
            Assert.Equal(LibSeccomp.Token(name), SyscallArchitectures.AuditNumber(architecture));
    }

    [Theory]
    [InlineData(SyscallArchitecture.Loongarch64)]
    [InlineData(SyscallArchitecture.Aarch64)]
    public void ArchitecturesOfTheGenericTableAgreeWithEachOther(SyscallArchitecture architecture)
    {
        int agreed = 0;
        for (int i = 0; i < SyscallTable.Count; i++)
        {
            if (SyscallTable.Number(SyscallArchitecture.Riscv64, i) is not { } generic || SyscallTable.Number(architecture, i) is not { } number)
                continue;
            Assert.Equal(generic, number);
            agreed++;
        }
        Assert.InRange(agreed, 290, SyscallTable.Count);
    }

    [Fact]
    public void NumbersAreThoseOfTheInstalledHeaders()
    {
        const string folder = "/usr/include/x86_64-linux-gnu/asm";
        Assert.SkipUnless(Directory.Exists(folder), "linux-libc-dev is not installed");
        int agreed = 0;
        foreach ((string file, SyscallArchitecture architecture) in new[]
        {
            ("unistd_64.h", SyscallArchitecture.X86_64), ("unistd_32.h", SyscallArchitecture.X86), ("unistd_x32.h", SyscallArchitecture.X32),
        })
        {
            foreach (string line in File.ReadLines(Path.Combine(folder, file)))
            {
                string[] words = line.Replace(" + ", "+").Split(' ', '\t');
                if (words is not ["#define", ['_', '_', 'N', 'R', '_', .. var call], var value])
                    continue;
                uint number = uint.Parse(value.Trim('(', ')').Replace("__X32_SYSCALL_BIT+", "").Replace("__X32_SYSCALL_BIT", ""))
                    + (architecture == SyscallArchitecture.X32 ? 0x40000000 : 0u);
                int index = SyscallTable.Find(call);
                Assert.True(index >= 0, $"{file}: {call}");
                Assert.Equal((call, (uint?)number), (call, SyscallTable.Number(architecture, index)));
                agreed++;
            }
        }
        Assert.InRange(agreed, 1000, 1600);
    }
}
