using System.Text.Json.Nodes;
using Sampan.Tests.Integration.Leaks;
using Sampan.Tests.Integration.Security;

namespace Sampan.Tests.Integration.Runtime;

/// <summary>Hooks that the container's own process runs: what they may, who they are, and what they see.</summary>
public class HookTests
{
    [Fact]
    public void A_start_hook_runs_under_the_filter_and_its_failure_is_told()
    {
        using EscapeBundle bundle = New();
        foreach (JsonNode? rule in bundle.Config["linux"]!["seccomp"]!["syscalls"]!.AsArray())
        {
            JsonArray names = rule!["names"]!.AsArray();
            foreach (JsonNode? name in names.Where(name => name!.GetValue<string>() is "mkdir" or "mkdirat").ToList())
                names.Remove(name);
        }
        SetHook(bundle, "startContainer", """{ "path": "/bin/sh", "args": ["sh", "-c", "mkdir /tmp/from-hook"] }""");
        (int status, string output, string error) = bundle.Run("echo ran");
        Assert.Equal((1, ""), (status, output));
        Assert.Contains("error running hook: startContainer hook 0 (/bin/sh): exit status 1", error);
        Assert.Contains("its output: mkdir: can't create directory '/tmp/from-hook': Operation not permitted", error);
        Assert.False(Directory.Exists(bundle.RootFs("tmp/from-hook")));
    }

    [Fact]
    public void A_hook_that_a_signal_ends_is_told_with_the_signal()
    {
        using EscapeBundle bundle = New();
        SetHook(bundle, "startContainer", """{ "path": "/bin/sh", "args": ["sh", "-c", "kill -SYS $$"] }""");
        (int status, _, string error) = bundle.Run("true");
        Assert.Equal(1, status);
        Assert.Contains("startContainer hook 0 (/bin/sh): signal: bad system call", error);
    }

    [Fact]
    public void A_start_hook_is_the_containers_user_and_has_three_descriptors()
    {
        using EscapeBundle bundle = New();
        bundle.Process["user"] = JsonNode.Parse("""{ "uid": 1000, "gid": 1000 }""");
        File.SetUnixFileMode(bundle.RootFs("tmp"), (UnixFileMode)0x3FF);
        SetHook(bundle, "startContainer", """{ "path": "/bin/sh", "args": ["sh", "-c", "id -u > /tmp/seen; ls /proc/self/fd >> /tmp/seen"] }""");
        (int status, _, string error) = bundle.Run("true");
        Assert.True(status == 0, error);
        Assert.Equal(["1000", "0", "1", "2", "3"], File.ReadAllLines(bundle.RootFs("tmp/seen"))); // 3 is the directory that ls reads
    }

    [Theory]
    [InlineData("startContainer")]
    [InlineData("createContainer")]
    public void A_hook_does_not_find_the_runtime_in_its_own_exe(string kind)
    {
        using EscapeBundle bundle = New();
        SetHook(bundle, kind, """{ "path": "/proc/self/exe", "args": ["sampan-runtime", "--version"] }""");
        (int status, string output, string error) = bundle.Run("true");
        Assert.Equal((1, ""), (status, output));
        Assert.Contains($"error running hook: {kind} hook 0 (/proc/self/exe): exit status 127", error);
        Assert.DoesNotContain("version", error);
    }

    [Fact]
    public void A_hook_script_cannot_name_the_runtime_as_its_interpreter()
    {
        using EscapeBundle bundle = New();
        File.WriteAllText(bundle.RootFs("hook"), "#!/proc/self/exe --version\n");
        File.SetUnixFileMode(bundle.RootFs("hook"), (UnixFileMode)0x1ED);
        SetHook(bundle, "startContainer", """{ "path": "/hook" }""");
        (int status, _, string error) = bundle.Run("true");
        Assert.Equal(1, status);
        Assert.Contains("startContainer hook 0 (/hook): exit status 127", error);
    }

    [Fact]
    public void A_hook_beyond_its_time_is_killed_and_ends_the_container()
    {
        using EscapeBundle bundle = New();
        SetHook(bundle, "startContainer", """{ "path": "/bin/sleep", "args": ["sleep", "1000"], "timeout": 1 }""");
        (int status, string output, string error) = bundle.Run("echo ran");
        Assert.Equal((1, ""), (status, output));
        Assert.Contains("startContainer hook 0 (/bin/sleep): it did not end within 1 s and was killed", error);
    }

    [Fact]
    public void A_missing_hook_is_told_by_start_too()
    {
        using EscapeBundle bundle = New();
        SetHook(bundle, "startContainer", """{ "path": "/no/such/hook" }""");
        (int status, _, string error) = bundle.Run("true");
        Assert.Equal(1, status);
        Assert.Contains("error running hook: startContainer hook 0 (/no/such/hook): no such file or directory", error);
    }

    private static EscapeBundle New()
    {
        Assert.SkipUnless(Executables.IsRoot, "making containers needs root");
        return new EscapeBundle();
    }

    private static void SetHook(EscapeBundle bundle, string kind, string hook) =>
        bundle.Config["hooks"] = new JsonObject { [kind] = new JsonArray(JsonNode.Parse(hook)) };
}
