using Sampan.Engine;
using Sampan.Kernel;

namespace Sampan.Command;

/// <summary>
/// Carries the streams of <c>exec</c> between the caller and pipes of the process's own, where the caller's are more than a pipe: with a terminal of the
/// host a program of the image could read what its user types, also after the command has ended, and with a file of the host it could do to that file what
/// its owner may.
/// </summary>
internal sealed class ExecSession : IDisposable
{
    private const int ChunkSize = 32 * 1024;

    private readonly byte[] _input = new byte[ChunkSize];
    private readonly byte[] _output = new byte[ChunkSize];
    private readonly CaughtSignals _signals = new();
    private readonly FileDescriptor?[] _ours = new FileDescriptor?[3];
    private int _start;
    private int _end;

    /// <summary>Runs the call to its end. Becomes it where every stream can be passed on as it is.</summary>
    /// <returns>The exit code.</returns>
    public static int Run(ExecCall call)
    {
        if (call.OwnsStreams || (MayPass(Output.In) && MayPass(Output.Out) && MayPass(Output.Err)))
            call.Become();
        using var session = new ExecSession();
        session._signals.Catch(CaughtSignals.Forwarded);
        return session.Serve(session.Spawn(call));
    }

    public void Dispose()
    {
        _signals.Dispose();
        foreach (FileDescriptor? file in _ours)
            file?.Dispose();
    }

    /// <summary>Whether a stream gives no more than its bytes: a pipe, or /dev/null. What is closed is the runtime's to refuse.</summary>
    private static bool MayPass(FileDescriptor file) =>
        Syscalls.TryStatAt(file, "", out FileStatus status) != Errno.None
        || status.Type == FileType.Fifo
        || (status.Type == FileType.Character && status.Device is { Major: 1, Minor: 3 });

    private int Spawn(ExecCall call)
    {
        var theirs = new FileDescriptor[3];
        for (int i = 0; i < 3; i++)
        {
            FileDescriptor own = i == 0 ? Output.In : i == 1 ? Output.Out : Output.Err;
            if (MayPass(own))
            {
                theirs[i] = own;
                continue;
            }
            (FileDescriptor read, FileDescriptor write) = Syscalls.Pipe();
            (theirs[i], _ours[i]) = i == 0 ? (read, write) : (write, read);
            Syscalls.SetNonBlocking(_ours[i]!);
        }
        // A session of its own: the terminal's Ctrl-C comes to this program alone, which passes it on once.
        int pid = call.Spawn(theirs);
        for (int i = 0; i < 3; i++)
        {
            if (_ours[i] is not null)
                theirs[i].Dispose(); // the child has its own
        }
        return pid;
    }

    private int Serve(int pid)
    {
        using FileDescriptor process = Syscalls.PidFdOpen(pid);
        Span<PollDescriptor> polled = stackalloc PollDescriptor[6];
        while (true)
        {
            polled[0] = new PollDescriptor(process, PollEvents.In);
            polled[1] = new PollDescriptor(_signals.Readable, PollEvents.In);
            polled[2] = new PollDescriptor(_ours[1], PollEvents.In);
            polled[3] = new PollDescriptor(_ours[2], PollEvents.In);
            polled[4] = new PollDescriptor(_start == _end ? null : _ours[0], PollEvents.Out);
            polled[5] = new PollDescriptor(_ours[0] is not null && _start == _end ? Output.In : null, PollEvents.In);
            _ = Syscalls.Poll(polled, -1);
            if (polled[1].Returned != 0)
                PassSignals(process);
            if (polled[2].Returned != 0)
                _ = Pass(1, Output.Out);
            if (polled[3].Returned != 0)
                _ = Pass(2, Output.Err);
            if (polled[4].Returned != 0)
                Feed();
            if (polled[5].Returned != 0)
                ReadInput();
            if (polled[0].Returned == 0)
                continue;
            // What it has written is all in the pipes; who still holds them is left alone, as by the container's end.
            while (Pass(1, Output.Out) | Pass(2, Output.Err))
            {
            }
            return Syscalls.WaitId(process)?.ShellCode ?? Program.OwnFailure;
        }
    }

    private void PassSignals(FileDescriptor process)
    {
        foreach (byte signal in _signals.Take())
            _ = Syscalls.TryPidFdSendSignal(process, signal);
    }

    /// <summary>Passes on what an output has. Where nobody reads it any more it is closed, so that its writer learns of that.</summary>
    /// <returns>Whether there may be more.</returns>
    private bool Pass(int stream, FileDescriptor target)
    {
        if (_ours[stream] is not { } source)
            return false;
        int read = Syscalls.TryRead(source, _output);
        if (read == -(int)Errno.EAGAIN)
            return false;
        if (read > 0 && Output.Write(target, _output.AsSpan(0, read)))
            return true;
        Close(stream);
        return false;
    }

    private void ReadInput()
    {
        int read = Syscalls.TryRead(Output.In, _input);
        if (read == -(int)Errno.EAGAIN)
            return;
        if (read <= 0)
        {
            Close(0);
            return;
        }
        (_start, _end) = (0, read);
        Feed();
    }

    private void Feed()
    {
        int written = Syscalls.TryWrite(_ours[0]!, _input.AsSpan(_start, _end - _start));
        if (written == -(int)Errno.EAGAIN)
            return;
        if (written < 0)
        {
            _start = _end;
            Close(0); // nobody inside reads any more
            return;
        }
        _start += written;
    }

    private void Close(int stream)
    {
        _ours[stream]?.Dispose();
        _ours[stream] = null;
    }
}
