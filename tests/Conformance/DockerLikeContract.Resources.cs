using System.Globalization;

namespace Sampan.Tests.Conformance;

/// <summary>This part: what the container sees, and its share of the machine.</summary>
public abstract partial class DockerLikeContract
{
    // The container sees its own group in version 2 and, by default, the whole path in version 1: both engines mount the hierarchies there.
    private const string MemoryLimit = "cat /sys/fs/cgroup/memory.max 2>/dev/null || cat /sys/fs/cgroup/memory/memory.limit_in_bytes";
    private const string ProcessLimit = "cat /sys/fs/cgroup/pids.max 2>/dev/null || cat /sys/fs/cgroup/pids/pids.max";

    private const string ProcessorLimit =
        "cat /sys/fs/cgroup/cpu.max 2>/dev/null || { for f in quota period; do cat /sys/fs/cgroup/cpu/cpu.cfs_${f}_us; done; }";

    [Fact]
    public void A_memory_limit_is_visible_in_the_container() =>
        Assert.Equal("67108864", engine.RunContainer("--rm", "--memory=64m", Image, "sh", "-c", MemoryLimit).Expect(0).Text);

    [Fact]
    public void A_process_over_the_memory_limit_is_killed_and_the_engine_knows_why()
    {
        string name = engine.NewName();

        // tail holds what it reads until the end, here more than the limit.
        _ = engine.RunContainer("--name", name, "--memory=16m", "--memory-swap=16m", Image, "tail", "-c", "100000000", "/dev/zero").Expect(137);

        if (engine.ReportsOutOfMemory)
        {
            Assert.Equal("true", engine.Inspect(name, "{{.State.OOMKilled}}"));
        }

        engine.Remove(name);
    }

    [Fact]
    public void A_limit_of_processes_is_visible_and_holds()
    {
        Assert.Equal("12", engine.RunContainer("--rm", "--pids-limit=12", Image, "sh", "-c", ProcessLimit).Expect(0).Text);

        CommandResult crowd = engine.RunContainer("--rm", "--pids-limit=12", Image, "sh", "-c", "for i in $(seq 20); do sleep 2 & done; wait");

        Assert.Contains("fork", crowd.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_share_of_the_processor_is_set()
    {
        string limit = engine.RunContainer("--rm", "--cpus=0.5", Image, "sh", "-c", ProcessorLimit).Expect(0).Text;

        Assert.Equal(["50000", "100000"], limit.Split([' ', '\n']));
    }

    [Fact]
    public void A_set_of_processors_is_what_the_process_may_use() =>
        Assert.Equal("1", engine.RunContainer("--rm", "--cpuset-cpus=0", Image, "nproc").Expect(0).Text);

    [Fact]
    public void Update_changes_a_running_container()
    {
        string container = engine.RunDetached("--memory=64m", "--memory-swap=64m", Image, "sleep", "1000");

        _ = engine.Do("update", "--memory=128m", "--memory-swap=128m", "--cpu-shares=512", container).Expect(0);

        Assert.Equal("134217728", engine.Do("exec", container, "sh", "-c", MemoryLimit).Expect(0).Text);
        engine.Remove(container);
    }

    [Fact]
    public void Stats_and_top_read_the_containers_processes()
    {
        string container = engine.RunDetached("--memory=64m", Image, "sleep", "1000");

        string[] figures = engine.Do("stats", "--no-stream", "--format", "{{.MemUsage}} {{.PIDs}}", container).Expect(0).Text.Split(' ');

        Assert.Equal("1", figures[^1]);
        Assert.Contains("sleep 1000", engine.Do("top", container).Expect(0).Output, StringComparison.Ordinal);
        engine.Remove(container);
    }

    [Fact]
    public void A_read_only_root_refuses_writes_and_a_tmpfs_in_it_takes_them()
    {
        CommandResult result = engine.RunContainer(
            "--rm", "--read-only", "--tmpfs=/scratch:size=1m", Image, "sh", "-c", "touch /scratch/a && echo written; touch /etc/a").Expect(1);

        Assert.Equal("written", result.Text);
        Assert.Contains("Read-only file system", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_volume_is_the_hosts_directory_and_may_be_read_only()
    {
        string directory = Directory.CreateDirectory(Path.Combine(engine.Ready().Directory, engine.NewName())).FullName;
        File.WriteAllText(Path.Combine(directory, "from-host"), "hello");

        CommandResult result = engine.RunContainer("--rm", $"--volume={directory}:/data", Image, "sh", "-c", "cat /data/from-host; echo back > /data/from-container");

        Assert.Equal("hello", result.Expect(0).Text);
        Assert.Equal("back\n", File.ReadAllText(Path.Combine(directory, "from-container")));
        _ = engine.RunContainer("--rm", $"--volume={directory}:/data:ro", Image, "touch", "/data/refused").Expect(1);
        Assert.False(File.Exists(Path.Combine(directory, "refused")));
    }

    [Fact]
    public void Masked_and_read_only_paths_hide_the_hosts_kernel()
    {
        CommandResult result = engine.RunContainer(
            "--rm", Image, "sh", "-c", "for f in kcore keys timer_list; do head -c 1 /proc/$f 2>/dev/null; done; echo 1 > /proc/sys/kernel/panic").Expect(1);

        Assert.Empty(result.Output);
        Assert.Contains("Read-only file system", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_the_default_devices_are_there_and_a_device_can_be_added()
    {
        Assert.Equal("absent", engine.RunContainer("--rm", Image, "sh", "-c", "test -e /dev/loop-control || echo absent").Expect(0).Text);
        Assert.Equal("crw", engine.RunContainer("--rm", "--device=/dev/null:/dev/other", Image, "sh", "-c", "ls -l /dev/other | head -c 3; echo x > /dev/other").Expect(0).Text);
        CommandResult refused = engine.RunContainer("--rm", "--cap-add=MKNOD", Image, "sh", "-c", "mknod /tmp/disk b 7 0 && head -c 1 /tmp/disk");

        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("not permitted", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Shared_memory_has_the_size_asked_for()
    {
        string[] mounted = engine.RunContainer("--rm", "--shm-size=8m", Image, "df", "-k", "/dev/shm").Expect(0).Text.Split('\n')[^1].Split(' ', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(8192, int.Parse(mounted[1], CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Without_a_network_there_is_only_loopback() => Assert.Equal(
        "lo", engine.RunContainer("--rm", Image, "awk", "-F:", "NR>2{print $1}", "/proc/net/dev").Expect(0).Text);

    [Fact]
    public void Namespaces_of_another_container_are_joined()
    {
        string container = engine.RunDetached("--ipc=shareable", Image, "sleep", "1000");

        CommandResult guest = engine.RunContainer("--rm", $"--pid=container:{container}", $"--ipc=container:{container}", Image, "ps");

        Assert.Contains("sleep 1000", guest.Expect(0).Output, StringComparison.Ordinal);
        engine.Remove(container);
    }

    [Fact]
    public void A_privileged_container_may_mount()
    {
        int last = int.Parse(File.ReadAllText("/proc/sys/kernel/cap_last_cap"), CultureInfo.InvariantCulture);
        string bounding = File.ReadLines("/proc/self/status").First(line => line.StartsWith("CapBnd:", StringComparison.Ordinal))[7..].Trim();
        Assert.SkipUnless(
            ulong.Parse(bounding, NumberStyles.HexNumber, CultureInfo.InvariantCulture) == (1UL << (last + 1)) - 1,
            $"root of this machine lacks capabilities (bounding set {bounding}), and a privileged container asks for all of them");

        _ = engine.RunContainer("--rm", "--privileged", Image, "mount", "-t", "tmpfs", "none", "/tmp").Expect(0);
    }
}
