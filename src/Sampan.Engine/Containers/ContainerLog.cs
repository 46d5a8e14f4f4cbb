using System.Globalization;
using System.Text;
using Sampan.Kernel;

namespace Sampan.Engine.Containers;

/// <summary>One line, or 16 KiB of a longer one, of a container's output.</summary>
/// <param name="IsError">Whether it is of standard error.</param>
/// <param name="Time">When, as RFC 3339 with nanoseconds.</param>
/// <param name="Bytes">The bytes as the container wrote them.</param>
public readonly record struct LogLine(bool IsError, string Time, byte[] Bytes);

/// <summary>Reads a container's log: the json-file format that its monitor writes.</summary>
public sealed class ContainerLog : IDisposable
{
    private const int BlockSize = 64 * 1024;

    private readonly FileDescriptor _file;
    private readonly byte[] _block = new byte[BlockSize];
    private readonly List<byte> _rest = [];
    private long _offset;

    private ContainerLog(FileDescriptor file) => _file = file;

    /// <summary>Opens the log, or gives null where nothing was ever written.</summary>
    /// <param name="container">The container.</param>
    /// <param name="tail">How many of the last lines; -1 for all.</param>
    public static ContainerLog? Open(StoredContainer container, long tail)
    {
        if (Syscalls.TryOpenAt(Syscalls.WorkingDirectory, PathOf(container), OpenFlags.ReadOnly, 0, out FileDescriptor? file) != Errno.None)
            return null;
        var log = new ContainerLog(file!);
        if (tail >= 0)
            log._offset = log.StartOfLast(tail);
        return log;
    }

    /// <summary>The file's path.</summary>
    public static string PathOf(StoredContainer container) => Path.Combine(container.Directory, "log.json");

    /// <summary>The next line that is complete, or null where there is none yet.</summary>
    public LogLine? Next()
    {
        while (true)
        {
            int newline = _rest.IndexOf((byte)'\n');
            if (newline >= 0)
            {
                byte[] line = [.. _rest[..newline]];
                _rest.RemoveRange(0, newline + 1);
                if (TryParse(line, out LogLine parsed))
                    return parsed;
                continue; // a line that a full disk cut off
            }
            int read = Syscalls.PRead(_file, _block, _offset);
            if (read == 0)
                return null;
            _offset += read;
            _rest.AddRange(_block.AsSpan(0, read));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    internal static bool TryParse(ReadOnlySpan<byte> line, out LogLine parsed)
    {
        parsed = default;
        if (!line.StartsWith("{\"log\":\""u8))
            return false;
        line = line[8..];
        var bytes = new List<byte>(line.Length);
        int i = 0;
        while (i < line.Length && line[i] != (byte)'"')
        {
            if (line[i] != (byte)'\\')
            {
                bytes.Add(line[i++]);
                continue;
            }
            if (i + 1 >= line.Length || !Unescape(line[i..], bytes, out int length))
                return false;
            i += length;
        }
        ReadOnlySpan<byte> rest = line[Math.Min(i, line.Length)..];
        int time = rest.IndexOf("\"time\":\""u8);
        if (time < 0)
            return false;
        ReadOnlySpan<byte> stamp = rest[(time + 8)..];
        int end = stamp.IndexOf((byte)'"');
        parsed = new LogLine(rest.IndexOf("\"stream\":\"stderr\""u8) >= 0, Encoding.ASCII.GetString(stamp[..Math.Max(0, end)]), [.. bytes]);
        return end > 0;
    }

    /// <summary>Undoes one escape. A lone surrogate <c>\udcXX</c> is a byte that was no UTF-8.</summary>
    private static bool Unescape(ReadOnlySpan<byte> text, List<byte> bytes, out int length)
    {
        length = 2;
        switch ((char)text[1])
        {
            case 'n':
                bytes.Add((byte)'\n');
                return true;
            case 'r':
                bytes.Add((byte)'\r');
                return true;
            case 't':
                bytes.Add((byte)'\t');
                return true;
            case '"' or '\\' or '/':
                bytes.Add(text[1]);
                return true;
            case 'u' when text.Length >= 6 && ushort.TryParse(text[2..6], NumberStyles.AllowHexSpecifier, null, out ushort code):
                length = 6;
                if (code >= 0xdc80 && code <= 0xdcff)
                    bytes.Add((byte)(code - 0xdc00));
                else
                    bytes.AddRange(Encoding.UTF8.GetBytes(((char)code).ToString()));
                return true;
            default:
                return false;
        }
    }

    /// <summary>Where the last <paramref name="count"/> lines begin, found from the end.</summary>
    private long StartOfLast(long count)
    {
        long position = Syscalls.Stat(_file).Size;
        if (count == 0)
            return position;
        long newlines = 0;
        while (position > 0)
        {
            long start = Math.Max(0, position - BlockSize);
            int read = Syscalls.PRead(_file, _block.AsSpan(0, (int)(position - start)), start);
            for (int i = read - 1; i >= 0; i--)
            {
                if (_block[i] == (byte)'\n' && ++newlines > count)
                    return start + i + 1;
            }
            position = start;
        }
        return 0;
    }
}
