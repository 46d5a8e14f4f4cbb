using System.Diagnostics;
using Sampan.Tests.Conformance;
using Sampan.Tests.Integration.Leaks;

namespace Sampan.Tests.Integration.Engine;

/// <summary>A whole Debian, made by debootstrap from the machine's own package source, as the root of containers: bash, apt, and a service that answers.</summary>
public sealed class DebianTests : IDisposable
{
    private const string Get = "exec 3<>/dev/tcp/127.0.0.1/80; printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3; head -n 1 <&3";

    private static readonly string[] s_aptFiles = ["sources.list", "sources.list.d", "apt.conf.d", "auth.conf.d", "trusted.gpg.d"];

    private readonly SampanCommand _sampan;
    private readonly string _place;
    private readonly string _rootFs;

    public DebianTests()
    {
        Assert.SkipUnless(Executables.LongTests, "makes a Debian of 200 MB, a minute and more: set SAMPAN_LONG_TESTS=1");
        _sampan = new SampanCommand();
        _place = Directory.CreateTempSubdirectory("sampan-debian-").FullName;
        // Services leave root for a user of their own, who must be let into "/".
        _rootFs = Directory.CreateDirectory(Path.Combine(_place, "root"), (UnixFileMode)0b111_101_101).FullName;
    }

    [Fact]
    public void Bash_apt_and_a_service_run_in_a_debootstrapped_Debian()
    {
        MakeDebian();
        Assert.Equal("12 pid 1", _sampan.Must("run", "--rm", "--network", "none", "--rootfs", _rootFs, "bash", "-c", ". /etc/os-release; echo \"$VERSION_ID pid $$\""));

        _ = _sampan.Must("run", "--rm", "--network", "host", "--env", "DEBIAN_FRONTEND=noninteractive", "--rootfs", _rootFs, "bash", "-c", "apt-get update -qq && apt-get install -y -qq --no-install-recommends lighttpd");
        Assert.Contains("install ok installed", _sampan.Must("run", "--rm", "--network", "none", "--rootfs", _rootFs, "dpkg-query", "-W", "-f", "${Status}", "lighttpd"), StringComparison.Ordinal);

        _ = _sampan.Must("run", "-d", "--name", "web", "--network", "none", "--memory", "64m", "--rootfs", _rootFs, "lighttpd", "-D", "-f", "/etc/lighttpd/lighttpd.conf");
        CommandResult? answer = null;
        SampanCommand.Eventually(
            () => (answer = _sampan.Run("exec", "web", "bash", "-c", Get)).Output.StartsWith("HTTP/1.0 ", StringComparison.Ordinal),
            () => $"the service answers inside: {answer}; it said: {_sampan.Run("logs", "web")}");
        _ = _sampan.Must("stop", "web");
        Assert.Equal("0", _sampan.Inspect("web", "ExitCode"));
    }

    public void Dispose()
    {
        if (_place is null)
            return; // skipped
        _sampan.Dispose();
        Directory.Delete(_place, recursive: true);
    }

    /// <summary>debootstrap, and the machine's own way to its packages, so that apt inside finds them as apt outside does.</summary>
    private void MakeDebian()
    {
        DebianPackages.Require(["/usr/sbin/debootstrap"], ["debootstrap"]);
        string source = Command.Run("/usr/bin/apt-get", ["indextargets", "--format", "$(REPO_URI)"]).Output.Split('\n')[0];
        using Process process = Process.Start(new ProcessStartInfo("/usr/sbin/debootstrap", ["--variant=minbase", "bookworm", _rootFs, source]) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"debootstrap: {output[Math.Max(0, output.Length - 2000)..]}");
        foreach (string file in s_aptFiles.Where(static file => Path.Exists($"/etc/apt/{file}")))
            _ = Command.Run("/bin/cp", ["-aT", $"/etc/apt/{file}", $"{_rootFs}/etc/apt/{file}"]).Expect(0);
        File.Copy("/etc/resolv.conf", $"{_rootFs}/etc/resolv.conf", overwrite: true);
    }
}
