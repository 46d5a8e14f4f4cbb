using Sampan.Kernel;

namespace Sampan.Tests.Unit.Kernel;

public sealed class NameTests
{
    [Theory]
    [InlineData("SIGKILL", 9)]
    [InlineData("KILL", 9)]
    [InlineData("kill", 9)]
    [InlineData("9", 9)]
    [InlineData("0", 0)]
    [InlineData("SIGRTMIN", 34)]
    [InlineData("SIGRTMIN+3", 37)]
    [InlineData("rtmax-1", 63)]
    [InlineData("RTMAX", 64)]
    [InlineData("64", 64)]
    [InlineData("SIGPOLL", 29)]
    [InlineData("CLD", 17)]
    public void SignalIsParsed(string text, int number)
    {
        Assert.True(Signal.TryParse(text, out int parsed));
        Assert.Equal(number, parsed);
    }

    [Theory]
    [InlineData("")]
    [InlineData("SIG")]
    [InlineData("bogus")]
    [InlineData("65")]
    [InlineData("-9")]
    [InlineData("+9")]
    [InlineData(" 9")]
    [InlineData("99999999999")]
    [InlineData("RTMIN-1")]
    [InlineData("RTMAX+1")]
    [InlineData("RTMIN+31")]
    [InlineData("RTMIN+")]
    [InlineData("SIGSIGKILL")]
    public void TextThatIsNoSignalIsRefused(string text) => Assert.False(Signal.TryParse(text, out _));

    [Fact]
    public void EverySignalsNameLeadsBackToIt()
    {
        for (int signal = 1; signal <= Signal.RtMax; signal++)
        {
            Assert.True(Signal.TryParse(Signal.NameOf(signal), out int parsed), Signal.NameOf(signal));
            Assert.Equal(signal, parsed);
        }
    }

    [Fact]
    public void EveryCapabilitysNameLeadsBackToIt()
    {
        for (int capability = 0; capability <= Capabilities.LastKnown; capability++)
        {
            Assert.True(Capabilities.TryParse(Capabilities.NameOf(capability), out int parsed));
            Assert.Equal(capability, parsed);
        }

        Assert.Equal(Capabilities.LastKnown + 1, Capabilities.Names.Count);
    }

    [Theory]
    [InlineData("CAP_SYS_ADMIN", 21)]
    [InlineData("sys_admin", 21)]
    [InlineData("cap_net_raw", 13)]
    [InlineData("CAP_CHECKPOINT_RESTORE", 40)]
    public void CapabilityIsParsed(string name, int number)
    {
        Assert.True(Capabilities.TryParse(name, out int parsed));
        Assert.Equal(number, parsed);
    }

    [Theory]
    [InlineData("")]
    [InlineData("CAP_")]
    [InlineData("CAP_EVERYTHING")]
    [InlineData("21")]
    public void TextThatIsNoCapabilityIsRefused(string name) => Assert.False(Capabilities.TryParse(name, out _));

    [Fact]
    public void AllCapabilitiesUpToTheLastAreSet()
    {
        Assert.Equal(1UL, Capabilities.All(0));
        Assert.Equal(0x1ffffffffffUL, Capabilities.All(40));
        Assert.Equal(ulong.MaxValue, Capabilities.All(63));
        Assert.InRange(Capabilities.LastOfKernel(), 36, 63);
    }

    [Fact]
    public void RlimitsAreNamedAsInTheSpecification()
    {
        Assert.True(RlimitResources.TryParse("RLIMIT_NOFILE", out RlimitResource resource));
        Assert.Equal(RlimitResource.OpenFiles, resource);
        Assert.Equal("RLIMIT_RTTIME", RlimitResources.NameOf(RlimitResource.RealTimeCpu));
        Assert.False(RlimitResources.TryParse("NOFILE", out _));
        Assert.Equal(16, RlimitResources.Names.Count);
    }

    [Theory]
    [InlineData("", "", 0)]
    [InlineData("0", "0", 1)]
    [InlineData("0-3,7", "0-3,7", 5)]
    [InlineData(" 2 , 0-1 ", "0-2", 3)]
    [InlineData("63-65", "63-65", 3)]
    [InlineData("8191", "8191", 1)]
    public void CpuListIsParsedAndWritten(string list, string written, int count)
    {
        Assert.True(CpuSet.TryParse(list, out CpuSet cpus));
        Assert.Equal(written, cpus.ToString());
        Assert.Equal(count, cpus.Count);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("1-")]
    [InlineData("-1")]
    [InlineData("3-1")]
    [InlineData("1,,2")]
    [InlineData("8192")]
    [InlineData("0-99999999999")]
    public void TextThatIsNoCpuListIsRefused(string list) => Assert.False(CpuSet.TryParse(list, out _));

    [Fact]
    public void TablesHaveTheSpecificationsNames()
    {
        Assert.True(SchedulerNames.Policies.TryGet("SCHED_DEADLINE", out uint deadline));
        Assert.Equal(6u, deadline);
        Assert.True(SchedulerNames.Flags.TryGet("SCHED_FLAG_UTIL_CLAMP_MAX", out uint clamp));
        Assert.Equal(0x40u, clamp);
        Assert.True(IoPriority.Classes.TryGet("IOPRIO_CLASS_IDLE", out uint idle));
        Assert.Equal(3 << 13, IoPriority.Value(idle, 0));
        Assert.True(PersonalityNames.Domains.TryGet("LINUX32", out uint linux32));
        Assert.Equal(8u, linux32);
        Assert.True(MemoryPolicyNames.Modes.TryGet("MPOL_WEIGHTED_INTERLEAVE", out uint weighted));
        Assert.Equal(6u, weighted);
        Assert.Equal("MPOL_F_STATIC_NODES", MemoryPolicyNames.Flags.NameOf(0x8000));
        Assert.False(SchedulerNames.Policies.TryGet("sched_fifo", out _));
    }
}
