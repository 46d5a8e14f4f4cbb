using System.Text.Json.Nodes;
using Sampan.Tests.Integration.Leaks;

namespace Sampan.Tests.Integration.Faults;

/// <summary>A wrong configuration ends in one sentence that names the field, in runc's exit status or that of a shell, and leaves nothing.</summary>
[Collection(nameof(CommandCycles))]
public sealed class ConfigurationErrors
{
    public ConfigurationErrors() => Assert.SkipUnless(Executables.IsRoot, "making containers needs root");

    [Theory]
    // What is no text of the right form.
    [InlineData("", "{", 1, "config.json: .*line 1")]
    [InlineData("", "[]", 1, "config.json")]
    [InlineData("ociVersion", "\"bogus\"", 1, "config.json: ociVersion must be a version 1.x")]
    [InlineData("process", "null", 1, "config.json: process is missing")]
    [InlineData("process.args", "\"/bin/true\"", 1, "config.json: process.args must be an array of strings, found")]
    [InlineData("process.args", "[]", 1, "config.json: process.args is missing")]
    [InlineData("process.cwd", "\"tmp\"", 1, "config.json: process.cwd must be an absolute path")]
    [InlineData("process.user.uid", "\"0\"", 1, "config.json: process.user.uid must be a whole number from 0 to 4294967295")]
    [InlineData("process.user.uid", "-1", 1, "config.json: process.user.uid must be a whole number from 0 to 4294967295")]
    [InlineData("process.env", "{}", 1, "config.json: process.env must be an array of strings")]
    [InlineData("process.rlimits", "[{\"type\":\"RLIMIT_NOPE\",\"soft\":1,\"hard\":1}]", 1, @"config.json: process.rlimits\[0\].type must be one of")]
    [InlineData("root", "null", 1, "config.json: root is missing")]
    [InlineData("root.path", "\"nowhere\"", 1, "root.path: cannot open the root file system .*nowhere: No such file or directory")]
    [InlineData("root.path", "\"link\"", 1, "root.path: cannot open the root file system .*link: .*a symbolic link")]
    [InlineData("mounts", "{}", 1, "config.json: mounts must be an array of objects, found an object")]
    [InlineData("mounts", "[{\"destination\":\"/tmp\",\"type\":\"nosuchfs\",\"source\":\"x\"}]", 1, "nosuchfs")]
    [InlineData("linux.namespaces", "[{\"type\":\"mount\"},{\"type\":\"uts\"},{\"type\":\"bogus\"}]", 1, @"config.json: linux.namespaces\[2\].type must be one of")]
    [InlineData("linux.namespaces", "[{\"type\":\"mount\"},{\"type\":\"uts\"},{\"type\":\"mount\"}]", 1, @"config.json: linux.namespaces\[2\].type must not be given twice")]
    [InlineData("linux.namespaces", "[{\"type\":\"mount\"},{\"type\":\"uts\"},{\"type\":\"network\",\"path\":\"/nowhere\"}]", 1, "/nowhere")]
    [InlineData("linux.cgroupsPath", "5", 1, "config.json: linux.cgroupsPath must be a string")]
    [InlineData("linux.resources", "{\"memory\":{\"limit\":\"1g\"}}", 1, "config.json: linux.resources.memory.limit must be a whole number")]
    [InlineData("linux.resources", "{\"cpu\":{\"cpus\":\"0-4095\"}}", 1, "linux.resources.cpu.cpus: cannot write")]
    [InlineData("linux.resources", "{\"rdma\":{\"sampan0\":{\"hcaHandles\":1}}}", 1, @"linux.resources.rdma\[sampan0\]")]
    [InlineData("linux.resources", "{\"unified\":{\"nosuch.max\":\"1\"}}", 1, @"linux.resources.unified(\[nosuch.max\])?: ")]
    [InlineData("linux.resources", "{\"hugepageLimits\":[{\"pageSize\":\"3MB\",\"limit\":1}]}", 1, @"linux.resources.hugepageLimits\[3MB\]")]
    [InlineData("linux.seccomp", "{\"defaultAction\":\"SCMP_ACT_NOPE\"}", 1, "config.json: linux.seccomp.defaultAction must be one of")]
    [InlineData("linux.sysctl", "{\"kernel.nope\":\"1\"}", 1, "config.json: linux.sysctl")]
    [InlineData("hooks", "{\"createRuntime\":[{\"path\":\"/nowhere\"}]}", 1, @"createRuntime hook 0 \(/nowhere\)")]
    [InlineData("hooks", "{\"createRuntime\":[{\"path\":\"/bin/false\"}]}", 1, @"createRuntime hook 0 \(/bin/false\): exit status 1")]
    [InlineData("hooks", "{\"createContainer\":[{\"path\":\"/bin/false\"}]}", 1, "createContainer hook 0")]
    // What is no program.
    [InlineData("process.args", "[\"/nowhere\"]", 127, "exec: \\\\\"/nowhere\\\\\": stat /nowhere: no such file or directory")]
    [InlineData("process.args", "[\"nowhere\"]", 127, "exec: \\\\\"nowhere\\\\\": executable file not found in \\$PATH")]
    [InlineData("process.args", "[\"/tmp/plain\"]", 126, "exec: \\\\\"/tmp/plain\\\\\": permission denied")]
    [InlineData("process.args", "[\"/tmp\"]", 126, "exec: \\\\\"/tmp\\\\\": permission denied")]
    [InlineData("process.args", "[\"/tmp/noprogram\"]", 126, "exec /tmp/noprogram: exec format error")]
    [InlineData("process.args", "[\"/tmp/nointerpreter\"]", 127, "exec /tmp/nointerpreter: no such file or directory")]
    [InlineData("process.cwd", "\"/tmp/plain\"", 1, "process.cwd|chdir to cwd")]
    public void One_sentence_names_the_field(string path, string value, int exitCode, string sentence)
    {
        using LeakBundle bundle = Prepare();
        if (path.Length == 0)
            File.WriteAllText(Path.Combine(bundle.Place, "config.json"), value);
        else
            bundle.Change(config => Set(config, path, value));
        AssertRefused(bundle, exitCode, sentence);
    }

    [Theory]
    [InlineData("0 0 10,5 100 10", @"config.json: linux.uidMappings\[1\].containerID must not be in two ranges: that from 5 on overlaps \[0\]")]
    [InlineData("0 0 10,10 5 10", @"config.json: linux.uidMappings\[1\].hostID must not be in two ranges: that from 5 on overlaps \[0\]")]
    [InlineData("0 0 0", @"config.json: linux.uidMappings\[0\].size must be more than 0")]
    [InlineData("4294967295 0 1", @"config.json: linux.uidMappings\[0\].size must not reach beyond")]
    [InlineData("many", "config.json: linux.uidMappings must not have more than 340 ranges, found 6000")]
    [InlineData("long", @"linux.uidMappings: the kernel refused the map .{0,120}: Invalid argument \(a map has less than \d+ bytes of text, and this one has \d+: use fewer ranges\)")]
    public void A_bad_map_of_ids_is_explained(string map, string sentence)
    {
        using LeakBundle bundle = Prepare();
        JsonArray ranges = map switch
        {
            "many" => [.. Enumerable.Range(0, 6000).Select(static i => Range(2 * i, 2 * i, 1))], // 70 KB: CVE-2021-43784
            "long" => [.. Enumerable.Range(0, 300).Select(static i => Range(1_000_000_000 + (2 * i), 1_000_000_000 + (2 * i), 1))],
            _ => [.. map.Split(',').Select(static range => range.Split(' ').Select(long.Parse).ToArray()).Select(static n => Range(n[0], n[1], n[2]))],
        };
        bundle.Change(config =>
        {
            config["linux"]!["namespaces"]!.AsArray().Add(new JsonObject { ["type"] = "user" });
            config["linux"]!["uidMappings"] = ranges;
            config["linux"]!["gidMappings"] = new JsonArray(Range(0, 0, 65536));
        });
        AssertRefused(bundle, 1, sentence);
    }

    /// <summary>The specification forbids to refuse it (config.md, "Linux Process").</summary>
    [Fact]
    public void A_capability_that_nobody_knows_is_left_out()
    {
        using LeakBundle bundle = Prepare();
        bundle.Change(static config => Set(config, "process.capabilities", "{\"bounding\":[\"CAP_NOPE\",\"CAP_CHOWN\"]}"));
        bundle.Change(static config => Set(config, "process.args", "[\"/bin/sh\",\"-c\",\"while read line; do case $line in CapBnd*) echo $line;; esac; done </proc/self/status\"]"));
        (int status, string output, string error) = Executables.Run(Executables.Runtime, "--root", bundle.StateRoot, "run", "--bundle", bundle.Place, "id");
        Assert.Equal((0, "CapBnd: 0000000000000001\n"), (status, output));
        Assert.Matches("^time=\"[^\"]+\" level=warning msg=\"process.capabilities.*CAP_NOPE", error);
    }

    [Theory]
    [InlineData("../x")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("a b")]
    [InlineData("")]
    [InlineData("a\nb")]
    public void An_id_that_is_none_never_becomes_a_path(string id)
    {
        using LeakBundle bundle = Prepare();
        string outside = Path.Combine(bundle.Place, "x");
        Directory.CreateDirectory(outside);
        File.WriteAllText(Path.Combine(outside, "canary"), "");
        foreach (string[] words in (string[][])[["create", "--bundle", bundle.Place, id], ["run", "--bundle", bundle.Place, id], ["start", id], ["state", id], ["kill", id], ["delete", "--force", id], ["exec", id, "true"], ["pause", id], ["update", "--memory", "1", id], ["ps", id], ["events", "--stats", id]])
        {
            (int status, _, string error) = Executables.Run(Executables.Runtime, ["--root", bundle.StateRoot, .. words]);
            Assert.True(status is 1 or 255, $"{words[0]}: {status}");
            Assert.Matches(id.Length == 0 ? "container id cannot be empty" : "invalid container ID format", error);
        }
        Assert.True(File.Exists(Path.Combine(outside, "canary")));
        bundle.AssertNothingLeft(id);
    }

    private static JsonObject Range(long container, long host, long size) => new() { ["containerID"] = container, ["hostID"] = host, ["size"] = size };

    private static LeakBundle Prepare()
    {
        LeakBundle bundle = new();
        string tmp = Path.Combine(bundle.Place, "rootfs/tmp");
        File.WriteAllText(Path.Combine(tmp, "plain"), "x");
        File.WriteAllText(Path.Combine(tmp, "noprogram"), "\u0001\u0002");
        File.WriteAllText(Path.Combine(tmp, "nointerpreter"), "#!/nowhere\n");
        foreach (string program in (string[])["noprogram", "nointerpreter"])
            File.SetUnixFileMode(Path.Combine(tmp, program), (UnixFileMode)0x1ED);
        File.CreateSymbolicLink(Path.Combine(bundle.Place, "link"), "rootfs");
        return bundle;
    }

    private static void Set(JsonNode config, string path, string value)
    {
        string[] members = path.Split('.');
        JsonNode node = config;
        foreach (string member in members[..^1])
            node = node[member] ??= new JsonObject();
        if (value == "null")
            _ = node.AsObject().Remove(members[^1]);
        else
            node[members[^1]] = JsonNode.Parse(value);
    }

    private static void AssertRefused(LeakBundle bundle, int exitCode, string sentence)
    {
        (int status, string output, string error) = Executables.Run(Executables.Runtime, "--root", bundle.StateRoot, "run", "--bundle", bundle.Place, "id");
        Assert.Equal((exitCode, ""), (status, output));
        string line = Assert.Single(error.TrimEnd('\n').Split('\n'));
        Assert.Matches($"^time=\"[^\"]+\" level=error msg=\"run failed: .*(?:{sentence})", line);
        Assert.InRange(line.Length, 1, 1000);
        bundle.AssertNothingLeft(sentence);
    }
}
