namespace Sampan.Tests.Conformance;

/// <summary>The contract under Debian's dockerd.</summary>
/// <param name="engine">One dockerd for all of them.</param>
public sealed class DockerTests(DockerEngine engine) : DockerLikeContract(engine), IClassFixture<DockerEngine>
{
    private readonly DockerEngine _engine = engine;

    [Fact]
    public void The_daemon_knows_the_runtime_and_found_no_fault_with_it()
    {
        _ = _engine.RunContainer("--rm", BusyboxImage.Name, "true").Expect(0);

        Assert.Equal("sampan", _engine.Do("info", "--format", "{{.DefaultRuntime}}").Expect(0).Text);
        string[] complaints = [.. File.ReadLines(_engine.DaemonLog!).Where(IsComplaint)];
        Assert.True(complaints.Length == 0, string.Join('\n', complaints));
    }

    [Fact]
    public void The_daemons_seccomp_profile_refuses_new_user_namespaces() =>
        Assert.NotEqual(0, _engine.RunContainer("--rm", BusyboxImage.Name, "unshare", "-U", "true").ExitCode);

    // What the daemon says of its own surroundings, or of the failures that the tests provoke (a missing program), is not the runtime's fault.
    private static bool IsComplaint(string line) =>
        (line.Contains("level=error", StringComparison.Ordinal) || line.Contains("msg=\"failed", StringComparison.Ordinal))
        && (line.Contains("runtime", StringComparison.Ordinal) || line.Contains("delete", StringComparison.Ordinal) || line.Contains("cgroup", StringComparison.Ordinal))
        && !Provoked.Any(known => line.Contains(known, StringComparison.Ordinal));

    // "cleanup: failed to delete container from containerd: no such container" is dockerd's own word after a start that failed.
    private static readonly string[] Provoked =
        ["no/such/program", "/etc/plain", "permission denied", "loading plugin", "Your kernel does not support", "failed to delete container from containerd: no such container"];
}
