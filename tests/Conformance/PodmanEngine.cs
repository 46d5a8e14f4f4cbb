namespace Sampan.Tests.Conformance;

/// <summary>Debian's podman with directories and settings of its own, and the runtime under test.</summary>
public sealed class PodmanEngine : DockerLikeEngine
{
    private const string Program = "/usr/bin/podman";

    /// <summary>Prepares it; it has no daemon.</summary>
    public PodmanEngine()
        : base("podman")
    {
    }

    /// <inheritdoc/>
    public override string? DaemonLog => null;

    /// <inheritdoc/>
    public override bool ReportsOutOfMemory => false;

    /// <inheritdoc/>
    public override bool FiltersSystemCalls => File.Exists("/usr/share/containers/seccomp.json");

    /// <inheritdoc/>
    protected override string[] Client(EngineSandbox sandbox) =>
    [
        "/usr/bin/env", $"CONTAINERS_CONF={sandbox.Directory}/containers.conf", Program, $"--runtime={RuntimeUnderTest.Path}",
        "--cgroup-manager=cgroupfs", $"--root={sandbox.Directory}/root", $"--runroot={sandbox.Directory}/run", $"--tmpdir={sandbox.Directory}/tmp",
        "--storage-driver=overlay", "--events-backend=file",
    ];

    /// <inheritdoc/>
    protected override void Install() => DebianPackages.Require(
        [Program, "/usr/bin/conmon", "/usr/bin/tini-static", "/etc/containers/policy.json", "/usr/share/containers/seccomp.json"],
        ["podman", "conmon", "tini", "golang-github-containers-image", "golang-github-containers-common"]);

    /// <inheritdoc/>
    protected override void Start(EngineSandbox sandbox, string archive)
    {
        // The hard limits that podman asks for by default need CAP_SYS_RESOURCE, which root in a container or a small machine has not.
        File.WriteAllText(
            Path.Combine(sandbox.Directory, "containers.conf"),
            """
            [containers]
            default_ulimits = ["nofile=20000:20000", "nproc=4000:4000"]
            init_path = "/usr/bin/tini-static"
            log_driver = "k8s-file"
            [engine]
            stop_timeout = 0
            """);
        string[] client = Client(sandbox);
        _ = sandbox.Run(client[0], [.. client[1..], "load", "-i", archive]).Expect(0);
    }
}
