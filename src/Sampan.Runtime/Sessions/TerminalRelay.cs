using Sampan.Kernel;

namespace Sampan.Runtime.Sessions;

/// <summary>
/// Carries bytes between the caller's standard input and output and the master of a container's terminal, and keeps both terminals' sizes equal.
/// The caller's terminal is in raw mode from <see cref="Begin"/> to <see cref="Dispose"/>.
/// </summary>
/// <remarks>
/// The end of standard input ends the reading of it and nothing else: a terminal has no end, and a program behind it may still write. The master
/// reports EIO while no process holds the other end; a process that opens it later (a service that takes /dev/console) makes it whole again.
/// </remarks>
internal sealed class TerminalRelay : IDisposable
{
    private readonly FileDescriptor _input = new(0, owns: false);
    private readonly FileDescriptor _output = new(1, owns: false);
    private readonly FileDescriptor _master;
    private readonly RelayBuffer _toContainer = new();
    private readonly RelayBuffer _fromContainer = new();
    private readonly FileDescriptor? _terminal;
    private TerminalSettings? _before;
    private bool _inputOpen = true;
    private bool _outputOpen = true;

    private TerminalRelay(FileDescriptor master)
    {
        _master = master;
        _terminal = CallerTerminal.Find();
    }

    /// <summary>Whether the container's side was found to be closed by everybody; it is asked again from time to time then.</summary>
    public bool IsHungUp { get; private set; }

    /// <summary>Takes the master, and the caller's terminal where there is one: its size goes to the container, and it is made raw but for output: of the two terminals only the caller's translates newlines.</summary>
    public static TerminalRelay Begin(FileDescriptor master)
    {
        var relay = new TerminalRelay(master);
        Syscalls.SetNonBlocking(master, true);
        if (relay._terminal is null)
            return relay;
        relay.Resize();
        TerminalSettings settings = Syscalls.GetTerminalSettings(relay._terminal);
        relay._before = settings;
        Syscalls.SetTerminalSettings(relay._terminal, settings.WithRawMode(processesOutput: true));
        return relay;
    }

    /// <summary>Gives the container's terminal the size of the caller's.</summary>
    public void Resize()
    {
        if (_terminal is null)
            return;
        TerminalSize size = Syscalls.GetWindowSize(_terminal);
        if (size is { Rows: > 0, Columns: > 0 })
            Syscalls.SetWindowSize(_master, size);
    }

    /// <summary>What to wait for: three entries, whose results <see cref="Move"/> takes.</summary>
    public void Watch(Span<PollDescriptor> entries)
    {
        PollEvents master = (_fromContainer.HasRoom ? PollEvents.In : 0) | (_toContainer.IsEmpty ? 0 : PollEvents.Out);
        entries[0] = new PollDescriptor(_inputOpen && _toContainer.HasRoom ? _input : null, PollEvents.In);
        entries[1] = new PollDescriptor(IsHungUp ? null : _master, master);
        entries[2] = new PollDescriptor(_fromContainer.IsEmpty ? null : _output, PollEvents.Out);
    }

    /// <summary>Moves what can be moved without waiting.</summary>
    public void Move(ReadOnlySpan<PollDescriptor> entries)
    {
        if (entries[0].Returned != 0 && _toContainer.Fill(_input) is <= 0 and not -(int)Errno.EAGAIN)
            _inputOpen = false;
        PollEvents master = entries[1].Returned;
        if (IsHungUp || (master & (PollEvents.In | PollEvents.HangUp | PollEvents.Error)) != 0)
            ReadMaster();
        if ((master & PollEvents.Out) != 0 && !_toContainer.IsEmpty)
            _ = _toContainer.Drain(_master);
        if (entries[2].Returned != 0)
            WriteOutput();
    }

    /// <summary>After the container's process has ended: hands on all that it had written.</summary>
    public void Finish()
    {
        IsHungUp = false;
        while (true)
        {
            int count = _fromContainer.HasRoom ? _fromContainer.Fill(_master) : 1;
            if (count <= 0 && _fromContainer.IsEmpty)
                return;
            WriteOutput();
        }
    }

    /// <summary>Gives the caller's terminal its mode back.</summary>
    public void Dispose()
    {
        if (_before is { } settings)
            Syscalls.SetTerminalSettings(_terminal!, settings);
        _before = null;
        _master.Dispose();
    }

    private void ReadMaster()
    {
        if (!_fromContainer.HasRoom)
            return;
        int count = _fromContainer.Fill(_master);
        IsHungUp = count is 0 or -(int)Errno.EIO;
    }

    /// <summary>Output that nobody reads any more is dropped, so that the container does not stop at a full terminal.</summary>
    private void WriteOutput()
    {
        if (_outputOpen)
            _outputOpen = _fromContainer.Drain(_output);
        else
            _fromContainer.Clear();
    }
}
