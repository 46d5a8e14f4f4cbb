using Sampan.Engine;
using Sampan.Engine.Containers;
using Sampan.Oci;

namespace Sampan.Tests.Unit.Engine;

public sealed class SpecificationTests : IDisposable
{
    private const string Id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    private const ulong Machine = (1UL << 41) - 1 - (1UL << 24); // as here, where root has no CAP_SYS_RESOURCE

    private readonly string _root = Directory.CreateTempSubdirectory("sampan-unit").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private Spec Build(ContainerOptions options, ImageExecution? image = null, bool swap = true) => SpecificationBuilder.Build(
        options, new SpecificationContext(Id, _root, image ?? new ImageExecution { Cmd = ["sh"] }, _root, $"/sampan/{Id}", null, new HostMachine(swap, false, false, Machine)));

    [Fact]
    public void The_defaults_isolate()
    {
        Spec spec = Build(new ContainerOptions { Image = "busybox" });
        Assert.Equal(["cgroup", "ipc", "mount", "network", "pid", "uts"], spec.Linux!.Namespaces!.Select(static one => one.Type).Order());
        Assert.Equal(14, spec.Process!.Capabilities!.Bounding!.Count);
        Assert.DoesNotContain("CAP_SYS_ADMIN", spec.Process.Capabilities.Bounding);
        Assert.Empty(spec.Process.Capabilities.Inheritable!);
        Assert.Empty(spec.Process.Capabilities.Ambient!);
        Assert.Contains("/proc/kcore", spec.Linux.MaskedPaths!);
        Assert.Contains("/proc/sys", spec.Linux.ReadonlyPaths!);
        Assert.False(spec.Linux.Resources!.Devices![0].Allow);
        Assert.Contains(spec.Mounts!, static mount => mount.Destination == "/sys" && mount.Options!.Contains("ro"));
        Assert.Equal(Id[..12], spec.Hostname);
    }

    [Fact]
    public void A_default_filter_is_there_and_can_be_taken_away()
    {
        Assert.NotNull(Build(new ContainerOptions { Image = "busybox" }).Linux!.Seccomp);
        Assert.Null(Build(new ContainerOptions { Image = "busybox", SecurityOptions = ["seccomp=unconfined"] }).Linux!.Seccomp);
        Assert.Null(Build(new ContainerOptions { Image = "busybox", Privileged = true }).Linux!.Seccomp);
    }

    [Theory]
    [InlineData(null, null, "E,C")]
    [InlineData(null, "x", "E,x")]
    [InlineData("N", null, "N")]
    [InlineData("N", "x", "N,x")]
    [InlineData("", "x", "x")]
    public void Entry_point_and_command_join_as_in_docker(string? entrypoint, string? command, string expected)
    {
        var options = new ContainerOptions { Image = "i", Entrypoint = entrypoint, Command = command is null ? [] : [command] };
        Assert.Equal(expected.Split(','), SpecificationBuilder.Arguments(options, new ImageExecution { Entrypoint = ["E"], Cmd = ["C"] }));
    }

    [Fact]
    public void Nothing_to_run_is_refused() => Assert.Throws<EngineException>(() => Build(new ContainerOptions { Image = "i" }, new ImageExecution()));

    [Fact]
    public void An_image_variable_without_a_value_does_not_copy_the_hosts()
    {
        Environment.SetEnvironmentVariable("SAMPAN_TEST_SECRET", "host");
        Spec spec = Build(new ContainerOptions { Image = "i" }, new ImageExecution { Cmd = ["sh"], Env = ["SAMPAN_TEST_SECRET", "A=1"] });
        Assert.Contains("A=1", spec.Process!.Env!);
        Assert.DoesNotContain(spec.Process.Env!, static entry => entry.Contains("SAMPAN_TEST_SECRET", StringComparison.Ordinal));
        Assert.Contains("SAMPAN_TEST_SECRET=host", Build(new ContainerOptions { Image = "i", Environment = ["SAMPAN_TEST_SECRET"] }).Process!.Env!);
    }

    [Fact]
    public void The_users_variable_takes_the_images_place()
    {
        List<string> environment = Build(new ContainerOptions { Image = "i", Environment = ["PATH=/x", "A=2"] }, new ImageExecution { Cmd = ["sh"], Env = ["A=1"] }).Process!.Env!;
        Assert.Contains("PATH=/x", environment);
        Assert.Contains("A=2", environment);
        Assert.DoesNotContain("A=1", environment);
    }

    [Fact]
    public void A_user_is_looked_up_inside_the_root()
    {
        Directory.CreateDirectory(Path.Combine(_root, "etc"));
        File.WriteAllText(Path.Combine(_root, "etc/passwd"), "root:x:0:0::/root:/bin/sh\n1000:x:0:0::/:/bin/sh\napp:x:77:78::/srv:/bin/sh\n");
        File.WriteAllText(Path.Combine(_root, "etc/group"), "app:x:78:\nextra:x:99:app\n");
        Process process = Build(new ContainerOptions { Image = "i", User = "app" }).Process!;
        Assert.Equal((77u, 78u), (process.User.Uid, process.User.Gid));
        Assert.Equal([99u], process.User.AdditionalGids);
        Assert.Contains("HOME=/srv", process.Env!);
        Assert.Empty(process.Capabilities!.Effective!);
        Assert.Equal(1000u, Build(new ContainerOptions { Image = "i", User = "1000" }).Process!.User.Uid);
    }

    [Theory]
    [InlineData("4294967296")]
    [InlineData("2147483648")]
    [InlineData("-1")]
    [InlineData("nobody-here")]
    public void A_user_that_cannot_be_is_refused(string user) => Assert.Throws<EngineException>(() => Build(new ContainerOptions { Image = "i", User = user }));

    [Fact]
    public void Capabilities_are_added_and_dropped()
    {
        List<string> Set(string[] add, string[] drop) => Build(new ContainerOptions { Image = "i", CapabilitiesAdded = add, CapabilitiesDropped = drop }).Process!.Capabilities!.Bounding!;
        Assert.Contains("CAP_NET_ADMIN", Set(["net_admin"], []));
        Assert.DoesNotContain("CAP_CHOWN", Set([], ["CAP_CHOWN"]));
        Assert.Equal(["CAP_CHOWN"], Set(["chown"], ["ALL"]));
        Assert.Equal(40, Set(["ALL"], []).Count);
        Assert.DoesNotContain("CAP_SYS_RESOURCE", Set(["ALL"], []));
        Assert.Contains("CAP_SYS_RESOURCE", Set(["SYS_RESOURCE"], []));
        Assert.Throws<EngineException>(() => Set(["sys_nonsense"], []));
    }

    [Fact]
    public void Memory_and_processors_become_the_kernels_numbers()
    {
        LinuxResources resources = Build(new ContainerOptions { Image = "i", Memory = 64 << 20, CpuQuota = 150_000, PidsLimit = 9 }).Linux!.Resources!;
        Assert.Equal((64L << 20, 128L << 20), (resources.Memory!.Limit!.Value, resources.Memory.Swap!.Value));
        Assert.Equal((150_000L, 100_000UL), (resources.Cpu!.Quota!.Value, resources.Cpu.Period!.Value));
        Assert.Equal(9, resources.Pids!.Limit);
        Assert.Null(Build(new ContainerOptions { Image = "i", Memory = 64 << 20 }, swap: false).Linux!.Resources!.Memory!.Swap);
        Assert.Throws<EngineException>(() => Build(new ContainerOptions { Image = "i", Memory = 1000 }));
        Assert.Throws<EngineException>(() => Build(new ContainerOptions { Image = "i", MemorySwap = 1 << 20 }));
    }

    [Theory]
    [InlineData("kernel.shm_rmid_forced=1+/proc/sys/kernel/core_pattern=|x")]
    [InlineData("net.ipv4.ip_forward=1\nkernel.core_pattern=x")]
    [InlineData("kernel.core_pattern=x")]
    [InlineData("net/../kernel/core_pattern=x")]
    [InlineData("net.ipv4.ip_forward")]
    public void A_kernel_parameter_that_would_change_the_host_is_refused(string sysctl) =>
        Assert.Throws<EngineException>(() => Build(new ContainerOptions { Image = "i", Sysctls = [sysctl] }));

    [Fact]
    public void A_mount_of_the_user_takes_the_defaults_place_and_the_root_is_refused()
    {
        var own = new MountOption("tmpfs", "", "/dev/shm", ["size=1m"], false);
        Mount mount = Assert.Single(Build(new ContainerOptions { Image = "i", Mounts = [own] }).Mounts!, static one => one.Destination == "/dev/shm");
        Assert.Equal(["size=1m"], mount.Options);
        Assert.Throws<EngineException>(() => Build(new ContainerOptions { Image = "i", Mounts = [own with { Destination = "/" }] }));
        Assert.Throws<EngineException>(() => Build(new ContainerOptions { Image = "i", Mounts = [own with { Destination = "/a/../etc" }] }));
        Assert.Throws<EngineException>(() => Build(new ContainerOptions { Image = "i", Mounts = [own with { Destination = "a" }] }));
    }

    [Theory]
    [InlineData("512m", 512L << 20)]
    [InlineData("1.5g", 3L << 29)]
    [InlineData("1024", 1024)]
    [InlineData("2KiB", 2048)]
    [InlineData("3kb", 3072)]
    [InlineData("7b", 7)]
    public void Sizes_are_read(string text, long bytes) => Assert.Equal(bytes, Quantities.Bytes("--memory", text));

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("m")]
    [InlineData("1x")]
    [InlineData("99999999999p")]
    public void What_is_no_size_is_refused(string text) => Assert.Throws<EngineException>(() => Quantities.Bytes("--memory", text));
}
