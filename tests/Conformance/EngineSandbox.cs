using System.Diagnostics;
using System.Globalization;

namespace Sampan.Tests.Conformance;

/// <summary>
/// The place in which one engine runs: a temporary directory, and pid, mount and network namespaces of its own, held by a first process.
/// When that process is killed the kernel kills everything in it (daemons, shims, monitors, containers) and drops every mount, whatever
/// state a failed test left; the control groups, all below <see cref="CgroupParent"/>, are removed after that.
/// </summary>
public sealed class EngineSandbox : IDisposable
{
    // /run is the sandbox's own, because containerd and podman keep sockets in fixed places there. With version 1 /sys/fs/cgroup is a tmpfs, in
    // which podman makes plain directories for hierarchies that are not mounted: the sandbox has a copy of that tmpfs, the hierarchies bound into it.
    // `wait` reaps what daemons leave behind.
    private const string FirstProcess =
        """
        set -e
        mount -t tmpfs -o mode=755 tmpfs /run
        mkdir -p /run/lock /run/cgroup
        if [ "$(stat -f -c %T /sys/fs/cgroup)" = tmpfs ]; then
          mount -t tmpfs -o mode=755 tmpfs /run/cgroup
          for hierarchy in /sys/fs/cgroup/*; do
            mountpoint -q "$hierarchy" || continue
            mkdir "/run/cgroup/${hierarchy##*/}"
            mount --bind "$hierarchy" "/run/cgroup/${hierarchy##*/}"
          done
          mount --move /run/cgroup /sys/fs/cgroup
        fi
        busybox ip link set lo up
        echo ready
        sleep infinity & wait
        """;

    private readonly Process _holder;
    private readonly string _pid;

    /// <summary>Starts the sandbox for an engine called <paramref name="engine"/>.</summary>
    /// <exception cref="PeerUnavailableException">The namespaces cannot be made here.</exception>
    public EngineSandbox(string engine)
    {
        DebianPackages.Require(["/usr/bin/unshare", "/usr/bin/nsenter", "/bin/busybox", "/usr/bin/script"], ["util-linux", "busybox-static", "bsdutils"]);
        Directory = System.IO.Directory.CreateTempSubdirectory($"sampan-{engine}-").FullName;
        CgroupParent = System.IO.Path.GetFileName(Directory);
        ProcessStartInfo start = new("/usr/bin/unshare") { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (string argument in (string[])["--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c", FirstProcess])
        {
            start.ArgumentList.Add(argument);
        }

        _holder = Process.Start(start) ?? throw new InvalidOperationException("unshare did not start");
        if (_holder.StandardOutput.ReadLine() != "ready")
        {
            throw new PeerUnavailableException($"no namespaces for {engine}: {_holder.StandardError.ReadToEnd().Trim()}");
        }

        string holder = _holder.Id.ToString(CultureInfo.InvariantCulture);
        _pid = File.ReadAllText($"/proc/{holder}/task/{holder}/children").Split(' ')[0];
    }

    /// <summary>The engine's directory, below the temporary directory and short enough for the sockets in it.</summary>
    public string Directory { get; }

    /// <summary>Name of the control group, in each hierarchy, below which the engine puts its containers.</summary>
    public string CgroupParent { get; }

    /// <summary>Runs <paramref name="program"/> in the sandbox.</summary>
    public CommandResult Run(string program, IEnumerable<string> arguments, string? input = null) =>
        Command.Run("/usr/bin/nsenter", Enter(program, arguments), input);

    /// <summary>Starts a daemon in the sandbox; its output goes to <paramref name="log"/>. It ends with the sandbox.</summary>
    public Process StartDaemon(string log, string program, params string[] arguments)
    {
        ProcessStartInfo start = new("/usr/bin/nsenter");
        foreach (string argument in Enter("/bin/sh", ["-c", "exec \"$@\" >\"$0\" 2>&1 </dev/null", log, program, .. arguments]))
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
    }

    /// <summary>Ends everything in the sandbox and removes what it left: mounts, control groups, files.</summary>
    public void Dispose()
    {
        _holder.Kill();
        _ = _holder.WaitForExit(TimeSpan.FromSeconds(20));
        _holder.Dispose();
        RemoveControlGroups();
        _ = Command.Run("/bin/rm", ["-rf", "--one-file-system", Directory]);
    }

    private string[] Enter(string program, IEnumerable<string> arguments) =>
        [$"--target={_pid}", "--mount", "--net", "--pid", "--", "/usr/bin/env", "-C", Directory, "PATH=/usr/sbin:/usr/bin:/sbin:/bin", program, .. arguments];

    private void RemoveControlGroups()
    {
        long deadline = Stopwatch.GetTimestamp() + (10 * Stopwatch.Frequency);
        while (Stopwatch.GetTimestamp() < deadline && !TryRemoveControlGroups())
        {
            // The killed processes leave their groups when the kernel has buried them, which nothing announces in version 1.
            _ = Command.Run("/bin/sleep", ["0.1"]);
        }
    }

    private bool TryRemoveControlGroups()
    {
        const string Depth = "/usr/bin/find";
        CommandResult found = Command.Run(Depth, ["/sys/fs/cgroup", "-maxdepth", "2", "-type", "d", "-name", CgroupParent]);
        string[] roots = found.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return roots.All(root => Command.Run(Depth, [root, "-depth", "-type", "d", "-exec", "rmdir", "{}", ";"]) is { ExitCode: 0 } && !System.IO.Directory.Exists(root));
    }
}
