using System.Buffers.Binary;
using Sampan.Engine;
using Sampan.Engine.Containers;
using Sampan.Kernel;

namespace Sampan.Command;

/// <summary>
/// Carries streams, signals and the terminal's size between the caller and a container's monitor until the container ends. Nothing depends on it: when it is
/// killed, the container goes on.
/// </summary>
internal sealed class AttachSession : IDisposable
{
    private const int ChunkSize = 32 * 1024;

    private readonly MonitorConnection _monitor;
    private readonly StoredContainer _container;
    private readonly CaughtSignals _signals = new();
    private readonly byte[] _chunk = new byte[ChunkSize];
    private TerminalSettings? _saved;
    private bool _input;
    private int _waiting;
    private bool _inputEnds;
    private bool _sawPrefix;
    private int? _result;

    private AttachSession(MonitorConnection monitor, StoredContainer container, bool input)
    {
        _monitor = monitor;
        _container = container;
        _input = input;
    }

    /// <summary>A terminal for the container, fed from something that is none, would hang or garble: refused as Docker does.</summary>
    public static void CheckTerminal(ContainerOptions options, bool detached)
    {
        if (options is { Terminal: true, Interactive: true } && !detached && !Syscalls.IsTerminal(Output.In))
            throw new EngineException(ErrorKind.InvalidArgument, "the input is not a terminal; leave out -t, or use -d");
    }

    /// <summary>Runs until the container ends, the user detaches (Ctrl-P Ctrl-Q), or nobody reads the output.</summary>
    /// <returns>The exit code for the shell.</returns>
    public static int Run(MonitorConnection monitor, StoredContainer container, bool input, bool forwardSignals)
    {
        using var session = new AttachSession(monitor, container, input);
        session.Prepare(forwardSignals);
        return session.Loop();
    }

    public void Dispose()
    {
        if (_saved is { } settings)
            Syscalls.SetTerminalSettings(Output.In, settings);
        _signals.Dispose();
    }

    private void Prepare(bool forwardSignals)
    {
        bool terminal = _container.Record.Terminal;
        if (terminal && _input && Syscalls.IsTerminal(Output.In))
        {
            _saved = Syscalls.GetTerminalSettings(Output.In);
            Syscalls.SetTerminalSettings(Output.In, _saved.Value.WithRawMode());
        }
        if (terminal)
        {
            _signals.Catch(Signal.WindowChange);
            SendSize();
        }
        if (forwardSignals)
            _signals.Catch(CaughtSignals.Forwarded);
    }

    private int Loop()
    {
        Span<PollDescriptor> polled = stackalloc PollDescriptor[3];
        while (_result is null)
        {
            // Input that the monitor does not take yet must not keep this side from taking output: both would wait for ever.
            polled[0] = new PollDescriptor(_monitor.Socket, PollEvents.In | (_waiting > 0 || _inputEnds ? PollEvents.Out : 0));
            polled[1] = new PollDescriptor(_signals.Readable, PollEvents.In);
            polled[2] = new PollDescriptor(_input && _waiting == 0 ? Output.In : null, PollEvents.In);
            _ = Syscalls.Poll(polled, -1);
            if ((polled[0].Returned & ~PollEvents.Out) != 0)
                Receive();
            if ((polled[0].Returned & PollEvents.Out) != 0)
                SendInput();
            if (polled[1].Returned != 0)
                Forward();
            if (polled[2].Returned != 0 && _result is null && _waiting == 0)
                ReadInput();
        }
        return _result.Value;
    }

    private void Receive()
    {
        switch (_monitor.Receive())
        {
            case MonitorMessage.Output:
                Pass(Output.Out);
                break;
            case MonitorMessage.ErrorOutput:
                Pass(Output.Err);
                break;
            case MonitorMessage.Exited:
                _result = _monitor.Number;
                break;
            case MonitorMessage.None:
                throw new EngineException(ErrorKind.Failed, $"the monitor of the container {_container.Record.Name} was killed; the container may run on: see \"sampan ps\", and remove it with \"sampan rm -f {_container.Record.Name}\"");
            default:
                break;
        }
    }

    private void Pass(FileDescriptor file)
    {
        if (Output.Write(file, _monitor.Payload))
            return;
        // As a shell's own program would end; but the container does not end by it, which its user may not expect.
        _result = 128 + Signal.Pipe;
        string name = _container.Record.Name;
        Output.Error($"nobody reads the output any more; the container {name} is not stopped by that: \"sampan logs {name}\" has all of it, \"sampan stop {name}\" ends it");
    }

    private void Forward()
    {
        foreach (byte signal in _signals.Take())
        {
            if (signal == Signal.WindowChange)
            {
                SendSize();
                continue;
            }
            try
            {
                ContainerEngine.SendSignal(_container, signal);
            }
            catch (EngineException)
            {
                // It has just ended; the monitor's word comes.
            }
        }
    }

    private void ReadInput()
    {
        int read = Syscalls.TryRead(Output.In, _chunk);
        if (read == -(int)Errno.EAGAIN)
            return;
        if (read <= 0)
        {
            _input = false;
            _inputEnds = true;
            SendInput();
            return;
        }
        ReadOnlySpan<byte> bytes = _chunk.AsSpan(0, read);
        if (_saved is not null && IsDetach(bytes))
        {
            _result = 0;
            return;
        }
        _waiting = read;
        SendInput();
    }

    private void SendInput()
    {
        if (_waiting > 0 && _monitor.TrySend(MonitorMessage.Input, _chunk.AsSpan(0, _waiting)))
            _waiting = 0;
        if (_waiting == 0 && _inputEnds && _monitor.TrySend(MonitorMessage.InputEnd, default))
            _inputEnds = false;
    }

    /// <summary>Ctrl-P Ctrl-Q, in one read or in two.</summary>
    private bool IsDetach(ReadOnlySpan<byte> bytes)
    {
        foreach (byte key in bytes)
        {
            if (_sawPrefix && key == 0x11)
                return true;
            _sawPrefix = key == 0x10;
        }
        return false;
    }

    /// <summary>The size of the caller's terminal; null where there is none, or it knows no size (as under script(1) without a terminal).</summary>
    public static TerminalSize? CallersSize() =>
        Syscalls.IsTerminal(Output.Out) && Syscalls.GetWindowSize(Output.Out) is { Rows: > 0, Columns: > 0 } size ? size : null;

    private void SendSize()
    {
        if (CallersSize() is not { } size)
            return;
        Span<byte> payload = stackalloc byte[4];
        BinaryPrimitives.WriteUInt16LittleEndian(payload, size.Rows);
        BinaryPrimitives.WriteUInt16LittleEndian(payload[2..], size.Columns);
        _monitor.Send(MonitorMessage.Resize, payload);
    }
}
