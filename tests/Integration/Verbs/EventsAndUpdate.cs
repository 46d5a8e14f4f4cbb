using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Sampan.Tests.Integration.Engine;
using Sampan.Tests.Integration.Faults;
using Sampan.Tests.Integration.Leaks;

namespace Sampan.Tests.Integration.Verbs;

/// <summary><c>events</c> and <c>update</c> of a running container: what is changed holds at once, and what happens is told.</summary>
[Collection(nameof(CommandCycles))]
public sealed class EventsAndUpdate : IDisposable
{
    private const long Mega = 1 << 20;

    private static readonly string[] s_busybox = ["cat", "grep", "tr", "head"];

    private readonly LeakBundle _bundle;

    public EventsAndUpdate()
    {
        Assert.SkipUnless(Executables.IsRoot, "making containers needs root");
        _bundle = new LeakBundle();
        foreach (string applet in s_busybox)
            File.CreateSymbolicLink(Path.Combine(_bundle.Place, "rootfs/bin", applet), "busybox");
    }

    public void Dispose()
    {
        _ = Runtime("delete", "--force", "id");
        _bundle.Dispose();
    }

    [Fact]
    public void Memory_that_runs_out_is_told_and_the_end_ends_the_report()
    {
        Start(64 * Mega, "while [ ! -e /tmp/go ]; do sleep 0.05; done; ( x=$(tr '\\0' x </dev/zero); echo $x ); echo $? >/tmp/code; sleep 1000");
        using Process events = Process.Start(new ProcessStartInfo(Executables.Runtime, ["--root", _bundle.StateRoot, "events", "--interval", "100ms", "id"]) { RedirectStandardOutput = true })!;
        var lines = new ConcurrentQueue<string>();
        events.OutputDataReceived += (_, line) => lines.Enqueue(line.Data ?? "");
        events.BeginOutputReadLine();
        SampanCommand.Eventually(() => lines.Any(static line => line.Contains("\"type\":\"stats\"", StringComparison.Ordinal)), "statistics come each 100 ms");
        Assert.DoesNotContain(lines, static line => line.Contains("oom\"", StringComparison.Ordinal));
        File.WriteAllText(Path.Combine(_bundle.Place, "rootfs/tmp/go"), "");
        SampanCommand.Eventually(() => lines.Any(static line => line is "{\"type\":\"oom\",\"id\":\"id\"}"), "the OOM kill is told");
        SampanCommand.Eventually(() => File.Exists(Path.Combine(_bundle.Place, "rootfs/tmp/code")), "the killed process was waited for");
        SampanCommand.Eventually(() => File.ReadAllText(Path.Combine(_bundle.Place, "rootfs/tmp/code")).Trim() == "137", "it was killed");
        JsonNode memory = Statistics()["memory"]!;
        Assert.Equal(64 * Mega, (long)memory["usage"]!["limit"]!);
        Assert.InRange((long)memory["usage"]!["max"]!, 60 * Mega, 64 * Mega);
        Must("kill", "id", "KILL");
        Assert.True(events.WaitForExit(TimeSpan.FromSeconds(10)), "events does not end with the container");
        Assert.Equal(0, events.ExitCode);
        (int status, _, string error) = Runtime("events", "--stats", "id");
        Assert.Equal(1, status);
        Assert.Contains("is not running", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_option_of_update_is_in_force_at_once()
    {
        Start(256 * Mega, "sleep 1000");
        Must("update", "--memory", "32M", "--memory-swap", "32M", "--memory-reservation", "16M", "--cpu-period", "50000", "--cpu-quota", "10000", "--cpu-share", "512", "--cpuset-cpus", "0", "--pids-limit", "5", "id");
        JsonNode data = Statistics();
        Assert.Equal(32 * Mega, (long)data["memory"]!["usage"]!["limit"]!);
        Assert.Equal(32 * Mega, (long)data["memory"]!["swap"]!["limit"]!);
        Assert.Equal(5, (long)data["pids"]!["limit"]!);
        Assert.Equal("10000 50000", Limit("cpu", "cpu.cfs_quota_us", "cpu.max", static text => text.Split(' ')[0]) + " " + Limit("cpu", "cpu.cfs_period_us", "cpu.max", static text => text.Split(' ')[1]));
        Assert.Equal("16777216", Limit("memory", "memory.soft_limit_in_bytes", "memory.low", static text => text));
        Assert.Equal(Directory.Exists("/sys/fs/cgroup/cpu") ? "512" : "20", Limit("cpu", "cpu.shares", "cpu.weight", static text => text));
        // Not only written: held.
        Assert.Equal("Cpus_allowed_list:\t0", Runtime("exec", "id", "/bin/grep", "Cpus_allowed_list", "/proc/self/status").Output.Trim());
        Assert.Equal(137, Runtime("exec", "id", "/bin/sh", "-c", "x=$(head -c 40000000 /dev/zero | tr '\\0' x); echo ${#x}").Status);
        Assert.NotEqual(0, Runtime("exec", "id", "/bin/sh", "-c", "for i in 1 2 3 4 5 6 7 8; do sleep 1 & done").Status);
        // Up again, by JSON from a file and from standard input.
        string resources = Path.Combine(_bundle.Place, "resources.json");
        File.WriteAllText(resources, $"{{\"memory\":{{\"limit\":{128 * Mega},\"swap\":{128 * Mega}}},\"pids\":{{\"limit\":100}}}}");
        Must("update", "--resources", resources, "id");
        Assert.Equal("40000000", Runtime("exec", "id", "/bin/sh", "-c", "x=$(head -c 40000000 /dev/zero | tr '\\0' x); echo ${#x}").Output.Trim());
        (int status, _, string error) = Executables.Run("/bin/sh", "-c", $"echo '{{\"cpu\":{{\"quota\":-1}}}}' | {Executables.Runtime} --root {_bundle.StateRoot} update -r - id");
        Assert.True(status == 0, error);
        Assert.Equal(Directory.Exists("/sys/fs/cgroup/cpu") ? "-1" : "max", Limit("cpu", "cpu.cfs_quota_us", "cpu.max", static text => text.Split(' ')[0]));
        Assert.Equal(128 * Mega, (long)Statistics()["memory"]!["usage"]!["limit"]!);
    }

    [Theory]
    [InlineData("\"1x\" is no size", "--memory", "1x")]
    [InlineData("cpus", "--cpuset-cpus", "0-4095")]
    [InlineData("cpu-share", "--cpu-share", "-5")]
    public void A_limit_that_cannot_be_is_refused_and_changes_nothing(string sentence, params string[] options)
    {
        Start(64 * Mega, "sleep 1000");
        string before = Statistics().ToJsonString();
        (int status, _, string error) = Runtime(["update", .. options, "id"]);
        Assert.Equal(1, status);
        Assert.Contains(sentence, error.Replace("\\\"", "\"", StringComparison.Ordinal), StringComparison.Ordinal);
        JsonNode after = Statistics();
        Assert.Equal(64 * Mega, (long)after["memory"]!["usage"]!["limit"]!);
        Assert.Equal(JsonNode.Parse(before)!["pids"]!["limit"]?.ToJsonString(), after["pids"]!["limit"]?.ToJsonString());
    }

    private void Start(long memory, string script)
    {
        _bundle.Change(config =>
        {
            config["process"]!["args"] = new JsonArray("/bin/sh", "-c", script);
            config["linux"]!["resources"] = new JsonObject { ["memory"] = new JsonObject { ["limit"] = memory, ["swap"] = memory } };
        });
        using Victim run = Victim.Start(Executables.Runtime, "--root", _bundle.StateRoot, "run", "--detach", "--bundle", _bundle.Place, "id");
        Assert.Equal(0, run.Wait());
    }

    private JsonNode Statistics()
    {
        (int status, string output, string error) = Runtime("events", "--stats", "id");
        Assert.True(status == 0, error);
        JsonNode line = JsonNode.Parse(output)!;
        Assert.Equal(("stats", "id"), ((string?)line["type"], (string?)line["id"]));
        return line["data"]!;
    }

    /// <summary>A file of the container's cgroup, in whichever version has the controller.</summary>
    private string Limit(string controller, string legacy, string unified, Func<string, string> part)
    {
        string directory = $"/sys/fs/cgroup/{controller}/{_bundle.Name}";
        return Directory.Exists(directory)
            ? File.ReadAllText($"{directory}/{legacy}").Trim()
            : part(File.ReadAllText($"/sys/fs/cgroup/{_bundle.Name}/{unified}").Trim());
    }

    private void Must(params string[] arguments)
    {
        (int status, _, string error) = Runtime(arguments);
        Assert.True(status == 0, $"{string.Join(' ', arguments)}: {error}");
    }

    private (int Status, string Output, string Error) Runtime(params string[] arguments) => Executables.Run(Executables.Runtime, ["--root", _bundle.StateRoot, .. arguments]);
}
