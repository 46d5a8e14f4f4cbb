using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Sampan.Tests.Integration.Leaks;

namespace Sampan.Tests.Integration.Security;

/// <summary>Ways out by privileges: capabilities, kernel settings, the runtime's own binary, ids and environment.</summary>
public class PrivilegeTests
{
    public PrivilegeTests() => Assert.SkipUnless(Executables.IsRoot, "making containers needs root");

    [Fact]
    public void AUserOtherThanRootHasNoCapabilities()
    {
        // CVE-2016-8867, CVE-2022-24769, CVE-2022-29162
        using var bundle = new EscapeBundle();
        bundle.Process["user"]!["uid"] = 1000;
        (_, string output, string error) = bundle.Run("grep ^Cap /proc/self/status");
        foreach (string set in new[] { "CapInh", "CapPrm", "CapEff", "CapAmb" })
            Assert.True(output.Contains($"{set}:\t0000000000000000", StringComparison.Ordinal), output + error);
        bundle.Process["user"]!["uid"] = 0;
        string id = bundle.Start("exec sleep 1000");
        string execed = bundle.Runtime("exec", "--user", "1000:1000", id, "/bin/grep", "^Cap", "/proc/self/status").Output;
        foreach (string set in new[] { "CapInh", "CapPrm", "CapEff", "CapAmb" })
            Assert.True(execed.Contains($"{set}:\t0000000000000000", StringComparison.Ordinal), execed);
        Assert.Contains("CapInh:\t0000000000000000", bundle.Runtime("exec", id, "/bin/grep", "^Cap", "/proc/self/status").Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/proc/sys/kernel/core_pattern")]
    [InlineData("/proc/sysrq-trigger")]
    [InlineData("/proc/sys/fs/binfmt_misc/register")]
    [InlineData("/sys/kernel/uevent_helper")]
    [InlineData("/sys/kernel/mm/transparent_hugepage/enabled")]
    public void AKernelSettingCannotBeWritten(string file)
    {
        using var bundle = new EscapeBundle();
        string? before = File.Exists(file) && file != "/proc/sysrq-trigger" && !file.EndsWith("register") ? File.ReadAllText(file) : null;
        // 'h' only prints help, should the write get through.
        (_, string output, _) = bundle.Run($"(echo h >{file}) 2>/dev/null && echo written; umount /proc/sys; umount {file}; mount -o remount,rw /proc/sys; mount -t proc proc /vol; (echo h >{file}) 2>/dev/null && echo written; true");
        Assert.DoesNotContain("written", output, StringComparison.Ordinal);
        if (before is not null)
            Assert.Equal(before, File.ReadAllText(file));
    }

    [Fact]
    public void NoControlGroupHierarchyIsMountedOrWrittenInside()
    {
        // CVE-2022-0492
        using var bundle = new EscapeBundle();
        (_, string output, _) = bundle.Run("""
            mount -t cgroup -o rdma cgroup /vol && echo mounted
            mount -t cgroup -o memory cgroup /vol && echo mounted
            mount -t cgroup2 none /vol && echo mounted
            for f in /sys/fs/cgroup/*/release_agent /sys/fs/cgroup/release_agent; do (echo /x >$f) 2>/dev/null && echo written; done
            for d in /sys/fs/cgroup /sys/fs/cgroup/*; do mkdir $d/sampan-x 2>/dev/null && echo made; done
            true
            """);
        Assert.Equal("", output);
    }

    [Theory]
    [InlineData("kernel.shm_rmid_forced", "1+kernel.core_pattern=|/x")]
    [InlineData("kernel.shm_rmid_forced", "1\nkernel.core_pattern=|/x")]
    [InlineData("kernel.core_pattern", "|/x")]
    [InlineData("kernel/core_pattern", "|/x")]
    [InlineData("net.../../kernel/core_pattern", "|/x")]
    [InlineData("kernel.shm_rmid_forced=1+kernel.core_pattern", "|/x")]
    public void ASysctlReachesOnlyTheContainersOwn(string name, string value)
    {
        // CVE-2022-0811
        using var bundle = new EscapeBundle();
        string pattern = File.ReadAllText("/proc/sys/kernel/core_pattern");
        bundle.Config["linux"]!["sysctl"] = new JsonObject { [name] = value };
        (int status, string output, string error) = bundle.Run("echo started");
        Assert.Equal(pattern, File.ReadAllText("/proc/sys/kernel/core_pattern"));
        Assert.NotEqual(0, status);
        Assert.DoesNotContain("started", output, StringComparison.Ordinal);
        Assert.NotEqual("", error);
    }

    [Fact]
    public void TheRuntimesBinaryCannotBeOverwritten()
    {
        // CVE-2019-5736
        using var bundle = new EscapeBundle();
        byte[] before = SHA256.HashData(File.ReadAllBytes(Executables.Runtime));
        _ = bundle.RunProgram("/proc/self/exe", "--version");
        File.WriteAllText(bundle.RootFs("script"), "#!/proc/self/exe\n");
        File.SetUnixFileMode(bundle.RootFs("script"), (UnixFileMode)0b111_101_101);
        _ = bundle.RunProgram("/script");
        string id = bundle.Start("while :; do for e in /proc/[0-9]*/exe; do (echo x >>$e) 2>/dev/null; done; done");
        for (int i = 0; i < 20; i++)
        {
            _ = bundle.Runtime("exec", id, "/proc/self/exe", "--version");
            _ = bundle.Runtime("exec", id, "/script");
        }
        Assert.Equal(before, SHA256.HashData(File.ReadAllBytes(Executables.Runtime)));
    }

    /// <summary>The published attack: hold the file open for reading while it runs, and write to it through the descriptor when it runs no more.</summary>
    [Fact]
    public void TheRuntimesBinaryCannotBeOverwrittenThroughADescriptorThatOutlivesIt()
    {
        // CVE-2019-5736
        using var bundle = new EscapeBundle();
        byte[] before = SHA256.HashData(File.ReadAllBytes(Executables.Runtime));
        string id = bundle.Start("""
            while :; do
              for p in /proc/[0-9]*; do
                [ $p = /proc/1 ] || [ $p = /proc/$$ ] && continue
                { exec 9<$p/exe; } 2>/dev/null || continue
                readlink /proc/self/fd/9 >>/tmp/seen
                (echo stolen >/proc/self/fd/9) 2>/dev/null && echo "written $(readlink $p/exe)" >>/tmp/written
                exec 9<&-
              done
            done
            """);
        File.WriteAllText(bundle.RootFs("script"), "#!/proc/self/exe\n");
        File.SetUnixFileMode(bundle.RootFs("script"), (UnixFileMode)0b111_101_101);
        for (int i = 0; i < 40; i++)
            _ = bundle.Runtime("exec", id, i % 2 == 0 ? "/script" : "/bin/true");
        Assert.Equal(before, SHA256.HashData(File.ReadAllBytes(Executables.Runtime)));
        string written = bundle.RootFs("tmp/written");
        Assert.False(File.Exists(written) && File.ReadAllText(written).Contains("sampan", StringComparison.Ordinal), "a file of the runtime was written to");
    }

    [Theory]
    [InlineData("4294967296")]
    [InlineData("4294967295")]
    [InlineData("-1")]
    public void AUserIdThatWouldWrapIsRefused(string uid)
    {
        // CVE-2024-40635
        using var bundle = new EscapeBundle();
        bundle.Process["user"]!["uid"] = JsonNode.Parse(uid);
        (int status, string output, _) = bundle.Run("id -u");
        Assert.NotEqual(0, status);
        Assert.Equal("", output);
        bundle.Process["user"]!["uid"] = 0;
        string id = bundle.Start("exec sleep 1000");
        (status, output, _) = bundle.Runtime("exec", "--user", uid, id, "/bin/id", "-u");
        Assert.NotEqual(0, status);
        Assert.Equal("", output);
    }

    [Fact]
    public void AVariableWithoutAValueIsNotTakenFromTheHost()
    {
        // CVE-2026-57231
        using var bundle = new EscapeBundle();
        bundle.Process["env"]!.AsArray().Add("HOME_SECRET");
        Environment.SetEnvironmentVariable("HOME_SECRET", bundle.Secret);
        (_, string output, string error) = bundle.Run("env; cat /proc/self/environ");
        Assert.DoesNotContain(bundle.Secret, output + error, StringComparison.Ordinal);
    }

    [Fact]
    public void LongValuesAreTakenWholeOrRefused()
    {
        // CVE-2021-43784
        using var bundle = new EscapeBundle();
        bundle.Process["env"]!.AsArray().Add("LONG=" + new string('a', 70_000));
        (int status, string output, string error) = bundle.Run("echo ${#LONG}");
        Assert.Equal((0, "70000\n", ""), (status, output, error));
        bundle.Process["cwd"] = "/" + new string('b', 70_000);
        (status, output, error) = bundle.Run("echo started");
        Assert.NotEqual(0, status);
        Assert.Equal("", output);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }
}
