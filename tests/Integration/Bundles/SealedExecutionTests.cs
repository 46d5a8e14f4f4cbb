using System.Security.Cryptography;
using Sampan.Tests.Integration.Leaks;

namespace Sampan.Tests.Integration.Bundles;

/// <summary>
/// How the container's program is executed where memory files may not be (sysctl vm.memfd_noexec is 2): the other way of docs/decisions/0011, by a sealed
/// copy or a read-only one of the runtime's own. The setting belongs to a pid namespace, and is made in one of the test's own.
/// </summary>
public sealed class SealedExecutionTests : IDisposable
{
    private readonly TestBundle _bundle = new();

    public void Dispose() => _bundle.Dispose();

    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    [InlineData("2")]
    public void ProgramRunsAndTheRuntimesFileIsOutOfReach(string setting)
    {
        Assert.SkipUnless(File.Exists("/proc/sys/vm/memfd_noexec"), "the kernel has no vm.memfd_noexec (Linux 6.3)");
        byte[] before = SHA256.HashData(File.ReadAllBytes(Executables.Runtime));
        // /proc/self/exe of the first moments is what CVE-2019-5736 overwrites: the container starts it as its program and then tries to write to it.
        _bundle.Write("/bin/sh", "-c", "echo runs; { echo spoilt >/proc/1/exe; } 2>/dev/null && echo written; readlink /proc/1/exe");
        Assert.Equal("runs\n/bin/busybox", RunWith(setting));
        _bundle.Write("/proc/self/exe", "--version");
        _ = RunWith(setting);
        Assert.Equal(before, SHA256.HashData(File.ReadAllBytes(Executables.Runtime)));
    }

    private string RunWith(string setting)
    {
        string script = $"echo {setting} >/proc/sys/vm/memfd_noexec && exec \"$@\"";
        (_, string output, string error) = Executables.Run(
            "/usr/bin/unshare", ["--pid", "--fork", "--mount-proc", "/bin/sh", "-c", script, "sh", Executables.Runtime, .. _bundle.RuntimeArguments("run", "--bundle", _bundle.Place, _bundle.NewId())]);
        return output.Length > 0 ? output.TrimEnd('\n') : error;
    }
}
