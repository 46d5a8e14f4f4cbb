using System.Runtime.InteropServices;
using Sampan.Kernel;

namespace Sampan.Command.CommandLine;

/// <summary>
/// SIGINT, SIGTERM and SIGHUP as the end of what a command waits for: it stops in good order, leaves nothing behind, and ends with 128 and the
/// signal's number, as a shell reports a killed program.
/// </summary>
internal sealed class Interrupt : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;
    private int _signal;

    public Interrupt() => _registrations =
    [
        Register(PosixSignal.SIGINT, Signal.Int), Register(PosixSignal.SIGTERM, Signal.Term), Register(PosixSignal.SIGHUP, Signal.Hangup),
    ];

    /// <summary>Cancelled by the signal.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Runs what waits; its result, or the signal's exit code.</summary>
    public static int Run(Func<CancellationToken, Task<int>> action)
    {
        using var interrupt = new Interrupt();
        try
        {
            return action(interrupt.Token).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException) when (interrupt._signal != 0)
        {
            return 128 + interrupt._signal;
        }
    }

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();
        _source.Dispose();
    }

    private PosixSignalRegistration Register(PosixSignal signal, int number) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        _signal = number;
        _source.Cancel();
    });
}
