using System.Text;
using Sampan.Kernel;

namespace Sampan.Command;

/// <summary>Standard output and error as descriptors: System.Console costs a thread and a millisecond.</summary>
internal static class Output
{
    public static readonly FileDescriptor In = new(0, owns: false);

    public static readonly FileDescriptor Out = new(1, owns: false);

    public static readonly FileDescriptor Err = new(2, owns: false);

    /// <summary>Whether messages are JSON lines (<c>--log-format json</c>).</summary>
    public static bool Json { get; set; }

    /// <summary>Whether <c>--debug</c> asked for more.</summary>
    public static bool DebugEnabled { get; set; }

    /// <summary>Writes text to standard output.</summary>
    public static void Write(string text) => Write(Out, Encoding.UTF8.GetBytes(text));

    /// <summary>Writes a line to standard output.</summary>
    public static void Line(string text) => Write(text + "\n");

    /// <summary>Writes bytes; false when nobody reads them any more.</summary>
    public static bool Write(FileDescriptor file, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            int written = Syscalls.TryWrite(file, bytes);
            if (written == -(int)Errno.EAGAIN)
                _ = Syscalls.Poll(file, PollEvents.Out, -1);
            else if (written < 0)
                return false;
            else
                bytes = bytes[written..];
        }
        return true;
    }

    /// <summary>Tells of a failure.</summary>
    public static void Error(string message) => Message("error", message);

    /// <summary>Tells of something that did not stop the command.</summary>
    public static void Warning(string message) => Message("warning", message);

    /// <summary>Tells a developer.</summary>
    public static void Debug(string message)
    {
        if (DebugEnabled)
            Message("debug", message);
    }

    private static void Message(string level, string message)
    {
        string line = Json
            ? $"{{\"level\":\"{level}\",\"msg\":\"{System.Text.Json.JsonEncodedText.Encode(message)}\",\"time\":\"{TimeProvider.System.GetUtcNow():yyyy-MM-ddTHH:mm:ssZ}\"}}\n"
            : $"sampan: {(level == "error" ? "" : level + ": ")}{message}\n";
        _ = Write(Err, Encoding.UTF8.GetBytes(line));
    }
}
