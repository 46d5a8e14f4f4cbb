using System.Text.Json.Nodes;
using Sampan.Tests.Integration.Leaks;

namespace Sampan.Tests.Integration.Bundles;

/// <summary>
/// A bundle of busybox with the configuration of <c>sampan-runtime spec</c>, writable and without a terminal, to be changed by a test. Its containers, its
/// state and its files go with it.
/// </summary>
internal sealed class TestBundle : IDisposable
{
    private static readonly string[] s_directories = ["rootfs/bin", "rootfs/proc", "rootfs/dev", "rootfs/sys", "rootfs/tmp", "rootfs/etc", "rootfs/run", "state"];
    private readonly List<string> _ids = [];

    public TestBundle()
    {
        Assert.SkipUnless(Executables.IsRoot, "needs root: makes containers");
        Assert.SkipUnless(File.Exists(Executables.Runtime), "out/bin/sampan-runtime is not there: run ./build.sh first");
        Name = "sampan-bundle-" + Guid.NewGuid().ToString("N")[..12];
        Place = Path.Combine(Path.GetTempPath(), Name);
        foreach (string directory in s_directories)
            Directory.CreateDirectory(Path.Combine(Place, directory));
        string busybox = File.Exists("/bin/busybox") ? "/bin/busybox" : "/usr/bin/busybox";
        File.Copy(busybox, RootFs("bin/busybox"));
        foreach (string applet in Executables.Run(busybox, "--list").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(name => name != "busybox"))
            File.CreateSymbolicLink(RootFs($"bin/{applet}"), "busybox");
        (int status, _, string error) = Executables.Run(Executables.Runtime, "spec", "--bundle", Place);
        Assert.True(status == 0, error);
        Config = JsonNode.Parse(File.ReadAllText(Path.Combine(Place, "config.json")))!;
        Process["terminal"] = false;
        Config["root"]!["readonly"] = false;
        Process["noNewPrivileges"] = false;
    }

    /// <summary>A word that is in the path of everything the test makes.</summary>
    public string Name { get; }

    public string Place { get; }

    public JsonNode Config { get; }

    public JsonNode Process => Config["process"]!;

    public JsonNode Linux => Config["linux"]!;

    public string RootFs(string path) => Path.Combine(Place, "rootfs", path);

    public void AddMount(string json) => Config["mounts"]!.AsArray().Add(JsonNode.Parse(json));

    public void AddNamespace(string type) => Linux["namespaces"]!.AsArray().Add(new JsonObject { ["type"] = type });

    /// <summary>A user namespace in which root is <paramref name="hostId"/> and the ids up to 65535 follow; the root file system is given to it.</summary>
    public void AddUserNamespace(int hostId)
    {
        AddNamespace("user");
        foreach (string kind in (string[])["uidMappings", "gidMappings"])
            Linux[kind] = new JsonArray(new JsonObject { ["containerID"] = 0, ["hostID"] = hostId, ["size"] = 65536 });
        Must("/bin/chown", "-hR", $"{hostId}:{hostId}", RootFs(""));
    }

    /// <summary>Gives the process further capabilities.</summary>
    public void AddCapability(string name)
    {
        foreach (string set in (string[])["bounding", "effective", "permitted"])
            Process["capabilities"]![set]!.AsArray().Add((JsonNode)name);
    }

    /// <summary>A new id of a container, removed with the bundle.</summary>
    public string NewId()
    {
        _ids.Add($"{Name}-{_ids.Count + 1}");
        return _ids[^1];
    }

    /// <summary>Runs a shell script as the container's first process.</summary>
    public (int Status, string Output, string Error) Run(string script) => RunProgram("/bin/sh", "-c", script);

    public (int Status, string Output, string Error) RunProgram(params string[] arguments)
    {
        Write(arguments);
        return Runtime("run", "--bundle", Place, NewId());
    }

    /// <summary>Runs a shell script that must succeed; gives what it wrote.</summary>
    public string MustRun(string script)
    {
        (int status, string output, string error) = Run(script);
        Assert.True(status == 0, $"{status}: {error} {output}");
        return output.TrimEnd('\n');
    }

    /// <summary>Starts a container that stays, and gives its id.</summary>
    public string Start(string script = "exec sleep 1000")
    {
        Write("/bin/sh", "-c", script);
        string id = NewId();
        Detached("run", "--detach", "--bundle", Place, id);
        return id;
    }

    /// <summary>Runs a program in a container that is there; it must succeed.</summary>
    public string MustExec(string id, params string[] arguments)
    {
        (int status, string output, string error) = Runtime(["exec", id, .. arguments]);
        Assert.True(status == 0, $"{status}: {error} {output}");
        return output.TrimEnd('\n');
    }

    /// <summary>The pid of a container's first process.</summary>
    public int PidOf(string id) => (int)JsonNode.Parse(Runtime("state", id).Output)!["pid"]!;

    public (int Status, string Output, string Error) Runtime(params string[] arguments) => Executables.Run(Executables.Runtime, RuntimeArguments(arguments));

    public string[] RuntimeArguments(params string[] arguments) => ["--root", Path.Combine(Place, "state"), .. arguments];

    /// <summary>Runs a command whose container keeps the standard streams: they are not the test's pipes.</summary>
    public void Detached(params string[] arguments)
    {
        string said = Path.Combine(Place, "said");
        (int status, _, _) = Executables.Run("/bin/sh", ["-c", "said=$1; shift; exec \"$@\" </dev/null >\"$said\" 2>&1", "sh", said, Executables.Runtime, .. RuntimeArguments(arguments)]);
        Assert.True(status == 0, $"{status}: {File.ReadAllText(said)}");
    }

    /// <summary>Writes the configuration, with a command.</summary>
    public void Write(params string[] arguments)
    {
        Process["args"] = new JsonArray([.. arguments.Select(argument => (JsonNode)argument)]);
        File.WriteAllText(Path.Combine(Place, "config.json"), Config.ToJsonString());
    }

    /// <summary>Waits until something holds; fails after ten seconds.</summary>
    public static void Eventually(Func<bool> holds, string what)
    {
        using var waiter = new ManualResetEventSlim();
        for (long end = Environment.TickCount64 + 10_000; Environment.TickCount64 < end; _ = waiter.Wait(20))
        {
            if (holds())
                return;
        }
        Assert.Fail($"not after ten seconds: {what}");
    }

    /// <summary>Runs a program of the host that must succeed.</summary>
    public static string Must(string program, params string[] arguments)
    {
        (int status, string output, string error) = Executables.Run(program, arguments);
        Assert.True(status == 0, $"{program} {string.Join(' ', arguments)}: {status} {error}");
        return output.TrimEnd('\n');
    }

    public void Dispose()
    {
        foreach (string id in _ids)
            _ = Runtime("delete", "--force", id);
        Directory.Delete(Place, recursive: true);
    }
}
