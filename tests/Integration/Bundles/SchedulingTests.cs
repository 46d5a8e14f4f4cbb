using System.Text.Json.Nodes;

namespace Sampan.Tests.Integration.Bundles;

/// <summary>How the process is scheduled and what it may, asked of the kernel and not of the configuration.</summary>
public sealed class SchedulingTests : IDisposable
{
    private readonly TestBundle _bundle = new();

    public void Dispose() => _bundle.Dispose();

    [Fact]
    public void BatchSchedulerWithNiceness()
    {
        _bundle.Process["scheduler"] = JsonNode.Parse("""{"policy":"SCHED_BATCH","nice":5,"flags":["SCHED_FLAG_RESET_ON_FORK"]}""");
        string pid = $"{_bundle.PidOf(_bundle.Start())}";
        Assert.Contains("SCHED_BATCH|SCHED_RESET_ON_FORK", TestBundle.Must("/usr/bin/chrt", "-p", pid), StringComparison.Ordinal);
        Assert.Equal("5", TestBundle.Must("/bin/ps", "-o", "ni=", "-p", pid).Trim());
    }

    [Fact]
    public void RealTimeSchedulerWithinItsRuntime()
    {
        _bundle.Process["scheduler"] = JsonNode.Parse("""{"policy":"SCHED_RR","priority":9}""");
        if (Directory.Exists("/sys/fs/cgroup/cpu"))
            _bundle.Linux["resources"]!["cpu"] = JsonNode.Parse("""{"realtimeRuntime":20000,"realtimePeriod":1000000}"""); // version 1 gives a group none by itself
        string shown = TestBundle.Must("/usr/bin/chrt", "-p", $"{_bundle.PidOf(_bundle.Start())}");
        Assert.Contains("SCHED_RR", shown, StringComparison.Ordinal);
        Assert.EndsWith("priority: 9", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void IoPriority()
    {
        _bundle.Process["ioPriority"] = JsonNode.Parse("""{"class":"IOPRIO_CLASS_IDLE","priority":0}""");
        Assert.Equal("idle", TestBundle.Must("/usr/bin/ionice", "-p", $"{_bundle.PidOf(_bundle.Start())}"));
        _bundle.Process["ioPriority"] = JsonNode.Parse("""{"class":"IOPRIO_CLASS_BE","priority":6}""");
        Assert.Equal("best-effort: prio 6", TestBundle.Must("/usr/bin/ionice", "-p", $"{_bundle.PidOf(_bundle.Start())}"));
    }

    [Fact]
    public void AffinityOfExec()
    {
        Assert.SkipUnless(Environment.ProcessorCount > 1, "a machine with one processor knows one affinity");
        string id = _bundle.Start();
        string path = Path.Combine(_bundle.Place, "process.json");
        JsonNode process = _bundle.Process.DeepClone();
        process["args"] = new JsonArray("grep", "Cpus_allowed_list", "/proc/self/status");
        process["execCPUAffinity"] = JsonNode.Parse("""{"initial":"0","final":"0"}""");
        File.WriteAllText(path, process.ToJsonString());
        (int status, string output, string error) = _bundle.Runtime("exec", "--process", path, id);
        Assert.True(status == 0, error);
        Assert.Equal("Cpus_allowed_list:\t0", output.Trim());
        Assert.NotEqual("Cpus_allowed_list:\t0", _bundle.MustExec(id, "grep", "Cpus_allowed_list", "/proc/1/status")); // the first process keeps its own
    }

    /// <summary><c>initial</c> is where the process stands before it joins the cgroup, whose cpuset it need not fit.</summary>
    [Fact]
    public void InitialAffinityOfExecMayLieOutsideOfTheContainersCpus()
    {
        Assert.SkipUnless(Environment.ProcessorCount > 1, "a machine with one processor knows one affinity");
        _bundle.Linux["resources"]!["cpu"] = JsonNode.Parse("""{"cpus":"1"}""");
        string id = _bundle.Start();
        string path = Path.Combine(_bundle.Place, "process.json");
        JsonNode process = _bundle.Process.DeepClone();
        process["args"] = new JsonArray("grep", "Cpus_allowed_list", "/proc/self/status");
        process["execCPUAffinity"] = JsonNode.Parse("""{"initial":"0"}""");
        File.WriteAllText(path, process.ToJsonString());
        (int status, string output, string error) = _bundle.Runtime("exec", "--process", path, id);
        Assert.True(status == 0, error);
        Assert.Equal("Cpus_allowed_list:\t1", output.Trim());
    }

    [Fact]
    public void PersonalityOfA32BitMachine()
    {
        Assert.NotEqual("i686", _bundle.MustRun("uname -m"));
        _bundle.Linux["personality"] = JsonNode.Parse("""{"domain":"LINUX32"}""");
        string id = _bundle.Start();
        Assert.Equal("i686", _bundle.MustExec(id, "uname", "-m"));
        Assert.Equal("00000008", File.ReadAllText($"/proc/{_bundle.PidOf(id)}/personality").Trim());
    }

    [Theory]
    [InlineData("""{"mode":"MPOL_BIND","nodes":"0"}""", "bind:0")]
    [InlineData("""{"mode":"MPOL_INTERLEAVE","nodes":"0","flags":["MPOL_F_STATIC_NODES"]}""", "interleave=static:0")]
    [InlineData("""{"mode":"MPOL_LOCAL","nodes":""}""", "local")]
    public void MemoryPolicy(string policy, string shown)
    {
        _bundle.Linux["memoryPolicy"] = JsonNode.Parse(policy);
        string id = _bundle.Start();
        Assert.Contains($" {shown} ", File.ReadAllText($"/proc/{_bundle.PidOf(id)}/numa_maps"), StringComparison.Ordinal);
    }

    [Fact]
    public void UmaskAndOomScore()
    {
        _bundle.Process["user"]!["umask"] = 63; // 077
        _bundle.Process["oomScoreAdj"] = 321;
        string id = _bundle.Start();
        Assert.Equal("Umask:\t0077", File.ReadLines($"/proc/{_bundle.PidOf(id)}/status").First(line => line.StartsWith("Umask", StringComparison.Ordinal)));
        Assert.Equal("321", _bundle.MustExec(id, "cat", "/proc/1/oom_score_adj"));
        Assert.Equal("321", _bundle.MustExec(id, "cat", "/proc/self/oom_score_adj"));
        Assert.Equal("0077", _bundle.MustExec(id, "sh", "-c", "umask"));
    }
}
