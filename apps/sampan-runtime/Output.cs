using System.Text;
using Sampan.Kernel;

namespace Sampan.RuntimeCommand;

/// <summary>Standard output, without the Console class: that one starts a thread and costs 0.3 ms (PEERS.md).</summary>
internal static class Output
{
    private static readonly FileDescriptor Standard = new(1, owns: false);

    /// <summary>Writes text as UTF-8.</summary>
    public static void Write(string text) => Write(Encoding.UTF8.GetBytes(text));

    /// <summary>Writes bytes.</summary>
    public static void Write(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > 0)
            Syscalls.WriteAll(Standard, bytes);
    }
}
