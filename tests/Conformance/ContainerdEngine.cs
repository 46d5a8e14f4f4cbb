namespace Sampan.Tests.Conformance;

/// <summary>Debian's containerd with directories and a socket of its own; <c>ctr</c> tells it which program to run as its runc.</summary>
public sealed class ContainerdEngine : Engine
{
    private const string Daemon = "/usr/bin/containerd";

    /// <summary>Starts it.</summary>
    public ContainerdEngine()
        : base("containerd")
    {
    }

    /// <summary>Where the daemon's words are.</summary>
    public string Log => Path.Combine(Ready().Directory, "containerd.log");

    /// <summary>Runs one command of <c>ctr</c>.</summary>
    public CommandResult Do(params string[] arguments) => Do(Ready(), arguments);

    /// <summary>Runs <c>ctr run</c> with the runtime under test: options first, then the container's name and its command.</summary>
    public CommandResult RunContainer(string[] options, string name, params string[] command) => Do(
    [
        "run", "--runtime=io.containerd.runc.v2", $"--runc-binary={RuntimeUnderTest.Path}", $"--cgroup=/{Ready().CgroupParent}/{name}",
        .. options, BusyboxImage.Name, name, .. command,
    ]);

    /// <summary>Starts a container that only waits, and returns its name.</summary>
    public string RunDetached(params string[] options)
    {
        string name = NewName();
        _ = RunContainer(["-d", .. options], name, "sleep", "1000").Expect(0);
        return name;
    }

    /// <summary>Runs <paramref name="command"/> in a running container.</summary>
    public CommandResult Exec(string container, params string[] command) => Do(["task", "exec", "--exec-id", NewName(), container, .. command]);

    /// <summary>Removes a container and its task.</summary>
    public void Remove(string container)
    {
        _ = Do("task", "rm", "--force", container).Expect(0);
        _ = Do("container", "rm", container).Expect(0);
    }

    /// <inheritdoc/>
    protected override void Install() => DebianPackages.Require([Daemon, "/usr/bin/ctr"], ["containerd"]);

    /// <inheritdoc/>
    protected override void Start(EngineSandbox sandbox, string archive)
    {
        string directory = sandbox.Directory;
        string configuration = Path.Combine(directory, "config.toml");
        File.WriteAllText(
            configuration,
            $"""
            version = 2
            root = "{directory}/root"
            state = "{directory}/state"
            disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs",
              "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.tracing.processor.v1.otlp"]
            [grpc]
              address = "{directory}/containerd.sock"
            [ttrpc]
              address = "{directory}/containerd.sock.ttrpc"
            """);
        using var daemon = sandbox.StartDaemon(Path.Combine(directory, "containerd.log"), Daemon, "--config", configuration);
        Eventually(
            "containerd answers",
            () => Do(sandbox, "version") is { ExitCode: 0 } || (daemon.HasExited ? throw new InvalidOperationException("containerd ended") : false));
        _ = Do(sandbox, "image", "import", archive).Expect(0);
    }

    private static CommandResult Do(EngineSandbox sandbox, params string[] arguments) =>
        sandbox.Run("/usr/bin/ctr", ["--address", $"{sandbox.Directory}/containerd.sock", .. arguments]);
}
