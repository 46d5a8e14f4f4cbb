namespace Sampan.Tests.Conformance;

/// <summary>Debian's dockerd with directories, a socket and a containerd of its own, and the runtime under test as its default runtime.</summary>
public sealed class DockerEngine : DockerLikeEngine
{
    private const string Daemon = "/usr/sbin/dockerd";

    /// <summary>Starts it.</summary>
    public DockerEngine()
        : base("docker")
    {
    }

    /// <inheritdoc/>
    public override string? DaemonLog => Path.Combine(Ready().Directory, "dockerd.log");

    /// <inheritdoc/>
    public override bool ReportsOutOfMemory => true;

    /// <inheritdoc/>
    public override bool FiltersSystemCalls => true;

    /// <inheritdoc/>
    protected override string[] Client(EngineSandbox sandbox) => ["/usr/bin/docker", "-H", Socket(sandbox)];

    /// <inheritdoc/>
    protected override void Install() => DebianPackages.Require(
        [Daemon, "/usr/bin/docker", "/usr/bin/containerd", "/usr/bin/docker-init", "/bin/ps"],
        ["docker.io", "containerd", "tini", "procps"]);

    /// <inheritdoc/>
    protected override void Start(EngineSandbox sandbox, string archive)
    {
        string directory = sandbox.Directory;
        using var daemon = sandbox.StartDaemon(
            Path.Combine(directory, "dockerd.log"),
            Daemon,
            $"--data-root={directory}/data",
            $"--exec-root={directory}/exec",
            $"--pidfile={directory}/pid",
            $"--host={Socket(sandbox)}",
            $"--add-runtime=sampan={RuntimeUnderTest.Path}",
            "--default-runtime=sampan",
            "--bridge=none",
            "--iptables=false",
            "--exec-opt=native.cgroupdriver=cgroupfs");
        Eventually(
            $"dockerd answers; it said: {directory}/dockerd.log",
            () => sandbox.Run("/usr/bin/docker", ["-H", Socket(sandbox), "version"]) is { ExitCode: 0 } || (daemon.HasExited ? throw Died(directory) : false));
        _ = sandbox.Run("/usr/bin/docker", ["-H", Socket(sandbox), "load", "-i", archive]).Expect(0);
    }

    private static InvalidOperationException Died(string directory) =>
        new($"dockerd ended: {File.ReadAllText(Path.Combine(directory, "dockerd.log"))}");

    private static string Socket(EngineSandbox sandbox) => $"unix://{sandbox.Directory}/docker.sock";
}
