using Sampan.Tests.Integration.Leaks;

namespace Sampan.Tests.Integration.Security;

/// <summary>The filter in a real container: each call is really made by a program of a few instructions.</summary>
public class SystemCallTests
{
    private const int EPERM = 1;
    private const int ENOSYS = 38;

    [Theory]
    [InlineData("AF_ALG (2026-31431)", 41u, 38u, 5u, 0u, EPERM)]
    [InlineData("AF_VSOCK", 41u, 40u, 1u, 0u, EPERM)]
    [InlineData("AF_UNIX", 41u, 1u, 1u, 0u, 0)]
    [InlineData("fsopen (2022-0185)", 430u, 0u, 0u, 0u, EPERM)]
    [InlineData("unshare CLONE_NEWUSER (2022-0185)", 272u, 0x10000000u, 0u, 0u, EPERM)]
    [InlineData("clone CLONE_NEWUSER", 56u, 0x10000011u, 0u, 0u, EPERM)]
    [InlineData("clone3", 435u, 0u, 0u, 0u, ENOSYS)]
    [InlineData("open_by_handle_at (shocker)", 304u, 0u, 0u, 0u, EPERM)]
    [InlineData("mount", 165u, 0u, 0u, 0u, EPERM)]
    [InlineData("keyctl", 250u, 0u, 0u, 0u, EPERM)]
    [InlineData("bpf", 321u, 0u, 0u, 0u, EPERM)]
    [InlineData("a call of the future", 4000u, 0u, 0u, 0u, ENOSYS)]
    [InlineData("getpid", 39u, 0u, 0u, 0u, 0)]
    public void ACallOfX64(string what, uint number, uint first, uint second, uint third, int expected)
    {
        Assert.SkipUnless(Executables.IsRoot, "making containers needs root");
        using var bundle = new EscapeBundle();
        SyscallProbe.Write(bundle.RootFs("probe"), number, first, second, third);
        (int status, _, string error) = bundle.RunProgram("/probe");
        Assert.Equal((what, expected, ""), (what, status, error));
    }

    [Theory]
    [InlineData("socketcall(SOCKET, AF_ALG) (2026-31431)", 102u, 1u, 38u, EPERM)]
    [InlineData("socket(AF_ALG)", 359u, 38u, 0u, EPERM)]
    [InlineData("fsopen", 430u, 0u, 0u, EPERM)]
    [InlineData("unshare CLONE_NEWUSER", 310u, 0x10000000u, 0u, EPERM)]
    [InlineData("getpid", 20u, 0u, 0u, 0)]
    public void ACallOfTheThirtyTwoBitTable(string what, uint number, uint first, uint family, int expected)
    {
        Assert.SkipUnless(Executables.IsRoot, "making containers needs root");
        using var bundle = new EscapeBundle();
        SyscallProbe.Write32(bundle.RootFs("probe"), number, first, family, 5, 0);
        (int status, _, string error) = bundle.RunProgram("/probe");
        Assert.SkipWhen(status == 128 + 11, "the kernel has no 32-bit calls");
        Assert.Equal((what, expected, ""), (what, status, error));
    }

    [Fact]
    public void AnExecHasTheFilterToo()
    {
        Assert.SkipUnless(Executables.IsRoot, "making containers needs root");
        using var bundle = new EscapeBundle();
        SyscallProbe.Write(bundle.RootFs("probe"), 41, 38, 5, 0);
        string id = bundle.Start("exec sleep 1000");
        Assert.Equal(EPERM, bundle.Runtime("exec", id, "/probe").Status);
        Assert.Contains("Seccomp:\t2", bundle.Runtime("exec", id, "/bin/cat", "/proc/self/status").Output, StringComparison.Ordinal);
    }
}
