using System.Buffers.Binary;
using Sampan.Kernel;

namespace Sampan.Runtime.Monitor;

/// <summary>
/// Waits for the container, its output and the clients, and allocates nothing while it does. A client that does not read holds up the container's
/// output, as a pipe would, and nothing else.
/// </summary>
internal sealed class MonitorLoop
{
    private const int MaxClients = 48;

    private const int ChunkSize = 32 * 1024;

    private const int HungUpCheckMilliseconds = 100;

    private readonly MonitoredContainer _container;
    private byte[]? _chunk;
    private byte[]? _input;
    private int _inputStart;
    private bool _inputEnds;
    private bool _hungUp;

    public MonitorLoop(MonitoredContainer container) => _container = container;

    /// <summary>A packet: its kind and what was read. Made at the first one, so that a monitor whose container is silent does not hold it.</summary>
    private byte[] Chunk => _chunk ??= GC.AllocateUninitializedArray<byte>(ChunkSize + 1);

    /// <summary>Runs until the first process has ended.</summary>
    /// <param name="handOverAfter">Milliseconds after which to return false so that the slim stage takes over; -1 for never.</param>
    /// <returns>The process's end; null when the time is over.</returns>
    public ExitStatus? Run(int handOverAfter)
    {
        long deadline = Environment.TickCount64 + handOverAfter;
        Span<PollDescriptor> polled = stackalloc PollDescriptor[5 + MaxClients];
        while (true)
        {
            int timeout = handOverAfter < 0 ? -1 : (int)Math.Max(0, deadline - Environment.TickCount64);
            if (_hungUp)
                timeout = timeout < 0 ? HungUpCheckMilliseconds : Math.Min(timeout, HungUpCheckMilliseconds);
            int count = Fill(polled);
            int ready = Syscalls.Poll(polled[..count], timeout);
            bool over = ready == 0 && handOverAfter >= 0 && Environment.TickCount64 >= deadline;
            if (over && _container.IsQuiet && _input is null)
                return null;
            if (over)
                deadline = Environment.TickCount64 + 100;
            if (_hungUp)
                _ = ReadStream(_container.Console, 0);
            if (polled[1].Returned != 0)
                _ = Accept();
            if (polled[2].Returned != 0)
                ReadStream(_container.Console ?? _container.Stdout, 0);
            if (polled[3].Returned != 0)
                ReadStream(_container.Stderr, 1);
            if (polled[4].Returned != 0)
                FeedInput();
            for (int i = 5; i < count; i++)
                Serve(_container.Clients[i - 5], polled[i].Returned);
            DropClosedClients();
            if (polled[0].Returned != 0)
                return End();
        }
    }

    private int Fill(Span<PollDescriptor> polled)
    {
        bool behind = false;
        foreach (MonitorClient client in _container.Clients)
            behind |= client.Attached && client.IsBehind;
        PollEvents output = behind ? 0 : PollEvents.In;
        polled[0] = new PollDescriptor(_container.Process.PidFd, PollEvents.In);
        polled[1] = new PollDescriptor(_container.Clients.Count < MaxClients ? _container.Listener : null, PollEvents.In);
        polled[2] = new PollDescriptor(behind || _hungUp ? null : _container.Console ?? _container.Stdout, output);
        polled[3] = new PollDescriptor(behind ? null : _container.Stderr, output);
        polled[4] = new PollDescriptor(_input is null ? null : _container.Console ?? _container.Stdin, PollEvents.Out);
        int count = 5;
        foreach (MonitorClient client in _container.Clients)
        {
            // A client whose input the container does not take yet is not read from either.
            PollEvents wanted = (_input is null ? PollEvents.In : 0) | (client.IsBehind ? PollEvents.Out : 0);
            polled[count++] = new PollDescriptor(client.Socket, wanted);
        }
        return count;
    }

    /// <summary>Takes the clients that have connected and were not looked at yet, so that they, too, learn of the end.</summary>
    public void AcceptWaiting()
    {
        while (_container.Clients.Count < MaxClients && Accept())
        {
        }
    }

    private bool Accept()
    {
        if (Syscalls.Accept(_container.Listener) is not { } socket)
            return false;
        if (Syscalls.GetPeerCredentials(socket).Uid != Syscalls.GetEuid())
            socket.Dispose();
        else
            _container.Clients.Add(new MonitorClient(socket, attached: false));
        return true;
    }

    /// <summary>
    /// Passes on what a stream has; closes it at its end. EIO is how a terminal says that nobody has it open inside; it is kept, because a process inside
    /// may open it again, and asked from time to time, because poll(2) would report the hang-up without end.
    /// </summary>
    /// <returns>Whether there may be more.</returns>
    public bool ReadStream(FileDescriptor? file, int stream)
    {
        if (file is null)
            return false;
        int read = Syscalls.TryRead(file, Chunk.AsSpan(1));
        if (read == -(int)Errno.EAGAIN)
            return false;
        bool terminal = file == _container.Console;
        if (terminal)
            _hungUp = read <= 0;
        if (read <= 0)
        {
            if (terminal)
                return false;
            if (file == _container.Stdout)
                _container.Stdout = null;
            else
                _container.Stderr = null;
            file.Dispose();
            return false;
        }
        _container.Log.Write(stream, Chunk.AsSpan(1, read));
        Chunk[0] = (byte)(stream == 0 ? MonitorMessage.Output : MonitorMessage.ErrorOutput);
        foreach (MonitorClient client in _container.Clients)
        {
            if (client.Attached)
                client.Send(Chunk.AsSpan(0, read + 1));
        }
        return true;
    }

    private void Serve(MonitorClient client, PollEvents events)
    {
        if ((events & PollEvents.Out) != 0)
            client.SendWaiting();
        if ((events & PollEvents.In) != 0)
            Receive(client);
        else if ((events & (PollEvents.HangUp | PollEvents.Error)) != 0)
            Leave(client);
    }

    private void Receive(MonitorClient client)
    {
        int length = Syscalls.TryRead(client.Socket, Chunk);
        if (length == -(int)Errno.EAGAIN)
            return;
        if (length <= 0)
        {
            Leave(client);
            return;
        }
        ReadOnlySpan<byte> payload = Chunk.AsSpan(1, length - 1);
        switch ((MonitorMessage)Chunk[0])
        {
            case MonitorMessage.Attach:
                client.Attached = true;
                break;
            case MonitorMessage.Input when payload.Length > 0:
                _input = payload.ToArray();
                _inputStart = 0;
                FeedInput();
                break;
            case MonitorMessage.InputEnd:
                EndInput();
                break;
            case MonitorMessage.Resize when payload.Length == 4 && _container.Console is { } console:
                Syscalls.SetWindowSize(console, new TerminalSize(BinaryPrimitives.ReadUInt16LittleEndian(payload), BinaryPrimitives.ReadUInt16LittleEndian(payload[2..])));
                break;
            default:
                break;
        }
    }

    private void FeedInput()
    {
        if (_input is not { } input)
            return;
        if ((_container.Console ?? _container.Stdin) is not { } target)
        {
            _input = null;
            return;
        }
        int written = Syscalls.TryWrite(target, input.AsSpan(_inputStart));
        if (written == -(int)Errno.EAGAIN)
            return;
        _inputStart += Math.Max(0, written);
        if (written > 0 && _inputStart < input.Length)
            return;
        _input = null; // all of it, or nobody inside reads any more
        if (_inputEnds || written < 0)
            EndInput();
    }

    private void EndInput()
    {
        if (_input is not null)
        {
            _inputEnds = true;
            return;
        }
        if (_container.Console is null)
        {
            _container.Stdin?.Dispose();
            _container.Stdin = null;
        }
    }

    /// <summary>An attached client is gone: with it goes the container's standard input, as with Docker's StdinOnce.</summary>
    private void Leave(MonitorClient client)
    {
        bool attached = client.Attached;
        client.Close();
        if (attached && _container.Settings.Optional("input-once") == "1")
            EndInput();
    }

    private void DropClosedClients()
    {
        for (int i = _container.Clients.Count - 1; i >= 0; i--)
        {
            if (_container.Clients[i].IsClosed)
                _container.Clients.RemoveAt(i);
        }
    }

    private ExitStatus End() =>
        Syscalls.WaitId(_container.Process.PidFd) ?? new ExitStatus(_container.Process.Pid, ExitKind.Exited, 255);
}
