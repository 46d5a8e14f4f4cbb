using System.Runtime.InteropServices;
using Sampan.Kernel;

namespace Sampan.Command;

/// <summary>Signals that this program passes on instead of ending by them, as bytes in a pipe that a loop over poll(2) can wait for.</summary>
internal sealed class CaughtSignals : IDisposable
{
    private const int User1 = 10;
    private const int User2 = 12;

    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly FileDescriptor _write;

    public CaughtSignals() => (Readable, _write) = Syscalls.Pipe();

    /// <summary>What a person or a service manager sends.</summary>
    public static ReadOnlySpan<int> Forwarded => [Signal.Hup, Signal.Int, Signal.Quit, Signal.Term, User1, User2];

    /// <summary>The pipe's end to wait for.</summary>
    public FileDescriptor Readable { get; }

    public void Catch(params ReadOnlySpan<int> signals)
    {
        foreach (int signal in signals)
        {
            _registrations.Add(PosixSignalRegistration.Create((PosixSignal)signal, context =>
            {
                context.Cancel = true;
                _ = Syscalls.TryWrite(_write, [(byte)signal]);
            }));
        }
    }

    /// <summary>Takes the signals that have come.</summary>
    public byte[] Take()
    {
        Span<byte> numbers = stackalloc byte[16];
        return numbers[..Syscalls.Read(Readable, numbers)].ToArray();
    }

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();
        Readable.Dispose();
        _write.Dispose();
    }
}
