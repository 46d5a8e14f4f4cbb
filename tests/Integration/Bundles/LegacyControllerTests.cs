using System.Text.Json.Nodes;
using Sampan.Tests.Integration.Leaks;

namespace Sampan.Tests.Integration.Bundles;

/// <summary>
/// Controllers that this machine does not mount: mounted, as version 1, beside the bundle in a mount namespace of the test's own, so that they are gone with
/// it, and nothing of the machine's own hierarchies changes.
/// </summary>
public sealed class LegacyControllerTests : IDisposable
{
    private static readonly string[] s_weights = ["blkio.weight", "blkio.bfq.weight"];
    private readonly TestBundle _bundle = new();

    private static string Unified => Directory.Exists("/sys/fs/cgroup/unified") ? "/sys/fs/cgroup/unified" : "/sys/fs/cgroup";

    public void Dispose() => _bundle.Dispose();

    [Fact]
    public void NetworkClassIdIsWhatTrafficControlMatches()
    {
        _bundle.Linux["resources"]!["network"] = JsonNode.Parse("""{"classID":1048577}""");
        Assert.Equal("1048577\ngone", RunWith("net_cls", "net_cls.classid"));
    }

    [Fact]
    public void NetworkPriorityIsPerInterface()
    {
        _bundle.Linux["resources"]!["network"] = JsonNode.Parse("""{"priorities":[{"name":"lo","priority":7}]}""");
        Assert.Contains("lo 7\n", RunWith("net_prio", "net_prio.ifpriomap"), StringComparison.Ordinal);
    }

    [Fact]
    public void HugePagesAreLimitedInUseAndInReservation()
    {
        _bundle.Linux["resources"]!["hugepageLimits"] = JsonNode.Parse("""[{"pageSize":"2MB","limit":4194304}]""");
        string unified = $"{Unified}/cgroup.controllers";
        if (!File.Exists(unified) || !File.ReadAllText(unified).Contains("hugetlb", StringComparison.Ordinal))
        {
            Assert.Equal("4194304\n4194304\ngone", RunWith("hugetlb", "hugetlb.2MB.limit_in_bytes", "hugetlb.2MB.rsvd.limit_in_bytes"));
            return;
        }
        // Beside version 1's hierarchies the controller is version 2's, and cannot be mounted away from it.
        string group = Unified + File.ReadLines($"/proc/{_bundle.PidOf(_bundle.Start())}/cgroup").First(line => line.StartsWith("0::", StringComparison.Ordinal))[3..];
        Assert.Equal("4194304\n4194304\n", File.ReadAllText($"{group}/hugetlb.2MB.max") + File.ReadAllText($"{group}/hugetlb.2MB.rsvd.max"));
    }

    [Theory]
    [InlineData("""{"network":{"classID":7}}""", "linux.resources.network.classID", "net_cls")]
    [InlineData("""{"network":{"priorities":[{"name":"lo","priority":7}]}}""", "linux.resources.network.priorities", "net_prio")]
    [InlineData("""{"rdma":{"mlx5_7":{"hcaHandles":3}}}""", "linux.resources.rdma", "rdma")]
    public void ControllerThatIsNotMountedIsNamed(string resources, string field, string controller)
    {
        Assert.SkipUnless(!File.ReadAllText("/proc/self/cgroup").Contains(controller, StringComparison.Ordinal), $"{controller} is mounted here");
        foreach ((string name, JsonNode? value) in JsonNode.Parse(resources)!.AsObject())
            _bundle.Linux["resources"]![name] = value!.DeepClone();
        (int status, _, string error) = _bundle.Run("true");
        Assert.Equal(1, status);
        Assert.Contains(field, error, StringComparison.Ordinal);
        Assert.Contains(controller, error, StringComparison.Ordinal);
        Assert.Empty(_bundle.Runtime("list", "-q").Output.Trim());
    }

    /// <summary>A weight needs an IO scheduler that weighs; where none is there, the container is refused and the field named.</summary>
    [Fact]
    public void BlockIoWeightIsSetOrRefused()
    {
        _bundle.Linux["resources"]!["blockIO"] = JsonNode.Parse("""{"weight":321}""");
        Assert.SkipUnless(Directory.Exists("/sys/fs/cgroup/blkio"), "blkio of version 1 is not mounted here; tests/vm/contract.sh tries the weights of version 2");
        _bundle.Write("/bin/sleep", "1000");
        (int status, _, string error) = Start();
        if (status != 0)
        {
            Assert.Contains("linux.resources.blockIO.weight", error, StringComparison.Ordinal);
            return;
        }
        string group = "/sys/fs/cgroup/blkio" + File.ReadLines($"/proc/{_bundle.PidOf(_bundle.Name + "-1")}/cgroup").First(line => line.Contains(":blkio:", StringComparison.Ordinal)).Split(':')[2];
        Assert.Equal("321", File.ReadAllText(Path.Combine(group, s_weights.First(name => File.Exists(Path.Combine(group, name))))).Split(' ')[^1].Trim());
    }

    private (int Status, string Output, string Error) Start() => Executables.Run(
        "/bin/sh", ["-c", "exec \"$@\" </dev/null >/dev/null 2>\"$0\".err || { cat \"$0\".err >&2; exit 1; }", Path.Combine(_bundle.Place, "said"), Executables.Runtime, .. _bundle.RuntimeArguments("run", "--detach", "--bundle", _bundle.Place, _bundle.NewId())]);

    /// <summary>Mounts a controller, starts a container, prints what files of its group hold, deletes it, and says whether the group is gone.</summary>
    private string RunWith(string controller, params string[] files)
    {
        Assert.SkipUnless(File.ReadLines("/proc/cgroups").Any(line => line.StartsWith(controller + "\t0\t", StringComparison.Ordinal) && line.EndsWith('1')), $"the kernel has no free controller {controller} of version 1");
        string mount = Path.Combine(_bundle.Place, controller), id = _bundle.NewId();
        Directory.CreateDirectory(mount);
        _bundle.Linux["cgroupsPath"] = $"/{_bundle.Name}";
        _bundle.Write("/bin/sleep", "1000");
        // A hierarchy that is unmounted while a group of it is still on its way out stays for ever; the third column of /proc/cgroups counts the groups.
        string script = $$"""
            away() {
              for try in $(seq 100); do
                grep -qE '^{{controller}}\s+[0-9]+\s+1\s' /proc/cgroups && break
                sleep 0.1
              done
              umount {{mount}}
            }
            mount -t cgroup -o {{controller}} sampan-test {{mount}} || exit 9
            trap away EXIT
            "$@" run --detach --bundle {{_bundle.Place}} {{id}} </dev/null >/dev/null 2>{{_bundle.Place}}/err || cat {{_bundle.Place}}/err >&2
            cd {{mount}}/{{_bundle.Name}} && cat {{string.Join(' ', files)}}
            cd /
            "$@" delete --force {{id}}
            test -d {{mount}}/{{_bundle.Name}} || echo gone
            """;
        (int status, string output, string error) = Executables.Run("/usr/bin/unshare", ["-m", "/bin/sh", "-c", script, "sh", Executables.Runtime, .. _bundle.RuntimeArguments()]);
        Assert.True(status == 0 && error.Length == 0, $"{status}: {error}");
        return output.TrimEnd('\n');
    }
}
