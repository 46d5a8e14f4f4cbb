using System.Text.Json.Nodes;
using Sampan.Kernel;

namespace Sampan.Tests.Integration.Leaks;

/// <summary>A bundle of busybox with all the namespaces root can have, and a state root, in a directory that goes with it.</summary>
internal sealed class LeakBundle : IDisposable
{
    private static readonly string[] s_directories = ["rootfs/bin", "rootfs/proc", "rootfs/dev", "rootfs/sys", "rootfs/tmp", "state"];
    private static readonly string[] s_applets = ["sh", "true", "sleep"];

    public LeakBundle()
    {
        Name = "sampan-leak-" + Guid.NewGuid().ToString("N")[..12];
        Place = Path.Combine(Path.GetTempPath(), Name);
        foreach (string directory in s_directories)
            Directory.CreateDirectory(Path.Combine(Place, directory));
        File.Copy(File.Exists("/bin/busybox") ? "/bin/busybox" : "/usr/bin/busybox", Path.Combine(Place, "rootfs/bin/busybox"));
        foreach (string applet in s_applets)
            File.CreateSymbolicLink(Path.Combine(Place, "rootfs/bin", applet), "busybox");
        File.WriteAllText(Path.Combine(Place, "config.json"), Config);
    }

    /// <summary>A word that is in the path of everything the test makes, and in nothing else on the machine.</summary>
    public string Name { get; }

    public string Place { get; }

    public string StateRoot => Path.Combine(Place, "state");

    private string Config => $$"""
        {
          "ociVersion": "1.0.2",
          "process": { "args": ["/bin/sleep", "1000"], "cwd": "/", "user": { "uid": 0, "gid": 0 }, "env": ["PATH=/bin", "{{Name}}=1"] },
          "root": { "path": "rootfs" },
          "hostname": "leak",
          "mounts": [
            { "destination": "/proc", "type": "proc", "source": "proc" },
            { "destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755", "size=1m"] },
            { "destination": "/dev/pts", "type": "devpts", "source": "devpts", "options": ["newinstance", "ptmxmode=0666"] },
            { "destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["ro"] },
            { "destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup", "options": ["ro"] }
          ],
          "linux": {
            "cgroupsPath": "/{{Name}}",
            "namespaces": [{ "type": "pid" }, { "type": "network" }, { "type": "ipc" }, { "type": "uts" }, { "type": "mount" }, { "type": "cgroup" }],
            "maskedPaths": ["/proc/kcore", "/sys/firmware"],
            "readonlyPaths": ["/proc/sys"]
          }
        }
        """;

    /// <summary>Changes the configuration.</summary>
    public void Change(Action<JsonNode> change)
    {
        string path = Path.Combine(Place, "config.json");
        JsonNode config = JsonNode.Parse(File.ReadAllText(path))!;
        change(config);
        File.WriteAllText(path, config.ToJsonString());
    }

    /// <summary>No container, mount, cgroup or process of this bundle is left.</summary>
    /// <param name="when">What has happened before, for the message.</param>
    public void AssertNothingLeft(string when)
    {
        Left(when, "containers", Directory.GetDirectories(StateRoot));
        Left(when, "mounts", MachineState.Mounts(Name));
        Left(when, "cgroups", MachineState.Cgroups(Name));
        List<string> processes = MachineState.Processes(Name);
        // What was killed a moment ago is on its way out.
        for (int i = 0; i < 100 && processes.Count > 0; i++, processes = MachineState.Processes(Name))
            _ = Syscalls.Poll([], 20);
        Left(when, "processes", processes);
        Assert.Equal(0, MachineState.Zombies());
    }

    private static void Left(string when, string what, IReadOnlyCollection<string> left) => Assert.True(left.Count == 0, $"{when}: {what} left: {string.Join(", ", left)}");

    public void Dispose()
    {
        foreach (string cgroup in MachineState.Cgroups(Name).OrderByDescending(c => c.Length))
        {
            try
            {
                Directory.Delete(cgroup);
            }
            catch (IOException)
            {
                // Its processes are still there: the test has failed and has said so.
            }
        }
        Directory.Delete(Place, recursive: true);
    }
}
