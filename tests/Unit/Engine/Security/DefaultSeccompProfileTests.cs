using Sampan.Engine.Security;
using Sampan.Kernel.Seccomp;
using Sampan.Oci;
using Sampan.Runtime.Seccomp;
using Sampan.Tests.Unit.Runtime.Seccomp;

namespace Sampan.Tests.Unit.Engine.Security;

public class DefaultSeccompProfileTests
{
    private const uint Allow = 0x7fff0000;
    private const uint Refuse = 0x00050001;
    private const uint NoSuchCall = 0x00050026;
    private const uint X64 = 0xc000003e;
    private const uint I386 = 0x40000003;

    private static readonly BpfMachine _plain = Machine();

    [Theory]
    [InlineData("fsopen")]
    [InlineData("fsconfig")]
    [InlineData("fsmount")]
    [InlineData("open_tree")]
    [InlineData("move_mount")]
    [InlineData("mount")]
    [InlineData("umount2")]
    [InlineData("pivot_root")]
    [InlineData("unshare")]
    [InlineData("setns")]
    [InlineData("open_by_handle_at")]
    [InlineData("bpf")]
    [InlineData("perf_event_open")]
    [InlineData("keyctl")]
    [InlineData("add_key")]
    [InlineData("request_key")]
    [InlineData("kexec_load")]
    [InlineData("init_module")]
    [InlineData("finit_module")]
    [InlineData("io_uring_setup")]
    [InlineData("userfaultfd")]
    [InlineData("swapon")]
    [InlineData("reboot")]
    [InlineData("settimeofday")]
    public void ACallThatOpensTheHostIsRefusedOnAllThreeArchitectures(string name)
    {
        Assert.Equal(Refuse, _plain.Run(X64, Number(SyscallArchitecture.X86_64, name)));
        Assert.Equal(Refuse, _plain.Run(X64, Number(SyscallArchitecture.X32, name)));
        Assert.Equal(Refuse, _plain.Run(I386, Number(SyscallArchitecture.X86, name)));
    }

    [Theory]
    [InlineData("CAP_SYS_ADMIN", "fsopen")]
    [InlineData("CAP_SYS_ADMIN", "unshare")]
    [InlineData("CAP_SYS_ADMIN", "clone3")]
    [InlineData("CAP_DAC_READ_SEARCH", "open_by_handle_at")]
    [InlineData("CAP_SYS_CHROOT", "chroot")]
    [InlineData("CAP_SYSLOG", "syslog")]
    [InlineData("CAP_BPF", "bpf")]
    public void ACapabilityBringsItsCalls(string capability, string name)
    {
        uint number = Number(SyscallArchitecture.X86_64, name);
        Assert.NotEqual(Allow, _plain.Run(X64, number));
        Assert.Equal(Allow, Machine(capability).Run(X64, number));
    }

    [Theory]
    [InlineData(1u, Allow)]
    [InlineData(2u, Allow)]
    [InlineData(16u, Allow)]
    [InlineData(38u, Refuse)]
    [InlineData(39u, Allow)]
    [InlineData(40u, Refuse)]
    [InlineData(41u, Allow)]
    public void SocketsOfTheKernelsCryptographyAndOfMachinesAreRefused(uint family, uint verdict)
    {
        Assert.Equal(verdict, _plain.Run(X64, Number(SyscallArchitecture.X86_64, "socket"), family, 5));
        Assert.Equal(verdict, _plain.Run(X64, Number(SyscallArchitecture.X32, "socket"), family, 5));
        Assert.Equal(verdict, _plain.Run(I386, Number(SyscallArchitecture.X86, "socket"), family, 5));
        Assert.Equal(verdict, Machine("CAP_SYS_ADMIN").Run(X64, Number(SyscallArchitecture.X86_64, "socket"), family, 5));
    }

    [Fact]
    public void SocketcallMakesNoSocketButDoesTheRest()
    {
        uint socketcall = Number(SyscallArchitecture.X86, "socketcall");
        Assert.Equal(Refuse, _plain.Run(I386, socketcall, 1));
        for (uint call = 2; call <= 20; call++)
            Assert.Equal(Allow, _plain.Run(I386, socketcall, call));
    }

    [Theory]
    [InlineData(0x10000000ul, Refuse)]
    [InlineData(0x00020011ul, Refuse)]
    [InlineData(0x02000000ul, Refuse)]
    [InlineData(0x40000000ul, Refuse)]
    [InlineData(0x003d0f00ul, Allow)]
    [InlineData(17ul, Allow)]
    public void CloneMakesThreadsAndProcessesButNoNamespaces(ulong flags, uint verdict)
    {
        Assert.Equal(verdict, _plain.Run(X64, Number(SyscallArchitecture.X86_64, "clone"), flags));
        Assert.Equal(verdict, _plain.Run(I386, Number(SyscallArchitecture.X86, "clone"), flags));
        Assert.Equal(NoSuchCall, _plain.Run(X64, Number(SyscallArchitecture.X86_64, "clone3")));
    }

    [Theory]
    [InlineData(0ul, Allow)]
    [InlineData(8ul, Allow)]
    [InlineData(0x20008ul, Allow)]
    [InlineData(0xfffffffful, Allow)]
    [InlineData(0x40000ul, Refuse)]
    public void PersonalityCannotTurnOffRandomAddresses(ulong persona, uint verdict) =>
        Assert.Equal(verdict, _plain.Run(X64, Number(SyscallArchitecture.X86_64, "personality"), persona));

    [Fact]
    public void ACallIsJudgedInAFewSteps()
    {
        Assert.InRange(_plain.Length, 100, 600);
        foreach (string name in new[] { "read", "write", "openat", "futex", "epoll_wait", "clone", "socket", "execve" })
        {
            Assert.Equal(Allow, _plain.Run(X64, Number(SyscallArchitecture.X86_64, name), 2));
            Assert.InRange(_plain.Steps, 4, 24);
        }
    }

    [Theory]
    [InlineData("amd64")]
    [InlineData("arm64")]
    [InlineData("s390x")]
    [InlineData("ppc64le")]
    public void EveryNameIsKnown(string architecture)
    {
        foreach (LinuxSyscall rule in DefaultSeccompProfile.For(new HashSet<string>(), architecture).Syscalls!)
            Assert.All(rule.Names!, name => Assert.True(SyscallTable.Find(name) >= 0, name));
    }

    private static uint Number(SyscallArchitecture architecture, string name) => SyscallTable.Number(architecture, SyscallTable.Find(name))!.Value;

    private static BpfMachine Machine(params string[] capabilities) =>
        new(SeccompCompiler.Compile(DefaultSeccompProfile.For(capabilities.ToHashSet(), "amd64")).Instructions);
}
