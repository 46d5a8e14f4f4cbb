using System.Text.Json.Nodes;
using Sampan.Kernel;
using Sampan.Tests.Integration.Leaks;

namespace Sampan.Tests.Integration.Security;

/// <summary>Ways out by paths: links in the image, swapped mount targets, working directories, devices.</summary>
public class PathTests
{
    public PathTests() => Assert.SkipUnless(Executables.IsRoot, "making containers needs root");

    [Theory]
    [InlineData("/proc")]
    [InlineData("/sys")]
    public void AnImageWhoseProcOrSysIsALinkIsRefused(string directory)
    {
        // CVE-2023-27561, CVE-2023-28642
        using var bundle = new EscapeBundle();
        Directory.Delete(bundle.RootFs(directory));
        File.CreateSymbolicLink(bundle.RootFs(directory), "/vol");
        (int status, string output, _) = bundle.Run("echo started");
        Assert.NotEqual(0, status);
        Assert.DoesNotContain("started", output, StringComparison.Ordinal);
        bundle.AssertUntouched();
    }

    [Theory]
    [InlineData("""{"destination":"/proc","type":"bind","source":"@","options":["rbind"]}""")]
    [InlineData("""{"destination":"/proc","type":"tmpfs","source":"tmpfs"}""")]
    [InlineData("""{"destination":"/proc/self/attr","type":"tmpfs","source":"tmpfs"}""")]
    [InlineData("""{"destination":"/proc/../proc","type":"tmpfs","source":"tmpfs"}""")]
    public void AMountOverProcIsRefused(string mount)
    {
        // CVE-2019-16884, CVE-2025-52881: labels would be written into the stranger's file.
        using var bundle = new EscapeBundle();
        bundle.AddMount(mount.Replace("@", bundle.Outside));
        (int status, string output, _) = bundle.Run("echo started");
        Assert.NotEqual(0, status);
        Assert.DoesNotContain("started", output, StringComparison.Ordinal);
        bundle.AssertUntouched();
    }

    /// <summary>Settings are written through a procfs of the runtime's own; a stranger's file in its place must neither be written nor pass for it.</summary>
    [Theory]
    [InlineData("/vol/link")]
    [InlineData("/vol/link/net/ipv4")]
    [InlineData("/proc/sys/net/ipv4/ip_forward")]
    public void AFakeProcfsNeverTakesASetting(string destination)
    {
        // CVE-2025-52881, CVE-2025-62596
        using var bundle = new EscapeBundle();
        File.CreateSymbolicLink(bundle.RootFs("vol/link"), "/proc/sys");
        string fake = Path.Combine(bundle.Place, "fake");
        string setting = Path.Combine(fake, destination.EndsWith("link", StringComparison.Ordinal) ? "net/ipv4/ip_forward" : "ip_forward");
        Directory.CreateDirectory(Path.GetDirectoryName(setting)!);
        File.WriteAllText(setting, "fake\n");
        string source = destination.EndsWith("ip_forward", StringComparison.Ordinal) ? setting : fake;
        bundle.AddMount($$"""{"destination":"{{destination}}","type":"bind","source":"{{source}}","options":["bind"]}""");
        bundle.Config["linux"]!["sysctl"] = new JsonObject { ["net.ipv4.ip_forward"] = "1" };
        (int status, _, _) = bundle.Run("echo started");
        Assert.Equal("fake\n", File.ReadAllText(setting));
        // Named as it is, the place is refused; by a link the container covers its own view, and nothing of the runtime's is led there.
        Assert.True(status != 0 || destination.StartsWith("/vol", StringComparison.Ordinal));
        bundle.AssertUntouched();
    }

    /// <summary>The same directory exchanged while the container starts: a link to /proc/sys in place of the target.</summary>
    [Fact]
    public void AMountTargetSwappedForProcNeverTakesASetting()
    {
        // CVE-2025-52881
        using var bundle = new EscapeBundle();
        string target = bundle.RootFs("vol/target"), other = bundle.RootFs("vol/other"), fake = Path.Combine(bundle.Place, "fake");
        Directory.CreateDirectory(target);
        File.CreateSymbolicLink(other, "/proc/sys");
        Directory.CreateDirectory(Path.Combine(fake, "net/ipv4"));
        string setting = Path.Combine(fake, "net/ipv4/ip_forward");
        File.WriteAllText(setting, "fake\n");
        bundle.AddMount($$"""{"destination":"/vol/target","type":"bind","source":"{{fake}}","options":["bind"]}""");
        bundle.Config["linux"]!["sysctl"] = new JsonObject { ["net.ipv4.ip_forward"] = "1" };
        using var stop = new CancellationTokenSource();
        var swapper = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
                _ = Syscalls.TryRenameAt(Syscalls.WorkingDirectory, target, Syscalls.WorkingDirectory, other, RenameFlags.Exchange);
        });
        swapper.Start();
        int started = 0;
        try
        {
            for (int i = 0; i < 40; i++)
            {
                (int status, _, _) = bundle.Run("true");
                Assert.Equal("fake\n", File.ReadAllText(setting));
                started += status == 0 ? 1 : 0;
            }
        }
        finally
        {
            stop.Cancel();
            swapper.Join();
        }
        Assert.True(started > 0, "not one container started: the test was not one");
    }

    [Fact]
    public void AMountTargetSwappedForALinkStaysInside()
    {
        // CVE-2019-19921, CVE-2021-30465, CVE-2024-45310
        using var bundle = new EscapeBundle();
        string target = bundle.RootFs("vol/target");
        string other = bundle.RootFs("vol/other");
        Directory.CreateDirectory(target);
        File.CreateSymbolicLink(other, bundle.Outside);
        bundle.AddMount("""{"destination":"/vol/target/made/by/mkdir","type":"tmpfs","source":"tmpfs"}""");
        bundle.AddMount($$"""{"destination":"/vol/target/file","type":"bind","source":"{{bundle.Canary}}","options":["bind","ro"]}""");
        using var stop = new CancellationTokenSource();
        var swapper = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
                _ = Syscalls.TryRenameAt(Syscalls.WorkingDirectory, target, Syscalls.WorkingDirectory, other, RenameFlags.Exchange);
        });
        swapper.Start();
        try
        {
            for (int i = 0; i < 40; i++)
            {
                _ = bundle.Run("true");
                bundle.AssertUntouched();
            }
        }
        finally
        {
            stop.Cancel();
            swapper.Join();
        }
    }

    [Fact]
    public void NoDescriptorOfTheHostIsAWorkingDirectory()
    {
        // CVE-2024-21626
        using var bundle = new EscapeBundle();
        string up = string.Concat(Enumerable.Repeat("../", 12)) + bundle.Canary[1..];
        for (int n = 0; n < 64; n++)
        {
            bundle.Process["cwd"] = $"/proc/self/fd/{n}";
            (_, string output, string error) = bundle.Run($"cat {up}; cat canary; cat ../outside/canary");
            Assert.DoesNotContain(bundle.Secret, output + error, StringComparison.Ordinal);
        }
        bundle.AssertUntouched();
    }

    [Fact]
    public void AnExecedProcessHasNoDescriptorOfTheHost()
    {
        // CVE-2024-21626, CVE-2016-9962
        using var bundle = new EscapeBundle();
        string id = bundle.Start("exec sleep 1000");
        (int status, string output, string error) = bundle.Runtime("exec", id, "/bin/sh", "-c", "for f in /proc/self/fd/*; do readlink $f; done; true");
        Assert.True(status == 0, error);
        Assert.DoesNotContain(bundle.Place, output, StringComparison.Ordinal);
        Assert.DoesNotContain("cgroup", output, StringComparison.Ordinal);
        for (int n = 0; n < 32; n++)
        {
            (_, string found, string failure) = bundle.Runtime("exec", "--cwd", $"/proc/self/fd/{n}", id, "/bin/sh", "-c", "cat ../../../../../../.." + bundle.Canary);
            Assert.DoesNotContain(bundle.Secret, found + failure, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void AContainersProcessSeesNoDescriptorsOfTheEnteringOne()
    {
        // CVE-2016-9962: the first process looks at everyone who comes in.
        using var bundle = new EscapeBundle();
        string id = bundle.Start("while :; do for f in /proc/[0-9]*/fd/* /proc/[0-9]*/cwd /proc/[0-9]*/root; do readlink $f; cat $f/canary; done; done >/tmp/seen 2>/dev/null");
        for (int i = 0; i < 30; i++)
            Assert.Equal(0, bundle.Runtime("exec", id, "/bin/true").Status);
        string seen = File.ReadAllText(bundle.RootFs("tmp/seen"));
        Assert.Contains("/tmp/seen", seen, StringComparison.Ordinal);
        Assert.DoesNotContain(bundle.Place, seen, StringComparison.Ordinal);
        Assert.DoesNotContain(bundle.Secret, seen, StringComparison.Ordinal);
    }

    [Fact]
    public void AnImageWhoseDevIsALinkChangesNothingOutside()
    {
        // CVE-2026-41579
        using var bundle = new EscapeBundle();
        bundle.DropMount("/dev");
        Directory.Delete(bundle.RootFs("dev"));
        File.CreateSymbolicLink(bundle.RootFs("dev"), bundle.Outside);
        _ = bundle.Run("true");
        bundle.AssertUntouched();
    }

    [Theory]
    [InlineData("/proc/sys/kernel/core_pattern")]
    [InlineData("/vol/file")]
    public void AReplacedNullDeviceIsNotWhatMasksAPath(string link)
    {
        // CVE-2025-31133, CVE-2026-88265
        using var bundle = new EscapeBundle();
        string pattern = File.ReadAllText("/proc/sys/kernel/core_pattern");
        bundle.DropMount("/dev");
        File.CreateSymbolicLink(bundle.RootFs("dev/null"), link);
        File.WriteAllText(bundle.RootFs("vol/file"), "ours");
        bundle.AddMount($$"""{"destination":"/vol/file","type":"bind","source":"{{bundle.Canary}}","options":["bind"]}""");
        bundle.Process["user"]!["uid"] = 1000;
        (_, string output, _) = bundle.Run("cat /proc/kcore | head -c 20; echo x >/proc/kcore; echo x >/proc/timer_list");
        Assert.DoesNotContain(bundle.Secret, output, StringComparison.Ordinal);
        Assert.Equal(pattern, File.ReadAllText("/proc/sys/kernel/core_pattern"));
        Assert.Equal(0u, Owner(bundle.Canary));
        bundle.AssertUntouched();
    }

    private static uint Owner(string path) => uint.Parse(Executables.Run("/usr/bin/stat", "-c", "%u", path).Output.Trim());
}
