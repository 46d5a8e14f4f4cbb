using System.Text.Json.Nodes;
using Sampan.Engine.Security;
using Sampan.Tests.Integration.Leaks;

namespace Sampan.Tests.Integration.Security;

/// <summary>
/// A bundle with Docker's default capabilities and the default filter, and beside it what no container may read or change: a canary file with
/// a secret in a directory of its own.
/// </summary>
internal sealed class EscapeBundle : IDisposable
{
    private static readonly string[] _capabilities =
    [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_FOWNER", "CAP_MKNOD", "CAP_NET_RAW", "CAP_SETGID", "CAP_SETUID", "CAP_SETFCAP", "CAP_SETPCAP",
        "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_KILL", "CAP_AUDIT_WRITE",
    ];

    private int _runs;

    public EscapeBundle()
    {
        Name = "sampan-escape-" + Guid.NewGuid().ToString("N")[..12];
        Place = Path.Combine(Path.GetTempPath(), Name);
        foreach (string directory in new[] { "rootfs/bin", "rootfs/proc", "rootfs/dev", "rootfs/sys", "rootfs/tmp", "rootfs/vol", "state", "outside" })
            Directory.CreateDirectory(Path.Combine(Place, directory));
        File.Copy(File.Exists("/bin/busybox") ? "/bin/busybox" : "/usr/bin/busybox", Path.Combine(Place, "rootfs/bin/busybox"));
        foreach (string applet in new[] { "sh", "cat", "ls", "id", "mount", "umount", "sleep", "readlink", "grep", "pwd", "env", "true", "stat", "mkdir", "head" })
            File.CreateSymbolicLink(Path.Combine(Place, "rootfs/bin", applet), "busybox");
        Secret = Guid.NewGuid().ToString("N");
        File.WriteAllText(Canary, Secret);
        (int status, _, string error) = Executables.Run(Executables.Runtime, "spec", "--bundle", Place);
        Assert.True(status == 0, error);
        Config = JsonNode.Parse(File.ReadAllText(Path.Combine(Place, "config.json")))!;
        Config["process"]!["terminal"] = false;
        Config["root"]!["readonly"] = false;
        Config["process"]!["noNewPrivileges"] = false;
        foreach (string set in new[] { "bounding", "effective", "permitted" })
            Config["process"]!["capabilities"]![set] = new JsonArray([.. _capabilities.Select(name => (JsonNode)name)]);
        byte[] filter = DefaultSeccompProfile.For(_capabilities.ToHashSet(), DefaultSeccompProfile.NativeArchitecture).ToJson(indented: false);
        Config["linux"]!["seccomp"] = JsonNode.Parse(filter);
    }

    public string Name { get; }

    public string Place { get; }

    public string Outside => Path.Combine(Place, "outside");

    public string Canary => Path.Combine(Outside, "canary");

    public string Secret { get; }

    public JsonNode Config { get; }

    public JsonNode Process => Config["process"]!;

    public string RootFs(string path) => Path.Combine(Place, "rootfs", path.TrimStart('/'));

    /// <summary>Takes the mount of a destination out of the configuration.</summary>
    public void DropMount(string destination)
    {
        JsonArray mounts = Config["mounts"]!.AsArray();
        foreach (JsonNode? mount in mounts.Where(mount => mount!["destination"]!.GetValue<string>() is var at && (at == destination || at.StartsWith(destination + "/"))).ToList())
            mounts.Remove(mount);
    }

    public void AddMount(string json) => Config["mounts"]!.AsArray().Add(JsonNode.Parse(json));

    /// <summary>Runs a shell script as the container's first process.</summary>
    public (int Status, string Output, string Error) Run(string script) => RunProgram("/bin/sh", "-c", script);

    public (int Status, string Output, string Error) RunProgram(params string[] arguments)
    {
        string id = $"{Name}-{++_runs}";
        Write(arguments);
        try
        {
            return Runtime("run", "--bundle", Place, id);
        }
        finally
        {
            _ = Runtime("delete", "--force", id);
        }
    }

    /// <summary>Starts a container that stays, and gives its id; <see cref="Dispose"/> ends it.</summary>
    public string Start(string script)
    {
        string id = $"{Name}-{++_runs}";
        Write("/bin/sh", "-c", script);
        (int status, _, string error) = Runtime("run", "--detach", "--bundle", Place, id);
        Assert.True(status == 0, error);
        return id;
    }

    /// <summary>Runs the runtime over this bundle's state. A detached container keeps the pipes, so its output goes nowhere.</summary>
    public (int Status, string Output, string Error) Runtime(params string[] arguments) => arguments.Contains("--detach")
        ? Executables.Run("/bin/sh", ["-c", "exec \"$@\" >/dev/null 2>/dev/null </dev/null", "sh", Executables.Runtime, "--root", Path.Combine(Place, "state"), .. arguments])
        : Executables.Run(Executables.Runtime, ["--root", Path.Combine(Place, "state"), .. arguments]);

    /// <summary>The canary is as it was, and nothing lies beside it.</summary>
    public void AssertUntouched()
    {
        Assert.Equal(Secret, File.ReadAllText(Canary));
        Assert.Equal([Canary], Directory.GetFileSystemEntries(Outside));
    }

    public void Dispose()
    {
        for (int i = 1; i <= _runs; i++)
            _ = Runtime("delete", "--force", $"{Name}-{i}");
        Directory.Delete(Place, recursive: true);
    }

    private void Write(params string[] arguments)
    {
        Process["args"] = new JsonArray([.. arguments.Select(argument => (JsonNode)argument)]);
        File.WriteAllText(Path.Combine(Place, "config.json"), Config.ToJsonString());
    }
}
