using System.Text.Json.Nodes;
using Sampan.Runtime.Resctrl;
using Sampan.Tests.Integration.Leaks;
using Sampan.Tests.Integration.Security;

namespace Sampan.Tests.Integration.Runtime;

/// <summary>What create, run and exec refuse, tolerate with a warning, and how they say it.</summary>
public class LaunchTests
{
    [Fact]
    public void A_kernel_without_a_needed_call_is_told_in_one_sentence()
    {
        using EscapeBundle bundle = New();
        // The call is really missing for the runtime in the container: the filter answers ENOSYS for it.
        bundle.Config["linux"]!["seccomp"] = JsonNode.Parse("""
            { "defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{ "names": ["mount_setattr", "openat2"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38 }] }
            """);
        File.Copy(Executables.Runtime, bundle.RootFs("runtime"));
        (int status, _, string error) = bundle.RunProgram("/runtime", "--root", "/tmp/state", "create", "--bundle", "/tmp", "c");
        Assert.Equal(1, status);
        Assert.Contains("Linux 5.12 or later is needed: this kernel (", error);
        Assert.Contains(") lacks mount_setattr, openat2", error);
        Assert.Single(error.Trim().Split('\n'));
        Assert.False(Directory.Exists(bundle.RootFs("tmp/state/c")));
    }

    [Fact]
    public void A_network_parameter_is_refused_where_the_joined_namespace_is_the_hosts()
    {
        using EscapeBundle bundle = New();
        foreach (JsonNode? one in bundle.Config["linux"]!["namespaces"]!.AsArray())
        {
            if (one!["type"]!.GetValue<string>() == "network")
                one["path"] = "/proc/self/ns/net";
        }
        bundle.Config["linux"]!["sysctl"] = JsonNode.Parse("""{ "net.core.somaxconn": "4096" }""");
        (int status, _, string error) = bundle.Run("true");
        Assert.Equal(1, status);
        Assert.Contains("\\\"net.core.somaxconn\\\" is not allowed in the host's network namespace", error);
    }

    [Theory]
    [InlineData("bind", "shared", true)]
    [InlineData("rbind", "rshared", true)]
    [InlineData("bind", "private", false)]
    [InlineData("bind", "strictatime", false)]
    public void A_mount_keeps_its_own_propagation(string bind, string option, bool shared)
    {
        using EscapeBundle bundle = New();
        bundle.AddMount($$"""{ "destination": "/vol", "source": "{{bundle.Outside}}", "options": ["{{bind}}", "{{option}}"] }""");
        (int status, string output, string error) = bundle.Run("grep ' /vol ' /proc/self/mountinfo");
        Assert.True(status == 0, error);
        Assert.Equal(shared, output.Contains(" shared:", StringComparison.Ordinal));
    }

    /// <summary>The host's mount namespace is the container's; delete leaves it as it was.</summary>
    [Fact]
    public void A_container_without_a_mount_namespace_mounts_in_the_hosts_and_gives_it_back()
    {
        using EscapeBundle bundle = New();
        JsonArray namespaces = bundle.Config["linux"]!["namespaces"]!.AsArray();
        _ = namespaces.Remove(namespaces.Single(one => one!["type"]!.GetValue<string>() == "mount"));
        bundle.Config["linux"]!.AsObject().Remove("maskedPaths");
        bundle.Config["linux"]!.AsObject().Remove("readonlyPaths");
        string id = bundle.Start("exec sleep 1000");
        (int status, string output, string error) = bundle.Runtime("exec", id, "/bin/sh", "-c", "cat /proc/1/cmdline | head -c 5; ls /");
        Assert.True(status == 0, error);
        Assert.StartsWith("sleep", output);
        Assert.DoesNotContain("home", output);
        Assert.Contains(bundle.Place, File.ReadAllText("/proc/self/mountinfo"));
        Assert.Equal(0, bundle.Runtime("delete", "--force", id).Status);
        Assert.DoesNotContain(bundle.Place, File.ReadAllText("/proc/self/mountinfo"));
        bundle.Process["cwd"] = "/bin/busybox";
        Assert.NotEqual(0, bundle.Run("true").Status); // fails after the mounts
        Assert.DoesNotContain(bundle.Place, File.ReadAllText("/proc/self/mountinfo"));
    }

    /// <summary>Since Linux 6.8 mountinfo lists mounts by their numbers: a bind mount between two file systems must not have been cloned before both.</summary>
    [Fact]
    public void Mounts_are_listed_in_the_order_of_the_configuration()
    {
        using EscapeBundle bundle = New();
        bundle.AddMount("""{ "destination": "/vol/a", "type": "tmpfs", "source": "tmpfs" }""");
        bundle.AddMount($$"""{ "destination": "/vol/b", "source": "{{bundle.Outside}}", "options": ["bind"] }""");
        bundle.AddMount("""{ "destination": "/vol/c", "type": "tmpfs", "source": "tmpfs" }""");
        (int status, string output, string error) = bundle.Run("grep -o ' /vol/[a-c] ' /proc/self/mountinfo");
        Assert.True(status == 0, error);
        Assert.Equal([" /vol/a ", " /vol/b ", " /vol/c "], output.TrimEnd('\n').Split('\n'));
    }

    [Theory]
    [InlineData("net.ipv4.conf.lo.rp_filter", "2")]
    [InlineData("net/ipv4/conf/lo/rp_filter", "2")]
    [InlineData("net.ipv4.conf.lo/.rp_filter", null)] // a device of the name "lo."
    public void A_kernel_parameter_is_written_whichever_separator_its_name_has(string name, string? value)
    {
        using EscapeBundle bundle = New();
        bundle.Config["linux"]!["sysctl"] = new JsonObject { [name] = "2" };
        (int status, string output, string error) = bundle.Run("cat /proc/sys/net/ipv4/conf/lo/rp_filter");
        if (value is null)
            Assert.Contains("open sys/net/ipv4/conf/lo./rp_filter", error);
        else
            Assert.Equal((0, value + "\n"), (status, output));
    }

    [Fact]
    public void An_unknown_capability_is_left_out_with_a_warning()
    {
        using EscapeBundle bundle = New();
        bundle.Process["capabilities"]!["bounding"]!.AsArray().Add("CAP_TEST");
        (int status, string output, string error) = bundle.Run("echo ran");
        Assert.Equal((0, "ran\n"), (status, output));
        Assert.Contains("level=warning", error);
        Assert.Contains("is not a known capability and is not granted: \\\"CAP_TEST\\\"", error);
    }

    [Fact]
    public void Cache_shares_without_resctrl_are_refused_with_the_way_out()
    {
        using EscapeBundle bundle = New();
        Assert.SkipUnless(ResctrlGroup.FindRoot() is null, "this machine has resctrl");
        bundle.Config["linux"]!["intelRdt"] = JsonNode.Parse("""{ "l3CacheSchema": "L3:0=f" }""");
        (int status, _, string error) = bundle.Run("true");
        Assert.Equal(1, status);
        Assert.Contains("no resctrl file system is mounted here: mount it (mount -t resctrl resctrl /sys/fs/resctrl", error);
        _ = bundle.Config["linux"]!.AsObject().Remove("intelRdt");
        string id = bundle.Start("exec sleep 1000");
        Assert.Equal(1, bundle.Runtime("update", "--mem-bw-schema", "MB:0=20", id).Status);
    }

    /// <summary>The capability holds for one execve(2) only, so the stub must not use it up.</summary>
    [Fact]
    public void A_user_with_DAC_OVERRIDE_executes_what_only_root_may()
    {
        using EscapeBundle bundle = New();
        Directory.CreateDirectory(bundle.RootFs("private"));
        File.Copy(bundle.RootFs("bin/busybox"), bundle.RootFs("private/busybox"));
        File.SetUnixFileMode(bundle.RootFs("private/busybox"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        bundle.Process["user"] = JsonNode.Parse("""{ "uid": 1000, "gid": 1000 }""");
        (int status, string output, string error) = bundle.RunProgram("/private/busybox", "id", "-u");
        Assert.Equal((0, "1000\n", ""), (status, output, error));
    }

    [Fact]
    public void Exec_checks_its_process_and_fails_with_255()
    {
        using EscapeBundle bundle = New();
        string id = bundle.Start("exec sleep 1000");
        string file = Path.Combine(bundle.Place, "process.json");
        File.WriteAllText(file, """{ "cwd": "/", "args": ["true"], "env": ["NAMELESS"], "user": { "uid": 0, "gid": 0 } }""");
        (int status, _, string error) = bundle.Runtime("exec", "--process", file, id);
        Assert.Equal(255, status);
        Assert.Contains("process.json: env[0] must be NAME=value", error);
        (status, _, error) = bundle.Runtime("exec", id, "no-such-program");
        Assert.Equal(255, status);
        Assert.Contains("executable file not found in $PATH", error);
    }

    [Fact]
    public void Update_checks_its_resources()
    {
        using EscapeBundle bundle = New();
        string id = bundle.Start("exec sleep 1000");
        string file = Path.Combine(bundle.Place, "resources.json");
        File.WriteAllText(file, """{ "hugepageLimits": [{ "pageSize": "../x", "limit": 0 }] }""");
        (int status, _, string error) = bundle.Runtime("update", "--resources", file, id);
        Assert.Equal(1, status);
        Assert.Contains("hugepageLimits[0].pageSize must be a number and KB, MB or GB", error);
    }

    [Fact]
    public void A_shared_cgroup_is_warned_of_and_the_end_of_one_container_leaves_the_other()
    {
        using EscapeBundle bundle = New();
        bundle.Config["linux"]!["cgroupsPath"] = $"/sampan-shared-{bundle.Name}";
        string first = bundle.Start("exec sleep 1000");
        (int status, string output, string error) = bundle.Run("echo ran");
        Assert.Equal((0, "ran\n"), (status, output));
        Assert.Contains("container's cgroup is not empty", error);
        Assert.Contains("\"status\": \"running\"", bundle.Runtime("state", first).Output);
        string second = bundle.Start("exec sleep 1000");
        Assert.Equal(0, bundle.Runtime("delete", "--force", first).Status);
        Assert.Contains("\"status\": \"running\"", bundle.Runtime("state", second).Output);
    }

    private static EscapeBundle New()
    {
        Assert.SkipUnless(Executables.IsRoot, "making containers needs root");
        return new EscapeBundle();
    }
}
