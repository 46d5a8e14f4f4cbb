using System.Diagnostics;
using Sampan.Tests.Integration.Leaks;

namespace Sampan.Tests.Integration.Bundles;

/// <summary>The contract of tests/vm on another kernel: cgroup version 2 alone, AppArmor, an older Linux; without and with systemd.</summary>
public sealed class VirtualMachineTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(50);

    [Fact]
    public async Task ContractHoldsOnDebiansKernel()
    {
        Assert.SkipUnless(Executables.LongTests, "takes four minutes and more: set SAMPAN_LONG_TESTS=1");
        Assert.SkipUnless(Executables.IsRoot, "needs root: makes the machine by debootstrap");
        string script = Path.GetFullPath(Path.Combine(Executables.Place, "../../tests/vm/contract.sh"));
        using Process process = Process.Start(new ProcessStartInfo(script) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(s_limit);
        using CancellationTokenRegistration kill = limit.Token.Register(() => process.Kill(entireProcessTree: true));
        Task<string> reading = process.StandardError.ReadToEndAsync(CancellationToken.None);
        string output = await process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        string error = await reading;
        await process.WaitForExitAsync(CancellationToken.None);
        string failed = string.Join('\n', output.Split('\n').Where(line => line.StartsWith("not ok", StringComparison.Ordinal)));
        Assert.True(process.ExitCode == 0, $"{failed}\n{error}");
        Assert.Matches("[1-9][0-9]+ passed, 0 failed\n$", output);
    }
}
