namespace Sampan.Tests.Conformance;

/// <summary>The contract under Debian's podman.</summary>
/// <param name="engine">One store for all of them.</param>
public sealed class PodmanTests(PodmanEngine engine) : DockerLikeContract(engine), IClassFixture<PodmanEngine>
{
    private readonly PodmanEngine _engine = engine;

    [Fact]
    public void Podman_names_the_runtime_it_used() =>
        Assert.Equal(RuntimeUnderTest.Path, _engine.Do("info", "--format", "{{.Host.OCIRuntime.Path}}").Expect(0).Text);

    [Fact]
    public void Containers_of_a_pod_share_its_namespaces()
    {
        string container = _engine.RunDetached("--hostname=pod", BusyboxImage.Name, "sleep", "1000");

        Assert.Equal(
            "pod",
            _engine.Do("run", "--rm", $"--network=container:{container}", $"--uts=container:{container}", BusyboxImage.Name, "hostname").Expect(0).Text);
        _engine.Remove(container);
    }
}
