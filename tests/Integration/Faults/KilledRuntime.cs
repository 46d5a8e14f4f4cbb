using System.Net.Sockets;
using System.Text.Json.Nodes;
using Sampan.Kernel;
using Sampan.Tests.Integration.Engine;
using Sampan.Tests.Integration.Leaks;

namespace Sampan.Tests.Integration.Faults;

/// <summary>
/// The runtime is killed (SIGKILL) at moments spread over all that a command does, and where it waits for somebody: what is left then, <c>delete --force</c>
/// removes, whatever it is.
/// </summary>
[Collection(nameof(CommandCycles))]
public sealed class KilledRuntime
{
    private static readonly string[] s_maps = ["uidMappings", "gidMappings"];

    private static int Moments => Executables.LongTests ? 1000 : 20;

    public KilledRuntime() => Assert.SkipUnless(Executables.IsRoot, "making containers needs root");

    [Theory]
    [InlineData("create", false)]
    [InlineData("run", false)]
    [InlineData("create", true)]
    public void Create_and_run_at_any_moment(string verb, bool hasUserNamespace)
    {
        using LeakBundle bundle = new();
        if (hasUserNamespace)
            AddUserNamespace(bundle);
        string[] arguments = ["--root", bundle.StateRoot, verb, .. verb == "run" ? ["--detach"] : Array.Empty<string>(), "--bundle", bundle.Place, "victim"];
        AtEachMoment(bundle, "1", static () => { }, arguments);
    }

    [Fact]
    public void Exec_at_any_moment()
    {
        using LeakBundle bundle = new();
        AtEachMoment(bundle, "0.5", () => RunDetached(bundle), "--root", bundle.StateRoot, "exec", "--detach", "victim", "/bin/sleep", "1000");
    }

    [Fact]
    public void Start_at_any_moment()
    {
        using LeakBundle bundle = new();
        AtEachMoment(bundle, "0.5", () => Succeeds("--root", bundle.StateRoot, "create", "--bundle", bundle.Place, "victim"), "--root", bundle.StateRoot, "start", "victim");
    }

    [Fact]
    public void Delete_at_any_moment()
    {
        using LeakBundle bundle = new();
        AtEachMoment(bundle, "0.5", () => RunDetached(bundle), "--root", bundle.StateRoot, "delete", "--force", "victim");
    }

    [Theory]
    [InlineData("prestart", "create")]
    [InlineData("createRuntime", "create")]
    [InlineData("createContainer", "create")]
    [InlineData("startContainer", "start")]
    [InlineData("startContainer", "run")]
    [InlineData("poststart", "start")]
    [InlineData("poststop", "delete")]
    public void While_a_hook_does_not_end(string hook, string verb)
    {
        using LeakBundle bundle = new();
        string flag = Path.Combine(bundle.Place, "rootfs/tmp/flag");
        bundle.Change(config => config["hooks"] = new JsonObject
        {
            [hook] = new JsonArray(new JsonObject
            {
                ["path"] = "/bin/sh",
                ["args"] = new JsonArray("sh", "-c", $"touch {(hook == "startContainer" ? "/tmp/flag" : flag)}; sleep 1000"),
                ["env"] = new JsonArray($"{bundle.Name}=1", "PATH=/usr/bin:/bin"),
            }),
        });
        File.CreateSymbolicLink(Path.Combine(bundle.Place, "rootfs/bin/touch"), "busybox");
        if (verb == "start")
            Succeeds("--root", bundle.StateRoot, "create", "--bundle", bundle.Place, "victim");
        if (verb == "delete")
            RunDetached(bundle);
        string[] words = verb switch
        {
            "create" => ["create", "--bundle", bundle.Place, "victim"],
            "run" => ["run", "--detach", "--bundle", bundle.Place, "victim"],
            "delete" => ["delete", "--force", "victim"],
            _ => [verb, "victim"],
        };
        using (Victim victim = Victim.Start(Executables.Runtime, ["--root", bundle.StateRoot, .. words]))
        {
            SampanCommand.Eventually(() => File.Exists(flag) || victim.HasEnded, $"the {hook} hook runs");
            Assert.True(victim.Kill(), $"{verb} did not wait for its {hook} hook");
        }
        DeleteAndLookAround(bundle, $"{verb} was killed in its {hook} hook");
    }

    /// <summary>A console socket whose queue is full: connect(2) waits.</summary>
    [Fact]
    public void While_nobody_answers_at_the_console_socket()
    {
        using LeakBundle bundle = new();
        bundle.Change(static config => config["process"]!["terminal"] = true);
        string path = Path.Combine(bundle.Place, "console.sock");
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen(1);
        var queue = new List<Socket>();
        try
        {
            for (bool full = false; !full;)
            {
                var one = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
                queue.Add(one);
                try
                {
                    one.Connect(new UnixDomainSocketEndPoint(path));
                }
                catch (SocketException)
                {
                    full = true;
                }
            }
            using Victim victim = Victim.Start(Executables.Runtime, "--root", bundle.StateRoot, "create", "--bundle", bundle.Place, "--console-socket", path, "victim");
            SampanCommand.Eventually(() => IsConnecting(victim.Pid), "create waits for the console socket");
            Assert.True(victim.Kill());
        }
        finally
        {
            queue.ForEach(static one => one.Dispose());
        }
        DeleteAndLookAround(bundle, "create was killed while it waited for the console socket");
    }

    private static void AtEachMoment(LeakBundle bundle, string atLeast, Action prepare, params string[] arguments)
    {
        // The shortest of a few: the first is slower than all others (caches, and directories of the cgroups), and so is any on a busy machine.
        TimeSpan whole = TimeSpan.MaxValue;
        for (int i = 0; i < 4; i++)
        {
            prepare();
            TimeSpan one = Victim.Measure(Executables.Runtime, arguments);
            whole = one < whole ? one : whole;
            DeleteAndLookAround(bundle, "nobody was killed");
        }
        int killed = 0;
        for (int i = 0; i < Moments; i++)
        {
            prepare();
            TimeSpan delay = whole * i / Moments;
            if (Victim.KillAfter(delay, Executables.Runtime, arguments))
                killed++;
            DeleteAndLookAround(bundle, $"{string.Join(' ', arguments)} was killed after {delay.TotalMilliseconds} ms");
        }
        Assert.True(killed > Moments * double.Parse(atLeast, System.Globalization.CultureInfo.InvariantCulture) / 2, $"only {killed} of {Moments} were killed before they had ended: the test was none");
    }

    private static void DeleteAndLookAround(LeakBundle bundle, string when)
    {
        (int status, _, string error) = Executables.Run(Executables.Runtime, "--root", bundle.StateRoot, "delete", "--force", "victim");
        Assert.True(status == 0, $"{when}: delete --force: {error}");
        bundle.AssertNothingLeft(when);
    }

    private static void RunDetached(LeakBundle bundle) => Succeeds("--root", bundle.StateRoot, "run", "--detach", "--bundle", bundle.Place, "victim");

    private static void Succeeds(params string[] arguments)
    {
        using Victim one = Victim.Start(Executables.Runtime, arguments);
        Assert.Equal(0, one.Wait());
    }

    private static void AddUserNamespace(LeakBundle bundle) => bundle.Change(static config =>
    {
        config["linux"]!["namespaces"]!.AsArray().Add(new JsonObject { ["type"] = "user" });
        foreach (string map in s_maps)
            config["linux"]![map] = new JsonArray(new JsonObject { ["containerID"] = 0, ["hostID"] = 0, ["size"] = 65536 });
    });

    /// <summary>Whether the process's first thread is in connect(2).</summary>
    private static bool IsConnecting(int pid) => File.ReadAllText($"/proc/{pid}/syscall").StartsWith($"{SyscallNumbers.connect} ", StringComparison.Ordinal);
}
