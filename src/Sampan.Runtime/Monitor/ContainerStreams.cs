using Sampan.Kernel;

namespace Sampan.Runtime.Monitor;

/// <summary>Descriptors that every part of the monitor needs.</summary>
internal static class Streams
{
    /// <summary>/dev/null.</summary>
    public static readonly FileDescriptor Null = Syscalls.Open("/dev/null", OpenFlags.ReadWrite);
}

/// <summary>A container's standard streams: the ends that it gets, and the ends that the monitor keeps. With a terminal, its master comes over a socket.</summary>
internal sealed class ContainerStreams : IDisposable
{
    private string? _consolePath;
    private FileDescriptor? _input, _output, _error, _console, _consoleListener;

    public FileDescriptor ChildInput { get; private set; } = Streams.Null;

    public FileDescriptor ChildOutput { get; private set; } = Streams.Null;

    public FileDescriptor ChildError { get; private set; } = Streams.Null;


    public static ContainerStreams Open(MonitorSettings settings)
    {
        var streams = new ContainerStreams();
        if (settings.Terminal)
            return streams;
        if (settings.Interactive)
            (streams.ChildInput, streams._input) = Syscalls.Pipe();
        (streams._output, streams.ChildOutput) = Syscalls.Pipe();
        (streams._error, streams.ChildError) = Syscalls.Pipe();
        return streams;
    }

    /// <summary>Makes the socket over which a runtime that is a process sends the terminal's master; gives its path.</summary>
    public string ListenForConsole(string directory)
    {
        _consolePath = Path.Combine(directory, "console.sock");
        _ = Syscalls.TryUnlinkAt(Syscalls.WorkingDirectory, _consolePath);
        _consoleListener = UnixSocket.Bind(_consolePath, SocketKind.Stream, nonBlocking: true);
        return _consolePath;
    }

    /// <summary>Takes the terminal's master from a runtime in this process.</summary>
    public void TakeConsole(FileDescriptor? console) => _console = console;

    /// <summary>Takes the terminal's master, which the runtime has sent before it ended.</summary>
    /// <exception cref="RuntimeException">It did not send one.</exception>
    public void ReceiveConsole()
    {
        if (_consoleListener is null)
            return;
        using FileDescriptor connection = Syscalls.Accept(_consoleListener) ?? throw new RuntimeException("the OCI runtime did not send the terminal");
        Span<byte> name = stackalloc byte[4096];
        ReceivedMessage message = Syscalls.RecvMsg(connection, name, maxDescriptors: 1);
        _console = message.Descriptors.Length == 1 ? message.Descriptors[0] : throw new RuntimeException("the OCI runtime sent no terminal");
        _ = Syscalls.TryUnlinkAt(Syscalls.WorkingDirectory, _consolePath!);
    }

    /// <summary>Hands the monitor's ends to <paramref name="container"/>.</summary>
    public void GiveTo(MonitoredContainer container)
    {
        foreach (FileDescriptor? file in (FileDescriptor?[])[_input, _output, _error, _console])
        {
            if (file is not null)
                Syscalls.SetNonBlocking(file);
        }
        (container.Stdin, container.Stdout, container.Stderr, container.Console) = (_input, _output, _error, _console);
        _input = _output = _error = _console = null;
    }

    public void Dispose()
    {
        foreach (FileDescriptor? file in (FileDescriptor?[])[_input, _output, _error, _console, _consoleListener, ChildInput, ChildOutput, ChildError])
        {
            if (file != Streams.Null)
                file?.Dispose();
        }
    }
}
