using Sampan.Oci;
using Sampan.Runtime;
using Sampan.Runtime.Cgroups;

namespace Sampan.Tests.Integration.Cgroups;

/// <summary>What every layout must do: make, join, signal, freeze, remove.</summary>
public sealed class LifeCycle : CgroupTest
{
    [Fact]
    public void A_process_joins_every_hierarchy_and_is_listed()
    {
        using TestProcess process = Start();
        Assert.Contains(process.Pid, Cgroup.Processes());
        foreach (string line in File.ReadAllLines($"/proc/{process.Pid}/cgroup"))
        {
            string[] parts = line.Split(':', 3);
            string? directory = parts[1].Length == 0 ? Cgroup.State.UnifiedPath : Cgroup.State.Paths.GetValueOrDefault(parts[1].Split(',')[0]);
            if (directory is not null)
                Assert.EndsWith(parts[2], directory);
        }
    }

    [Fact]
    public void Delete_of_an_empty_cgroup_removes_every_directory()
    {
        List<string> directories = Directories();
        Assert.All(directories, directory => Assert.True(Directory.Exists(directory)));
        Cgroup.Delete();
        Assert.All(directories, directory => Assert.False(Directory.Exists(directory)));
        Cgroup.Delete();
    }

    [Fact]
    public void Delete_kills_what_is_left_also_in_cgroups_below()
    {
        if (Cgroup.State.Paths.TryGetValue("cpuset", out string? cpuset))
            File.WriteAllText(cpuset + "/cgroup.clone_children", "1");
        foreach (string directory in Directories())
            _ = Directory.CreateDirectory(directory + "/below/deeper");
        using TestProcess upper = Start();
        using TestProcess lower = TestProcess.Start(Cgroup, "sleep 1000 & sleep 1000", "below/deeper");
        List<string> directories = Directories();
        Cgroup.Delete();
        Assert.All(directories, directory => Assert.False(Directory.Exists(directory)));
        Assert.Equal(137, upper.WaitForExit());
        Assert.Equal(137, lower.WaitForExit());
    }

    [Fact]
    public void Delete_removes_a_frozen_cgroup_with_processes()
    {
        using TestProcess process = Start();
        Cgroup.Freeze();
        Assert.True(Cgroup.IsFrozen);
        Cgroup.Delete();
        Assert.Equal(137, process.WaitForExit());
    }

    [Fact]
    public void A_frozen_process_stands_still_and_goes_on()
    {
        using TestProcess process = Start("while :; do echo tick; done");
        _ = process.ReadLine();
        Cgroup.Freeze();
        Assert.True(Cgroup.IsFrozen);
        ulong before = CpuTicks(process.Pid);
        Thread.SpinWait(20_000_000);
        Assert.Equal(before, CpuTicks(process.Pid));
        Cgroup.Thaw();
        Assert.False(Cgroup.IsFrozen);
        for (int i = 0; i < 100_000; i++)
            Assert.Equal("tick", process.ReadLine());
    }

    [Fact]
    public void SIGKILL_ends_frozen_processes_too()
    {
        using TestProcess process = Start();
        Cgroup.Freeze();
        Cgroup.Signal(9);
        Assert.Equal(137, process.WaitForExit());
    }

    [Fact]
    public void A_signal_reaches_all_processes()
    {
        const string Script = "trap 'exit 7' TERM; exec 2>/dev/null; echo ready; while :; do sleep 0.05; done"; // the shell tells of a sleep that was killed
        using TestProcess first = Start(Script);
        using TestProcess second = Start(Script);
        Assert.Equal("ready", first.ReadLine());
        Assert.Equal("ready", second.ReadLine());
        Cgroup.Signal(15);
        Assert.Equal(7, first.WaitForExit());
        Assert.Equal(7, second.WaitForExit());
    }

    [Fact]
    public void A_cgroup_in_use_is_refused_and_an_empty_one_taken_over()
    {
        using (TestProcess process = Start())
        {
            RuntimeException refused = Assert.Throws<RuntimeException>(() => Cgroup.Create(Request(new LinuxResources())));
            Assert.Contains("container's cgroup is not empty: 1 process(es) found", refused.Message);
            Cgroup.Signal(9);
            _ = process.WaitForExit();
        }
        using Cgroup again = Cgroup.Create(Request(new LinuxResources()));
        Assert.Equal(Cgroup.State.Paths, again.State.Paths);
        Assert.Equal(Cgroup.State.UnifiedPath, again.State.UnifiedPath);
    }

    [Fact]
    public void A_frozen_cgroup_is_refused()
    {
        Cgroup.Freeze();
        RuntimeException refused = Assert.Throws<RuntimeException>(() => Cgroup.Create(Request(new LinuxResources())));
        Assert.Contains("frozen", refused.Message);
        Cgroup.Thaw();
    }

    [Fact]
    public void A_failing_limit_leaves_nothing_behind()
    {
        string path = CgroupsPath + "-failing";
        var resources = new LinuxResources { Cpu = new LinuxCpu { Cpus = "4095" } };
        RuntimeException refused = Assert.Throws<RuntimeException>(() => Cgroup.Create(new CgroupRequest("x", path, resources)));
        Assert.StartsWith("linux.resources.cpu.cpus: ", refused.Message);
        Assert.All(Directories(), directory => Assert.False(Directory.Exists(directory + "-failing")));
    }

    [Fact]
    public void The_state_finds_the_cgroup_again()
    {
        using Cgroup opened = Cgroup.Open(RoundTrip(Cgroup.State));
        using TestProcess process = TestProcess.Start(opened);
        Assert.Contains(process.Pid, Cgroup.Processes());
    }

    [Fact]
    public void A_process_of_several_threads_is_moved_as_a_whole()
    {
        using var process = System.Diagnostics.Process.Start("/bin/sleep", "1000");
        Cgroup.AddProcess(process.Id);
        Assert.Equal([process.Id], Cgroup.Processes());
        Cgroup.Signal(9);
        process.WaitForExit();
    }

    private static ulong CpuTicks(int pid)
    {
        string[] stat = File.ReadAllText($"/proc/{pid}/stat").Split(' ');
        return ulong.Parse(stat[13]) + ulong.Parse(stat[14]);
    }
}
