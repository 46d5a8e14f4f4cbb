using Sampan.Kernel;

namespace Sampan.Command;

/// <summary>A question before something is removed.</summary>
internal static class Confirmation
{
    /// <summary>Asks on standard error; yes is what begins with y. Without a terminal or a pipe that answers it is no.</summary>
    public static bool Ask(string question)
    {
        _ = Output.Write(Output.Err, System.Text.Encoding.UTF8.GetBytes($"WARNING! {question}\nAre you sure you want to continue? [y/N] "));
        Span<byte> answer = stackalloc byte[64];
        int read = Syscalls.Read(Output.In, answer);
        return read > 0 && answer[0] is (byte)'y' or (byte)'Y';
    }
}
