using Sampan.Kernel;
using Sampan.Kernel.Signals;

namespace Sampan.Runtime.Sessions;

/// <summary>
/// What <c>run</c> and <c>exec</c> do while their process runs: pass signals on to it, carry its terminal's bytes, reap what is left to them,
/// and return its exit status. One loop over poll(2), no threads.
/// </summary>
public sealed class ForegroundSession
{
    private const int SignalEntry = 0;
    private const int ProcessEntry = 1;
    private const int NotifyEntry = 2;
    private const int RelayEntry = 3;
    private const int HungUpCheckMilliseconds = 100;

    private readonly SignalPipe _signals;
    private ExitStatus? _status;

    private ForegroundSession(SignalPipe signals) => _signals = signals;

    /// <summary>
    /// Catches signals from now on, and makes orphans of the container's processes children of this process. To be opened before the process
    /// exists: a signal that comes meanwhile waits, and none ends us half-way.
    /// </summary>
    /// <param name="subreaper">False for <c>--no-subreaper</c>.</param>
    /// <exception cref="KernelException">A call failed.</exception>
    public static ForegroundSession Open(bool subreaper)
    {
        if (subreaper)
            Syscalls.SetChildSubreaper(true);
        return new ForegroundSession(SignalPipe.Open(new SignalSet(SignalPipe.Forwarded.Bits | SignalSet.Of(Signal.Child).Bits)));
    }

    /// <summary>Serves the process until it ends. Returns its exit status as a shell gives it: the code, or 128 and the signal's number.</summary>
    /// <param name="pid">The process: a child of ours.</param>
    /// <param name="pidFd">Its descriptor.</param>
    /// <param name="console">The master of its terminal, or null; closed at the end.</param>
    /// <param name="notify">The socket for sd_notify(3), or null.</param>
    /// <exception cref="KernelException">A call failed that does not fail.</exception>
    public int Serve(int pid, FileDescriptor pidFd, FileDescriptor? console, NotifyProxy? notify)
    {
        using TerminalRelay? relay = console is null ? null : TerminalRelay.Begin(console);
        Span<PollDescriptor> entries = stackalloc PollDescriptor[RelayEntry + 3];
        while (_status is null)
        {
            entries[SignalEntry] = new PollDescriptor(_signals.Descriptor, PollEvents.In);
            entries[ProcessEntry] = new PollDescriptor(pidFd, PollEvents.In);
            entries[NotifyEntry] = new PollDescriptor(notify?.Descriptor, PollEvents.In);
            relay?.Watch(entries[RelayEntry..]);
            int count = relay is null ? RelayEntry : entries.Length;
            _ = Syscalls.Poll(entries[..count], relay is { IsHungUp: true } ? HungUpCheckMilliseconds : -1);
            if (entries[SignalEntry].Returned != 0)
                PassSignals(pid, pidFd, relay);
            if (entries[NotifyEntry].Returned != 0)
                notify!.Forward(pid);
            relay?.Move(entries[RelayEntry..]);
            if (entries[ProcessEntry].Returned == 0)
                continue;
            Reap(pid);
            if (_status is null)
                throw new RuntimeException($"process {pid} was reaped by somebody else: its exit status is lost");
        }

        relay?.Finish();
        while (notify is { HasMessage: true })
            notify.Forward(pid);
        return _status.Value.ShellCode;
    }

    private void PassSignals(int pid, FileDescriptor pidFd, TerminalRelay? relay)
    {
        for (int signal = _signals.Read(); signal != 0; signal = _signals.Read())
        {
            switch (signal)
            {
                case Signal.Child:
                    Reap(pid);
                    break;
                case Signal.WindowChange:
                    relay?.Resize();
                    break;
                default:
                    _ = Syscalls.TryPidFdSendSignal(pidFd, signal); // ESRCH: it has ended meanwhile, and the loop will see that
                    break;
            }
        }
    }

    /// <summary>Takes the status of every child that has ended: ours, and as the subreaper those that the container left.</summary>
    private void Reap(int pid)
    {
        while (Syscalls.WaitAny(wait: false) is { } ended)
        {
            if (ended.Pid == pid)
                _status = ended;
        }
    }
}
