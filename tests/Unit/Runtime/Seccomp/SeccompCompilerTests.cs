using Sampan.Oci;
using Sampan.Runtime.Seccomp;

namespace Sampan.Tests.Unit.Runtime.Seccomp;

public class SeccompCompilerTests
{
    private const uint X64 = 0xc000003e;
    private const uint I386 = 0x40000003;
    private const uint Allow = 0x7fff0000;
    private const uint Kill = 0;
    private const uint Refuse = 0x00050001;
    private const uint NoSuchCall = 0x00050026;

    [Fact]
    public void AFilterBeginsWithTheArchitectureAndKillsOthers()
    {
        var machine = Machine(Profile("SCMP_ACT_ALLOW"));
        Assert.Equal(Allow, machine.Run(X64, 0));
        Assert.Equal(Kill, machine.Run(I386, 0));
        Assert.Equal(Kill, machine.Run(X64, 0x40000000));
        Assert.Equal(Allow, machine.Run(X64, uint.MaxValue));
    }

    [Theory]
    [InlineData("SCMP_ACT_KILL", null, 0u)]
    [InlineData("SCMP_ACT_KILL_THREAD", null, 0u)]
    [InlineData("SCMP_ACT_KILL_PROCESS", null, 0x80000000u)]
    [InlineData("SCMP_ACT_TRAP", null, 0x30000u)]
    [InlineData("SCMP_ACT_ERRNO", null, 0x50001u)]
    [InlineData("SCMP_ACT_ERRNO", 0u, 0x50000u)]
    [InlineData("SCMP_ACT_ERRNO", 4095u, 0x50fffu)]
    [InlineData("SCMP_ACT_TRACE", null, 0x7ff00001u)]
    [InlineData("SCMP_ACT_TRACE", 65535u, 0x7ff0ffffu)]
    [InlineData("SCMP_ACT_LOG", null, 0x7ffc0000u)]
    public void EachActionIsItsVerdict(string action, uint? errno, uint verdict)
    {
        LinuxSeccomp profile = Profile("SCMP_ACT_ALLOW", new LinuxSyscall { Names = ["getcwd"], Action = action, ErrnoRet = errno });
        Assert.Equal(verdict, Machine(profile).Run(X64, 79));
        Assert.Equal(Allow, Machine(profile).Run(X64, 78));
    }

    [Fact]
    public void NumbersNewerThanTheNewestNamedDoNotExist()
    {
        LinuxSeccomp profile = Profile("SCMP_ACT_ERRNO", Rule("SCMP_ACT_ALLOW", "read", "clone3"));
        profile.Architectures = ["SCMP_ARCH_X32"];
        var machine = Machine(profile);
        Assert.Equal(Allow, machine.Run(X64, 435));
        Assert.Equal(Refuse, machine.Run(X64, 434));
        Assert.Equal(NoSuchCall, machine.Run(X64, 436));
        Assert.Equal(NoSuchCall, machine.Run(X64, 0x3fffffff));
        Assert.Equal(Allow, machine.Run(X64, 0x40000000 + 435));
        Assert.Equal(Refuse, machine.Run(X64, 0x40000000 + 434));
        Assert.Equal(NoSuchCall, machine.Run(X64, 0x40000000 + 436));
    }

    [Fact]
    public void ANameThatSaysNothingNewStillTellsHowNewTheProfileIs()
    {
        var machine = Machine(Profile("SCMP_ACT_ERRNO", Rule("SCMP_ACT_ALLOW", "read"), Rule("SCMP_ACT_ERRNO", "openat2")));
        Assert.Equal(Refuse, machine.Run(X64, 437));
        Assert.Equal(NoSuchCall, machine.Run(X64, 438));
    }

    [Fact]
    public void UnknownNamesAreIgnored() =>
        Assert.Equal(Allow, Machine(Profile("SCMP_ACT_ERRNO", Rule("SCMP_ACT_ALLOW", "no_such_call", "read"))).Run(X64, 0));

    [Fact]
    public void TwoConditionsOnOneArgumentAreTwoRules()
    {
        LinuxSyscall rule = Rule("SCMP_ACT_ALLOW", "personality");
        rule.Args = [Arg(0, "SCMP_CMP_EQ", 0), Arg(0, "SCMP_CMP_EQ", 8)];
        var machine = Machine(Profile("SCMP_ACT_ERRNO", rule));
        Assert.Equal(Allow, machine.Run(X64, 135, 0));
        Assert.Equal(Allow, machine.Run(X64, 135, 8));
        Assert.Equal(Refuse, machine.Run(X64, 135, 1));
    }

    [Fact]
    public void OfConditionalRulesTheFirstThatMatchesDecides()
    {
        LinuxSyscall first = Rule("SCMP_ACT_ALLOW", "socket");
        first.Args = [Arg(1, "SCMP_CMP_EQ", 1)];
        LinuxSyscall second = Rule("SCMP_ACT_KILL", "socket");
        second.Args = [Arg(0, "SCMP_CMP_GE", 38)];
        var machine = Machine(Profile("SCMP_ACT_ERRNO", first, second));
        Assert.Equal(Allow, machine.Run(X64, 41, 38, 1));
        Assert.Equal(Kill, machine.Run(X64, 41, 38, 2));
        Assert.Equal(Refuse, machine.Run(X64, 41, 37, 2));
    }

    [Fact]
    public void ARefusedFamilyIsNotReachedBySocketcall()
    {
        LinuxSyscall socket = Rule("SCMP_ACT_ALLOW", "socket");
        socket.Args = [Arg(0, "SCMP_CMP_LT", 38)];
        LinuxSeccomp profile = Profile("SCMP_ACT_ERRNO", socket, Rule("SCMP_ACT_ALLOW", "connect", "semop"));
        profile.Architectures = ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"];
        var machine = Machine(profile);
        Assert.Equal(Allow, machine.Run(I386, 359, 2));
        Assert.Equal(Refuse, machine.Run(I386, 359, 38));
        Assert.Equal(Refuse, machine.Run(I386, 102, 1));
        Assert.Equal(Allow, machine.Run(I386, 102, 3));
        Assert.Equal(Allow, machine.Run(I386, 117, 0x10001));
        Assert.Equal(Refuse, machine.Run(I386, 117, 2));
    }

    [Fact]
    public void AConditionalRefusalHoldsForAllOfSocketcall()
    {
        LinuxSyscall socket = Rule("SCMP_ACT_ERRNO", "socket");
        socket.Args = [Arg(0, "SCMP_CMP_EQ", 38)];
        LinuxSeccomp profile = Profile("SCMP_ACT_ALLOW", socket);
        profile.Architectures = ["SCMP_ARCH_X86"];
        var machine = Machine(profile);
        Assert.Equal(Refuse, machine.Run(I386, 102, 1));
        Assert.Equal(Allow, machine.Run(I386, 102, 2));
        Assert.Equal(Allow, machine.Run(I386, 359, 2));
    }

    [Fact]
    public void AListenerSetsItsFlag()
    {
        LinuxSeccomp profile = Profile("SCMP_ACT_ALLOW", Rule("SCMP_ACT_NOTIFY", "mkdir"));
        profile.ListenerPath = "/run/agent.sock";
        profile.Flags = ["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", "SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG"];
        SeccompFilter filter = SeccompCompiler.Compile(profile);
        Assert.True(filter.HasListener);
        Assert.Equal(8u | 32 | 2, filter.Flags);
        Assert.Equal(0x7fc00000u, new BpfMachine(filter.Instructions).Run(X64, 83));
    }

    [Fact]
    public void WithoutFlagsSpeculationIsLeftAlone()
    {
        Assert.Equal(4u, SeccompCompiler.Compile(Profile("SCMP_ACT_ALLOW")).Flags);
        LinuxSeccomp none = Profile("SCMP_ACT_ALLOW");
        none.Flags = [];
        Assert.Equal(0u, SeccompCompiler.Compile(none).Flags);
    }

    public static TheoryData<string, string> Faults => new()
    {
        { """{"defaultAction":"SCMP_ACT_NOTIFY"}""", "linux.seccomp.defaultAction" },
        { """{"defaultAction":"SCMP_ACT_ALLOW","defaultErrnoRet":1}""", "linux.seccomp.defaultErrnoRet" },
        { """{"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":4096}""", "linux.seccomp.defaultErrnoRet" },
        { """{"defaultAction":"SCMP_ACT_ALLOW","architectures":["SCMP_ARCH_VAX"]}""", "linux.seccomp.architectures[0]" },
        { """{"defaultAction":"SCMP_ACT_ALLOW","architectures":["SCMP_ARCH_X86","SCMP_ARCH_S390X"]}""", "linux.seccomp.architectures[1]" },
        { """{"defaultAction":"SCMP_ACT_ALLOW","flags":["SECCOMP_FILTER_FLAG_NO"]}""", "linux.seccomp.flags[0]" },
        { """{"defaultAction":"SCMP_ACT_ALLOW","flags":["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"]}""", "linux.seccomp.flags[0]" },
        { """{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["read"],"action":"SCMP_ACT_NO"}]}""", "linux.seccomp.syscalls[0].action" },
        { """{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["write"],"action":"SCMP_ACT_NOTIFY"}]}""", "linux.seccomp.syscalls[0].action" },
        { """{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["read"],"action":"SCMP_ACT_NOTIFY"}]}""", "linux.seccomp.listenerPath" },
        { """{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":[],"action":"SCMP_ACT_LOG"}]}""", "linux.seccomp.syscalls[0].names" },
        { """{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":[""],"action":"SCMP_ACT_LOG"}]}""", "linux.seccomp.syscalls[0].names" },
        { """{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["read"],"action":"SCMP_ACT_LOG","args":[{"index":6,"value":0,"op":"SCMP_CMP_EQ"}]}]}""", "linux.seccomp.syscalls[0].args[0].index" },
        { """{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["read"],"action":"SCMP_ACT_LOG","args":[{"index":0,"value":0,"op":"SCMP_CMP_NO"}]}]}""", "linux.seccomp.syscalls[0].args[0].op" },
    };

    [Theory, MemberData(nameof(Faults))]
    public void AFaultNamesItsField(string json, string path)
    {
        string config = $$$"""{"ociVersion":"1.3.0","linux":{"seccomp":{{{json}}}}}""";
        var fault = Assert.Throws<SpecException>(() => SeccompCompiler.Compile(Spec.Parse(System.Text.Encoding.UTF8.GetBytes(config)).Linux!.Seccomp!));
        Assert.Equal(path, fault.Path);
    }

    [Fact]
    public void AFilterThatIsTooLongIsRefusedInOneSentence()
    {
        var args = new List<LinuxSyscall>();
        for (uint i = 0; i < 1000; i++)
        {
            LinuxSyscall rule = Rule("SCMP_ACT_ALLOW", "ioctl");
            rule.Args = [Arg(1, "SCMP_CMP_EQ", i)];
            args.Add(rule);
        }
        LinuxSeccomp profile = Profile("SCMP_ACT_ERRNO", [.. args]);
        Assert.Equal(Allow, Machine(profile).Run(X64, 16, 0, 999));
        args.AddRange(args);
        var fault = Assert.Throws<SpecException>(() => SeccompCompiler.Compile(Profile("SCMP_ACT_ERRNO", [.. args])));
        Assert.Contains("4096", fault.Message, StringComparison.Ordinal);
    }

    private static BpfMachine Machine(LinuxSeccomp profile) => new(SeccompCompiler.Compile(profile).Instructions);

    private static LinuxSeccomp Profile(string action, params LinuxSyscall[] rules) => new() { DefaultAction = action, Syscalls = [.. rules] };

    private static LinuxSyscall Rule(string action, params string[] names) => new() { Action = action, Names = [.. names] };

    private static LinuxSeccompArg Arg(uint index, string op, ulong value) => new() { Index = index, Op = op, Value = value };
}
