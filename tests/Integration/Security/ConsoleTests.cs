using Sampan.Kernel;
using Sampan.Tests.Integration.Leaks;

namespace Sampan.Tests.Integration.Security;

/// <summary>Ways out by the container's terminal: it is shown at /dev/console, and given to the container's user (CVE-2025-52565, CVE-2026-88264).</summary>
public class ConsoleTests
{
    public ConsoleTests() => Assert.SkipUnless(Executables.IsRoot, "making containers needs root");

    [Fact]
    public void AContainerWithATerminalHasItAtItsConsole()
    {
        using EscapeBundle bundle = WithTerminal();
        (int status, string output, string error) = bundle.Run("readlink /proc/self/fd/0; stat -c '%t:%T %u' /dev/console /proc/self/fd/0; id -u");
        Assert.True(status == 0, output + error);
        string[] lines = output.Replace("\r", "", StringComparison.Ordinal).TrimEnd('\n').Split('\n');
        Assert.Equal("/dev/pts/0", lines[0]);
        Assert.Equal("88:0 1000", lines[1]);
        Assert.Equal("1000", lines[^1]);
    }

    /// <summary>An image whose /dev is its own, with links where the terminal is looked for and shown.</summary>
    [Theory]
    [InlineData("dev/console", "/vol/file")]
    [InlineData("dev/console", "../../outside/canary")]
    [InlineData("dev/console", "/proc/sys/kernel/core_pattern")]
    [InlineData("dev/pts/0", "/vol/file")]
    [InlineData("dev/pts/ptmx", "/vol/file")]
    [InlineData("dev/ptmx", "/vol/file")]
    [InlineData("dev/tty", "/vol/file")]
    [InlineData("dev/pts", "/vol")]
    public void ALinkOfTheImageLeadsTheTerminalNowhere(string link, string target)
    {
        using EscapeBundle bundle = WithTerminal();
        string pattern = File.ReadAllText("/proc/sys/kernel/core_pattern");
        bundle.DropMount("/dev");
        if (link != "dev/pts")
            Directory.CreateDirectory(bundle.RootFs("dev/pts"));
        File.CreateSymbolicLink(bundle.RootFs(link), target);
        File.WriteAllText(bundle.RootFs("vol/file"), "");
        bundle.AddMount($$"""{"destination":"/vol/file","type":"bind","source":"{{bundle.Canary}}","options":["bind"]}""");
        if (link == "dev/console")
            bundle.AddMount("""{"destination":"/dev/pts","type":"devpts","source":"devpts","options":["newinstance","ptmxmode=0666"]}""");
        (_, string output, string error) = bundle.Run("echo written; echo written >/dev/console");
        Assert.DoesNotContain(bundle.Secret, output + error, StringComparison.Ordinal);
        AssertCanary(bundle);
        Assert.Equal(pattern, File.ReadAllText("/proc/sys/kernel/core_pattern"));
    }

    /// <summary>A volume at /dev that another container shares, and in which it exchanges what the terminal is shown on while this one starts.</summary>
    [Theory]
    [InlineData("console")]
    [InlineData("pts")]
    public void AnExchangedTargetLeadsTheTerminalNowhere(string name)
    {
        using EscapeBundle bundle = WithTerminal();
        bundle.DropMount("/dev");
        string shared = Path.Combine(bundle.Place, "shared");
        string real = Path.Combine(shared, name), link = Path.Combine(shared, "link");
        Directory.CreateDirectory(Path.Combine(shared, "pts"));
        if (name == "console")
            File.WriteAllText(real, "");
        File.CreateSymbolicLink(link, name == "console" ? "/vol/file" : "/vol");
        File.WriteAllText(bundle.RootFs("vol/file"), "");
        bundle.AddMount($$"""{"destination":"/vol/file","type":"bind","source":"{{bundle.Canary}}","options":["bind"]}""");
        bundle.AddMount($$"""{"destination":"/dev","type":"bind","source":"{{shared}}","options":["bind"]}""");
        bundle.AddMount("""{"destination":"/dev/pts","type":"devpts","source":"devpts","options":["newinstance","ptmxmode=0666"]}""");
        using var stop = new CancellationTokenSource();
        int exchanged = 0;
        var swapper = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
                exchanged += Syscalls.TryRenameAt(Syscalls.WorkingDirectory, real, Syscalls.WorkingDirectory, link, RenameFlags.Exchange) == Errno.None ? 1 : 0;
        });
        swapper.Start();
        try
        {
            for (int i = 0; i < 40; i++)
            {
                (_, string output, string error) = bundle.Run("echo written; echo written >/dev/console");
                Assert.DoesNotContain(bundle.Secret, output + error, StringComparison.Ordinal);
                AssertCanary(bundle);
            }
        }
        finally
        {
            stop.Cancel();
            swapper.Join();
        }
        Assert.True(exchanged > 40, $"only {exchanged} exchanges: the test was not one");
    }

    private static EscapeBundle WithTerminal()
    {
        var bundle = new EscapeBundle();
        bundle.Process["terminal"] = true;
        bundle.Process["user"]!["uid"] = 1000;
        return bundle;
    }

    private static void AssertCanary(EscapeBundle bundle)
    {
        bundle.AssertUntouched();
        (_, string output, _) = Executables.Run("/usr/bin/stat", "-c", "%u %g %a", bundle.Canary);
        Assert.Matches("^0 0 6[04][04]\n$", output);
    }
}
