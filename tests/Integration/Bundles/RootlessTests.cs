using System.Globalization;
using System.Text.Json.Nodes;
using Sampan.Tests.Integration.Leaks;

namespace Sampan.Tests.Integration.Bundles;

/// <summary>
/// An ordinary user, made for the test and removed with it, who runs containers with no privilege but newuidmap(1). Limits need a cgroup of the user's own,
/// which a version 1 machine does not give: tests/vm/contract.sh tries them.
/// </summary>
public sealed class RootlessTests : IDisposable
{
    private const string User = "sampan-test";
    private readonly TestBundle _bundle = new();
    private readonly string _uid, _firstId;

    public RootlessTests()
    {
        foreach (string program in (string[])["/usr/sbin/useradd", "/usr/bin/newuidmap", "/usr/sbin/runuser"])
            Assert.SkipUnless(File.Exists(program), $"{program} is not installed (Debian: passwd, uidmap, util-linux)");
        RemoveUser();
        _ = TestBundle.Must("/usr/sbin/useradd", "--no-create-home", "--home-dir", _bundle.Place, User);
        _uid = TestBundle.Must("/usr/bin/id", "-u", User);
        string? range = File.ReadLines("/etc/subuid").FirstOrDefault(line => line.StartsWith(User + ":", StringComparison.Ordinal));
        Assert.SkipUnless(range is not null, "useradd gave the user no range in /etc/subuid");
        _firstId = range.Split(':')[1];
        (int status, _, string error) = Executables.Run(
            "/usr/sbin/runuser", "-u", User, "--", Executables.Runtime, "--version");
        Assert.SkipUnless(status == 0, $"an ordinary user cannot reach the runtime at {Executables.Runtime}: {error}");
        _ = TestBundle.Must("/bin/chown", "-hR", $"{User}:{User}", _bundle.Place);
        _bundle.AddNamespace("user");
        _bundle.Config["mounts"] = new JsonArray([.. _bundle.Config["mounts"]!.AsArray().Where(mount => (string)mount!["type"]! is not ("sysfs" or "cgroup" or "mqueue")).Select(mount => mount!.DeepClone())]);
        foreach (JsonNode? mount in _bundle.Config["mounts"]!.AsArray())
        {
            foreach (JsonNode? option in mount!["options"]?.AsArray().Where(option => (string)option! == "gid=5").ToList() ?? [])
                mount["options"]!.AsArray().Remove(option);
        }
        _ = _bundle.Linux.AsObject().Remove("resources");
        Map((0, _uid, 1), (1, _firstId, 65535));
    }

    public void Dispose()
    {
        foreach (string id in AsUser("list", "-q").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            _ = AsUser("delete", "--force", id);
        _bundle.Dispose();
        RemoveUser();
    }

    [Fact]
    public void RangeOfSubordinateIdsIsMapped()
    {
        _bundle.AddCapability("CAP_CHOWN");
        Assert.Equal($"0 0 {_uid} 1 1 {_firstId} 65535", Run("echo $(id -u) $(cat /proc/self/uid_map); touch /tmp/mine /tmp/given; chown 7:8 /tmp/given"));
        int first = int.Parse(_firstId, CultureInfo.InvariantCulture);
        Assert.Equal($"{_uid}\n{first + 6}", TestBundle.Must("/usr/bin/stat", "-c", "%u", _bundle.RootFs("tmp/mine"), _bundle.RootFs("tmp/given")));
    }

    [Fact]
    public void OwnIdAloneNeedsNoProgram()
    {
        Map((0, _uid, 1));
        Assert.Equal($"0 0 {_uid} 1 deny", Run("echo $(id -u) $(cat /proc/self/uid_map) $(cat /proc/self/setgroups)"));
    }

    [Fact]
    public void IdsOfOthersAreRefusedWithTheWayOut()
    {
        Map((0, _uid, 1), (1, "1", 100));
        _bundle.Write("/bin/true");
        (int status, _, string error) = AsUser("run", "--bundle", _bundle.Place, "stolen");
        Assert.Equal(1, status);
        Assert.Contains("newuidmap refused the map", error, StringComparison.Ordinal);
        Assert.Contains("/etc/subuid says which ids a user may map", error, StringComparison.Ordinal);
        Assert.Empty(AsUser("list", "-q").Output.Trim());
    }

    [Fact]
    public void LifeOfAContainer()
    {
        _bundle.Write("/bin/sleep", "1000");
        string said = Path.Combine(_bundle.Place, "said");
        (int status, _, _) = Executables.Run("/bin/sh", ["-c", "said=$1; shift; exec \"$@\" </dev/null >\"$said\" 2>&1", "sh", said, .. UserWords("create", "--bundle", _bundle.Place, "life")]);
        Assert.True(status == 0, File.ReadAllText(said));
        Assert.Equal(0, AsUser("start", "life").Status);
        Assert.Contains("\"running\"", AsUser("state", "life").Output, StringComparison.Ordinal);
        (int code, string output, string error) = AsUser("exec", "life", "sh", "-c", "id -u; hostname; exit 5");
        Assert.True(code == 5, error);
        Assert.Equal("0\nrunc\n", output);
        Assert.Equal(1, AsUser("pause", "life").Status); // no cgroup of its own, no freezer: said, and not passed over
        Assert.Equal(0, AsUser("kill", "life", "KILL").Status);
        TestBundle.Eventually(() => AsUser("state", "life").Output.Contains("\"stopped\"", StringComparison.Ordinal), "a stopped container");
        Assert.Equal(0, AsUser("delete", "life").Status);
        Assert.Empty(AsUser("list", "-q").Output.Trim());
    }

    [Fact]
    public void ALimitThatCannotBeKeptIsAnError()
    {
        _bundle.Linux["resources"] = JsonNode.Parse("""{"memory":{"limit":67108864}}""");
        _bundle.Write("/bin/true");
        (int status, _, string error) = AsUser("run", "--bundle", _bundle.Place, "limited");
        Assert.Equal(1, status);
        Assert.Contains("linux.resources.memory.limit", error, StringComparison.Ordinal);
    }

    private void Map(params (int Inside, string Host, int Size)[] ranges)
    {
        foreach (string kind in (string[])["uidMappings", "gidMappings"])
            _bundle.Linux[kind] = new JsonArray([.. ranges.Select(range => (JsonNode)new JsonObject { ["containerID"] = range.Inside, ["hostID"] = long.Parse(range.Host, CultureInfo.InvariantCulture), ["size"] = range.Size })]);
    }

    private string Run(string script)
    {
        _bundle.Write("/bin/sh", "-c", script);
        (int status, string output, string error) = AsUser("run", "--bundle", _bundle.Place, "once");
        Assert.True(status == 0, $"{status}: {error}");
        return output.TrimEnd('\n');
    }

    private string[] UserWords(params string[] arguments) =>
        ["/usr/sbin/runuser", "-u", User, "--", "/usr/bin/env", $"XDG_RUNTIME_DIR={_bundle.Place}", Executables.Runtime, .. _bundle.RuntimeArguments(arguments)];

    private (int Status, string Output, string Error) AsUser(params string[] arguments)
    {
        string[] words = UserWords(arguments);
        return Executables.Run(words[0], words[1..]);
    }

    private static void RemoveUser() => _ = Executables.Run("/usr/sbin/userdel", User);
}
