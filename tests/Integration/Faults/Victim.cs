using System.Diagnostics;
using Sampan.Kernel;

namespace Sampan.Tests.Integration.Faults;

/// <summary>A command that is started to be killed: no pipe of the test is in its hands, so that what it leaves running holds nothing up.</summary>
internal sealed class Victim : IDisposable
{
    private readonly FileDescriptor _process;

    private Victim(int pid)
    {
        Pid = pid;
        _process = Syscalls.PidFdOpen(pid);
    }

    public int Pid { get; }

    public static Victim Start(string program, params IEnumerable<string> arguments)
    {
        using FileDescriptor nothing = Syscalls.Open("/dev/null", OpenFlags.ReadWrite);
        return new Victim(Syscalls.Spawn(program, [program, .. arguments], ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"], [nothing, nothing, nothing], newSession: false));
    }

    /// <summary>How long a command takes that nobody kills.</summary>
    public static TimeSpan Measure(string program, params IEnumerable<string> arguments)
    {
        var clock = Stopwatch.StartNew();
        using Victim one = Start(program, arguments);
        Assert.Equal(0, one.Wait());
        return clock.Elapsed;
    }

    /// <summary>Starts a command and kills it after a time, exact to some microseconds.</summary>
    /// <returns>Whether it was killed before it had ended.</returns>
    public static bool KillAfter(TimeSpan delay, string program, params IEnumerable<string> arguments)
    {
        using Victim one = Start(program, arguments);
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < delay)
            Thread.SpinWait(20);
        return one.Kill();
    }

    /// <summary>Kills it.</summary>
    /// <returns>Whether it had not ended before.</returns>
    public bool Kill()
    {
        _ = Syscalls.TryPidFdSendSignal(_process, Signal.Kill);
        return Wait() == 128 + Signal.Kill;
    }

    /// <summary>Waits for its end; one that does not come to it fails the test.</summary>
    public int Wait()
    {
        if (Syscalls.Poll(_process, PollEvents.In, 30_000) == PollEvents.None)
        {
            _ = Syscalls.TryPidFdSendSignal(_process, Signal.Kill);
            Assert.Fail($"process {Pid} hung for 30 seconds");
        }
        return Syscalls.WaitId(_process)!.Value.ShellCode;
    }

    /// <summary>Whether it has ended.</summary>
    public bool HasEnded => Syscalls.Poll(_process, PollEvents.In, 0) != PollEvents.None;

    public void Dispose() => _process.Dispose();
}
