using System.Diagnostics;
using Sampan.Kernel;
using Sampan.Tests.Integration.Engine;
using Sampan.Tests.Integration.Leaks;

namespace Sampan.Tests.Integration.Faults;

/// <summary>
/// <c>sampan run</c> and <c>rm</c> are killed (SIGKILL) in the middle: the next command removes what they leave of a container that is not whole, and
/// <c>rm -f</c> what is whole.
/// </summary>
[Collection(nameof(CommandCycles))]
public sealed class KilledSampan : IDisposable
{
    private readonly SampanCommand _sampan = new();

    private static int Moments => Executables.LongTests ? 500 : 25;

    public void Dispose() => _sampan.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Run_at_any_moment(bool remove)
    {
        string[] run = ["--root", _sampan.Root, "run", "-d", .. remove ? ["--rm"] : Array.Empty<string>(), "--name", "victim", "busybox", "sleep", "1000"];
        _ = Victim.Measure(SampanCommand.Program, run);
        RemoveAndLookAround("nobody was killed");
        TimeSpan whole = Victim.Measure(SampanCommand.Program, run);
        RemoveAndLookAround("nobody was killed");
        int killed = 0;
        for (int i = 0; i < Moments; i++)
        {
            TimeSpan delay = whole * i / Moments;
            if (Victim.KillAfter(delay, SampanCommand.Program, run))
                killed++;
            RemoveAndLookAround($"run was killed after {delay.TotalMilliseconds} ms of {whole.TotalMilliseconds}");
        }
        Assert.True(killed > Moments / 3, $"only {killed} of {Moments} were killed before they had ended: the test was none");
    }

    [Fact]
    public void Rm_at_any_moment()
    {
        string[] remove = ["--root", _sampan.Root, "rm", "-f", "victim"];
        Start();
        _ = Victim.Measure(SampanCommand.Program, remove);
        Start();
        TimeSpan whole = Victim.Measure(SampanCommand.Program, remove);
        for (int i = 0; i < Moments; i++)
        {
            Start();
            TimeSpan delay = whole * i / Moments;
            _ = Victim.KillAfter(delay, SampanCommand.Program, remove);
            RemoveAndLookAround($"rm was killed after {delay.TotalMilliseconds} ms of {whole.TotalMilliseconds}");
        }

        void Start() => Assert.Equal(64, _sampan.Must("run", "-d", "--name", "victim", "busybox", "sleep", "1000").Length);
    }

    [Theory]
    [InlineData("ps")]
    [InlineData("rm", "-f", "other")]
    [InlineData("run", "--rm", "--name", "other", "busybox", "true")]
    [InlineData("run", "--rm", "--name", "victim", "busybox", "true")]
    public void The_next_command_removes_what_was_never_whole(params string[] next)
    {
        LeaveHalfMade();
        _ = _sampan.Must(next);
        AssertNothingLeft($"sampan {string.Join(' ', next)}");
    }

    [Fact]
    public async Task What_another_command_makes_at_this_moment_is_left_alone()
    {
        _ = _sampan.Must("run", "--rm", "busybox", "true");
        using var stop = new CancellationTokenSource();
        Task sweeping = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
                _ = _sampan.Run("ps", "-aq");
        }, TestContext.Current.CancellationToken);
        for (int i = 0; i < 20; i++)
            Assert.Equal($"{i}", _sampan.Must("run", "--rm", "busybox", "echo", $"{i}"));
        await stop.CancelAsync();
        await sweeping;
    }

    [Fact]
    public void A_layer_that_was_never_unpacked_to_its_end_is_removed()
    {
        _ = _sampan.Must("run", "--rm", "busybox", "true");
        string layers = Path.Combine(_sampan.Root, "layers");
        Directory.CreateDirectory(Path.Combine(layers, "0123456789abcdef0123456789abcdef.partial/bin"));
        string busy = Path.Combine(layers, "fedcba9876543210fedcba9876543210.partial");
        Directory.CreateDirectory(busy);
        using (FileDescriptor gate = Syscalls.Open(Path.ChangeExtension(busy, ".lock"), OpenFlags.ReadWrite | OpenFlags.Create, 0x180))
        {
            Assert.True(Syscalls.FLock(gate, LockKind.Exclusive));
            _ = _sampan.Must("rm", "-f", "other");
            Assert.Equal([busy], Directory.GetDirectories(layers, "*.partial"));
        }
        _ = _sampan.Must("rm", "-f", "other");
        Assert.Empty(Directory.GetDirectories(layers, "*.partial"));
    }

    /// <summary>Kills <c>sampan run</c> while its container's directory is there and the record is not.</summary>
    private void LeaveHalfMade()
    {
        _ = _sampan.Must("run", "--rm", "busybox", "true");
        string unfinished = Path.Combine(_sampan.Root, "unfinished"), containers = Path.Combine(_sampan.Root, "containers");
        for (int attempt = 0; attempt < 50; attempt++)
        {
            using (Victim victim = Victim.Start(SampanCommand.Program, "--root", _sampan.Root, "run", "-d", "--name", "victim", "busybox", "sleep", "1000"))
            {
                while (_sampan.Mounts().Length == 0 && !victim.HasEnded)
                    Thread.SpinWait(10);
                _ = victim.Kill();
            }
            if (Directory.GetDirectories(containers).Any(static one => !File.Exists(Path.Combine(one, "container.json"))) && Directory.GetFiles(unfinished).Length == 1)
                return;
            _ = _sampan.Must("rm", "-f", "victim");
        }
        Assert.Fail("50 times \"sampan run\" could not be killed before it had written its container's record");
    }

    private void RemoveAndLookAround(string when)
    {
        CommandResult removed = _sampan.Run("rm", "-f", "victim");
        Assert.True(removed.ExitCode == 0, $"{when}: {removed.Error}");
        AssertNothingLeft(when);
    }

    private void AssertNothingLeft(string when)
    {
        foreach (string place in (string[])["containers", "names", "unfinished", "run/containers", "run/runtime"])
        {
            string path = Path.Combine(_sampan.Root, place);
            Assert.True(!Directory.Exists(path) || Directory.GetFileSystemEntries(path).Length == 0, $"{when}: {place} is not empty");
        }
        Assert.True(_sampan.Mounts().Length == 0, $"{when}: {string.Join(", ", _sampan.Mounts())}");
        string hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(_sampan.Root)))[..8];
        Assert.True(MachineState.Cgroups($"sampan-{hash}").Count == 0, $"{when}: cgroups are left: {string.Join(", ", MachineState.Cgroups($"sampan-{hash}"))}");
        var clock = Stopwatch.StartNew();
        while (MachineState.Processes(_sampan.Root).Count > 0)
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"{when}: processes are left: {string.Join(", ", MachineState.Processes(_sampan.Root))}");
            _ = Syscalls.Poll([], 20);
        }
    }
}
