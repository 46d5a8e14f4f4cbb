using System.Buffers;
using System.Text;
using System.Text.Json;
using Sampan.Kernel;
using Sampan.Runtime;

namespace Sampan.RuntimeCommand;

/// <summary>
/// Where errors go, in the shapes that runc's callers read: lines of logrus' text format on standard error, or, with <c>--log FILE</c>,
/// lines of text or JSON in that file and the bare message on standard error.
/// </summary>
public sealed class Log
{
    private static readonly FileDescriptor StandardError = new(2, owns: false);

    private readonly FileDescriptor? _file;
    private readonly bool _json;

    private Log(FileDescriptor? file, bool json, bool debug)
    {
        _file = file;
        _json = json;
        IsDebug = debug;
    }

    /// <summary>Text on standard error, no debug lines.</summary>
    public static Log Default => new(null, json: false, debug: false);

    /// <summary>Whether debug lines are wanted.</summary>
    public bool IsDebug { get; }

    /// <summary>What the core's requests take as their debug sink: null where nobody wants to read it.</summary>
    public Action<string>? DebugSink => IsDebug ? Debug : null;

    /// <summary>Opens the log.</summary>
    /// <exception cref="RuntimeException">The format is neither text nor json, or the file cannot be opened.</exception>
    public static Log Open(string? path, string format, bool debug)
    {
        if (format is not ("text" or "json"))
            throw new RuntimeException($"invalid log-format: {format}", RuntimeErrorKind.InvalidArgument);
        FileDescriptor? file = null;
        if (!string.IsNullOrEmpty(path) && path is not "/dev/stderr")
        {
            Errno error = Syscalls.TryOpenAt(Syscalls.WorkingDirectory, path, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Append | OpenFlags.NoControllingTerminal, 0x1a4, out file);
            if (error != Errno.None)
                throw new RuntimeException($"cannot open the log file {path}: {KernelException.Describe(error)}", RuntimeErrorKind.InvalidArgument);
        }

        return new Log(file, format == "json", debug);
    }

    /// <summary>Tells of the failure that ends the command.</summary>
    public void Error(string message)
    {
        Write("error", message);
        if (_file is not null)
            WriteTo(StandardError, Encoding.UTF8.GetBytes(message + "\n"));
    }

    /// <summary>Tells of something that did not go as asked and does not end the command.</summary>
    public void Warning(string message) => Write("warning", message);

    /// <summary>A line for whoever asked for <c>--debug</c>.</summary>
    public void Debug(string message)
    {
        if (IsDebug)
            Write("debug", message);
    }

    private void Write(string level, string message)
    {
        string time = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
        WriteTo(_file ?? StandardError, _json ? JsonLine(level, message, time) : Encoding.UTF8.GetBytes(TextLine(level, message, time)));
    }

    /// <summary>A full disk or a closed standard error must not hide the exit status.</summary>
    private static void WriteTo(FileDescriptor file, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            int written = Syscalls.TryWrite(file, bytes);
            if (written <= 0)
                return;
            bytes = bytes[written..];
        }
    }

    private static byte[] JsonLine(string level, string message, string time)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("level"u8, level);
            writer.WriteString("msg"u8, message);
            writer.WriteString("time"u8, time);
            writer.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    private static string TextLine(string level, string message, string time)
    {
        var line = new StringBuilder("time=\"").Append(time).Append("\" level=").Append(level).Append(" msg=");
        bool plain = message.Length > 0;
        foreach (char c in message)
            plain &= char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' or '/' or '@' or '^' or '+';
        if (plain)
            return line.Append(message).Append('\n').ToString();
        line.Append('"');
        foreach (char c in message)
            AppendQuoted(line, c);
        return line.Append("\"\n").ToString();
    }

    private static void AppendQuoted(StringBuilder line, char c) => _ = c switch
    {
        '"' => line.Append("\\\""),
        '\\' => line.Append("\\\\"),
        '\n' => line.Append("\\n"),
        '\r' => line.Append("\\r"),
        '\t' => line.Append("\\t"),
        < ' ' or '\x7f' => line.Append("\\x").Append(((int)c).ToString("x2", System.Globalization.CultureInfo.InvariantCulture)),
        _ => line.Append(c),
    };
}
