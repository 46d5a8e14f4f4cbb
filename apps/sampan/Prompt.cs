using System.Text;
using Sampan.Kernel;

namespace Sampan.Command;

/// <summary>Questions that are answered with a line at the terminal.</summary>
internal static class Prompt
{
    private const int MaximumLine = 4096;

    /// <summary>Asks, and reads the line that answers; a secret's is not shown.</summary>
    /// <exception cref="OperationCanceledException">A signal came; the terminal is as it was.</exception>
    /// <exception cref="IOException">The terminal went away.</exception>
    public static string Ask(string question, bool isSecret, CancellationToken cancellationToken)
    {
        Output.Write(question);
        (FileDescriptor wake, FileDescriptor signal) = Syscalls.Pipe();
        using (wake)
        using (signal)
        using (cancellationToken.Register(() => Syscalls.TryWrite(signal, [1])))
        {
            if (!isSecret)
                return ReadLine(wake, cancellationToken);
            TerminalSettings before = Syscalls.GetTerminalSettings(Output.In);
            try
            {
                Syscalls.SetTerminalSettings(Output.In, before.WithoutEcho());
                return ReadLine(wake, cancellationToken);
            }
            finally
            {
                Syscalls.SetTerminalSettings(Output.In, before);
            }
        }
    }

    private static string ReadLine(FileDescriptor wake, CancellationToken cancellationToken)
    {
        var line = new List<byte>();
        Span<PollDescriptor> polled = stackalloc PollDescriptor[2];
        Span<byte> one = stackalloc byte[1];
        while (true)
        {
            polled[0] = new PollDescriptor(Output.In, PollEvents.In);
            polled[1] = new PollDescriptor(wake, PollEvents.In);
            _ = Syscalls.Poll(polled, -1);
            cancellationToken.ThrowIfCancellationRequested();
            if (Syscalls.Read(Output.In, one) == 0 || line.Count == MaximumLine)
                throw new IOException("the answer was not ended with a newline");
            if (one[0] == '\n')
                return Encoding.UTF8.GetString([.. line]).TrimEnd('\r');
            line.Add(one[0]);
        }
    }
}
