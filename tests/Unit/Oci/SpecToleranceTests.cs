using Sampan.Oci;

namespace Sampan.Tests.Unit.Oci;

/// <summary>What other runtimes accept is accepted, and what processes and resources by themselves must hold to.</summary>
public sealed class SpecToleranceTests
{
    private static Spec Minimal() => new()
    {
        OciVersion = "1.0.0",
        Process = new Process { Cwd = "/", Args = ["sh"] },
        Root = new Root { Path = "rootfs" },
    };

    [Fact]
    public void ValidateRefusesWhatBreaksARule()
    {
        SpecValidation.Validate(Minimal());
        SpecValidation.Validate(new Process { Cwd = "/", Args = ["true"] });
        SpecValidation.Validate(new LinuxResources());
        Assert.Equal("config.json: ociVersion is missing", Assert.Throws<SpecException>(() => SpecValidation.Validate(new Spec())).Message);
        Assert.Equal("p: cwd is missing", Assert.Throws<SpecException>(() => SpecValidation.Validate(new Process(), "p")).Message);
        Assert.Equal("r: cpu.idle must be 0 or 1, found 7",
            Assert.Throws<SpecException>(() => SpecValidation.Validate(new LinuxResources { Cpu = new LinuxCpu { Idle = 7 } }, "r")).Message);
    }

    [Fact]
    public void AContainerWithoutLinuxIsValid() => Assert.Null(SpecValidation.FirstProblem(Minimal()));

    [Theory]
    [InlineData("1.0.0")]
    [InlineData("1.0.2-dev")]
    [InlineData("1.0.0-rc5")]
    [InlineData("1.3.0+dev")]
    [InlineData("1.10.3")]
    public void EveryVersionOneIsSupported(string version)
    {
        Spec spec = Minimal();
        spec.OciVersion = version;
        Assert.Null(SpecValidation.FirstProblem(spec));
    }

    [Fact]
    public void TheFullSampleBreaksOnlyTheRulesItMust()
    {
        Spec spec = Spec.Parse(Samples.Utf8(Samples.FullConfig));
        spec.Process!.User.AdditionalGids = [5]; // the sample has the highest that can be read
        spec.Process.Scheduler = null; // has members of several policies
        spec.Linux!.Personality!.Flags = null; // none is defined
        Assert.Null(SpecValidation.FirstProblem(spec));
    }

    /// <summary>runc takes the letter and passes over it, and its own suite has such a rule.</summary>
    [Fact]
    public void TheLetterAInADeviceRuleIsAWarning()
    {
        Spec spec = Spec.Default(rootless: false);
        spec.Linux!.Resources = new LinuxResources { Devices = [new LinuxDeviceCgroup { Allow = false, Type = "c", Major = 1, Minor = 11, Access = "rwa" }] };
        SpecValidation.Validate(spec);
        Assert.Equal(["linux.resources.devices[0].access has a letter that means nothing and is passed over, a: \"rwa\""], SpecValidation.Warnings(spec));
    }

    [Fact]
    public void UnknownCapabilitiesAndRelativeMountsAreWarnings()
    {
        Spec spec = Minimal();
        spec.Process!.Capabilities = new LinuxCapabilities { Bounding = ["CAP_KILL", "CAP_TO_COME"], Ambient = ["cap_kill"] };
        spec.Mounts = [new Mount { Destination = "/a" }, new Mount { Destination = "proc", Type = "proc" }];
        Assert.Null(SpecValidation.FirstProblem(spec));
        Assert.Equal(
            [
                "process.capabilities.bounding[1] is not a known capability and is not granted: \"CAP_TO_COME\"",
                "process.capabilities.ambient[0] is not a known capability and is not granted: \"cap_kill\"",
                "mounts[1].destination is relative, which is deprecated; it counts from the container's root: \"proc\"",
            ],
            SpecValidation.Warnings(spec));
    }

    [Fact]
    public void AnEmptySeccompIsNone()
    {
        Assert.Null(Spec.Parse("{\"linux\":{\"seccomp\":{}}}"u8).Linux!.Seccomp);
        Assert.Null(Spec.Parse("{\"linux\":{\"seccomp\":{\"defaultAction\":\"\",\"syscalls\":[],\"architectures\":null}}}"u8).Linux!.Seccomp);
        Assert.NotNull(Spec.Parse("{\"linux\":{\"seccomp\":{\"defaultAction\":\"SCMP_ACT_LOG\"}}}"u8).Linux!.Seccomp);
    }

    [Fact]
    public void AUserNamespaceThatIsJoinedNeedsNoMappings()
    {
        Spec spec = Minimal();
        spec.Linux = new Linux { Namespaces = [new LinuxNamespace { Type = "user", Path = "/proc/1/ns/user" }] };
        Assert.Null(SpecValidation.FirstProblem(spec));
    }

    [Fact]
    public void MappingsStayWithinTheIds()
    {
        Spec spec = Minimal();
        spec.Linux = new Linux
        {
            Namespaces = [new LinuxNamespace { Type = "user" }],
            UidMappings = [new LinuxIdMapping { Size = uint.MaxValue }],
            GidMappings = [new LinuxIdMapping { Size = 1 }, new LinuxIdMapping { ContainerId = 1, HostId = uint.MaxValue - 1, Size = 1 }],
        };
        Assert.Null(SpecValidation.FirstProblem(spec));
        spec.Linux.GidMappings[1].Size = 2;
        Assert.Equal("config.json: linux.gidMappings[1].size must not reach beyond the id 4294967294, found 2", SpecValidation.FirstProblem(spec)?.Message);
        spec.Linux.GidMappings[1].Size = 0;
        Assert.Equal("config.json: linux.gidMappings[1].size must be more than 0", SpecValidation.FirstProblem(spec)?.Message);
    }

    [Fact]
    public void ClocksHaveOffsets()
    {
        Spec spec = Minimal();
        spec.Linux = new Linux { Namespaces = [new LinuxNamespace { Type = "time" }], TimeOffsets = new() { ["boottime"] = new LinuxTimeOffset { Nanosecs = 999_999_999 } } };
        Assert.Null(SpecValidation.FirstProblem(spec));
        spec.Linux.TimeOffsets["boottime"].Nanosecs++;
        Assert.Equal("config.json: linux.timeOffsets.boottime.nanosecs must be a whole number from 0 to 999999999, found 1000000000", SpecValidation.FirstProblem(spec)?.Message);
        spec.Linux.TimeOffsets = new() { ["realtime"] = new LinuxTimeOffset() };
        Assert.Equal("config.json: linux.timeOffsets.realtime is not a clock with an offset: only monotonic and boottime are", SpecValidation.FirstProblem(spec)?.Message);
    }

    [Fact]
    public void AProcessAndResourcesAreCheckedByThemselves()
    {
        Assert.Equal("process.json: cwd must be an absolute path, found \"x\"", SpecValidation.FirstProblem(new Process { Cwd = "x" })?.Message);
        Assert.Null(SpecValidation.FirstProblem(new Process { Cwd = "/", Args = ["true"] }));
        Assert.Equal("resources: unified[\"..\"] is not the name of a cgroup file", SpecValidation.FirstProblem(new LinuxResources { Unified = new() { [".."] = "" } })?.Message);
        Assert.Null(SpecValidation.FirstProblem(new LinuxResources { Memory = new LinuxMemory { Limit = -1 }, Devices = [new LinuxDeviceCgroup { Major = -1, Access = "rwm" }] }));
    }

    [Theory]
    [InlineData("net.ipv4.ip_forward", "net/ipv4/ip_forward")]
    [InlineData("net/ipv4/ip_forward", "net/ipv4/ip_forward")]
    [InlineData("net.ipv4.conf.eno2/100.rp_filter", "net/ipv4/conf/eno2.100/rp_filter")]
    [InlineData("net/ipv4/conf/eno2.100/rp_filter", "net/ipv4/conf/eno2.100/rp_filter")]
    [InlineData("word", "word")]
    [InlineData("", null)]
    [InlineData("net", "net")]
    [InlineData("net..x", null)]
    [InlineData(".net.x", null)]
    [InlineData("net.x.", null)]
    [InlineData("net/../x", null)]
    [InlineData("net/./x", null)]
    [InlineData("net.ipv4.//.x", null)]
    [InlineData("/etc/passwd", null)]
    public void AParametersNameIsAPathBelowProcSys(string name, string? path) => Assert.Equal(path, Sysctl.PathOf(name));
}
