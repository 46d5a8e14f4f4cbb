using System.Buffers;
using System.Text;
using Sampan.Kernel;

namespace Sampan.Runtime.Monitor;

/// <summary>
/// Writes a container's output in the form of Docker's json-file driver: one line of JSON for each line of output, or for each 16 KiB of a longer one.
/// Bytes that are not UTF-8 are kept: 0x80 to 0xff stand as the lone surrogates <c>\udc80</c> to <c>\udcff</c>, from which the reader makes them again.
/// A full disk loses log lines and nothing else.
/// </summary>
public sealed class LogWriter : IDisposable
{
    private const int MaxLine = 16 * 1024;

    private readonly FileDescriptor _file;
    // Empty until the first output: a monitor whose container is silent holds no buffers.
    private readonly byte[][] _lines = [[], []];
    private readonly int[] _lengths = new int[2];
    private byte[] _out = [];
    private int _length;

    /// <summary>Appends to <paramref name="file"/>, which this object closes.</summary>
    public LogWriter(FileDescriptor file) => _file = file;

    /// <summary>The log file.</summary>
    public FileDescriptor File => _file;

    /// <summary>Takes bytes of standard output (0) or standard error (1).</summary>
    public void Write(int stream, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > 0)
            MakeBuffers(stream);
        while (bytes.Length > 0)
        {
            int newline = bytes.IndexOf((byte)'\n');
            int end = newline < 0 ? bytes.Length : newline + 1;
            int take = Math.Min(end, MaxLine - _lengths[stream]);
            bytes[..take].CopyTo(_lines[stream].AsSpan(_lengths[stream]));
            _lengths[stream] += take;
            bytes = bytes[take..];
            if (_lengths[stream] == MaxLine || (take == end && newline >= 0))
                Flush(stream);
        }
        WriteOut();
    }

    /// <summary>The part of a line that has no end yet.</summary>
    public ReadOnlySpan<byte> Partial(int stream) => _lines[stream].AsSpan(0, _lengths[stream]);

    /// <summary>Writes the lines that have no end.</summary>
    public void Flush()
    {
        for (int stream = 0; stream < 2; stream++)
        {
            if (_lengths[stream] > 0)
                Flush(stream);
        }
        WriteOut();
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void MakeBuffers(int stream)
    {
        if (_lines[stream].Length == 0)
            _lines[stream] = new byte[MaxLine];
        if (_out.Length == 0)
            _out = new byte[(MaxLine * 6) + (32 * 1024)];
    }

    private void Flush(int stream)
    {
        if (_out.Length - _length < (_lengths[stream] * 6) + 128)
            WriteOut();
        Append("{\"log\":\""u8);
        AppendText(_lines[stream].AsSpan(0, _lengths[stream]));
        Append(stream == 0 ? "\",\"stream\":\"stdout\",\"time\":\""u8 : "\",\"stream\":\"stderr\",\"time\":\""u8);
        _ = TimeProvider.System.GetUtcNow().TryFormat(_out.AsSpan(_length), out int written, "yyyy-MM-ddTHH:mm:ss.fffffff");
        _length += written;
        Append("00Z\"}\n"u8);
        _lengths[stream] = 0;
    }

    /// <summary>Writes the lines of one read in one call: a container that writes a million short lines costs no million calls.</summary>
    private void WriteOut()
    {
        ReadOnlySpan<byte> rest = _out.AsSpan(0, _length);
        _length = 0;
        while (rest.Length > 0)
        {
            int count = Syscalls.TryWrite(_file, rest);
            if (count <= 0)
                return;
            rest = rest[count..];
        }
    }

    private void AppendText(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> hex = "0123456789abcdef"u8;
        while (text.Length > 0)
        {
            byte next = text[0];
            if (next is >= 0x20 and < 0x7f and not ((byte)'"' or (byte)'\\'))
            {
                _out[_length++] = next;
                text = text[1..];
                continue;
            }
            if (next < 0x80)
            {
                AppendEscape(next);
                text = text[1..];
                continue;
            }
            OperationStatus status = Rune.DecodeFromUtf8(text, out _, out int consumed);
            if (status == OperationStatus.Done)
            {
                Append(text[..consumed]);
                text = text[consumed..];
                continue;
            }
            Append("\\udc"u8);
            _out[_length++] = hex[next >> 4];
            _out[_length++] = hex[next & 15];
            text = text[1..];
        }
    }

    private void AppendEscape(byte character)
    {
        ReadOnlySpan<byte> hex = "0123456789abcdef"u8;
        switch (character)
        {
            case (byte)'\n':
                Append("\\n"u8);
                break;
            case (byte)'\r':
                Append("\\r"u8);
                break;
            case (byte)'\t':
                Append("\\t"u8);
                break;
            case (byte)'"':
                Append("\\\""u8);
                break;
            case (byte)'\\':
                Append("\\\\"u8);
                break;
            default:
                Append("\\u00"u8);
                _out[_length++] = hex[character >> 4];
                _out[_length++] = hex[character & 15];
                break;
        }
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_out.AsSpan(_length));
        _length += bytes.Length;
    }
}
