using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Sampan.Oci;

/// <summary>
/// Writes one JSON document as UTF-8 into memory, on one line or indented by tabs. Its methods are called as those of
/// <see cref="System.Text.Json.Utf8JsonWriter"/>, for which it stands on the path of a container's start: that one's escaping tables cost 0.1 ms at
/// their first use, this one has none. Values follow names and braces match as the caller calls; nothing checks it.
/// Names given as bytes are written as they are: they are literals of the specification without characters to escape.
/// </summary>
/// <param name="indented">Whether to write one member a line, indented by tabs, as <c>runc spec</c> does.</param>
public sealed class JsonWriter(bool indented = false)
{
    private byte[] _buffer = new byte[2048];
    private int _length;
    private int _depth;
    private bool _comma; // whether a value stands before, in the same object or array
    private bool _named; // whether the member's name has just been written

    /// <summary>What has been written so far.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    /// <summary>A copy of what has been written so far.</summary>
    public byte[] ToArray() => Written.ToArray();

    /// <summary>Writes the opening brace of an object.</summary>
    public void WriteStartObject() => Open((byte)'{');

    /// <summary>Writes a member's name and the opening brace of its value.</summary>
    public void WriteStartObject(ReadOnlySpan<byte> name)
    {
        WritePropertyName(name);
        Open((byte)'{');
    }

    /// <summary>Writes a member's name and the opening brace of its value.</summary>
    public void WriteStartObject(string name)
    {
        WritePropertyName(name);
        Open((byte)'{');
    }

    /// <summary>Writes the closing brace of an object.</summary>
    public void WriteEndObject() => Close((byte)'}');

    /// <summary>Writes the opening bracket of an array.</summary>
    public void WriteStartArray() => Open((byte)'[');

    /// <summary>Writes a member's name and the opening bracket of its value.</summary>
    public void WriteStartArray(ReadOnlySpan<byte> name)
    {
        WritePropertyName(name);
        Open((byte)'[');
    }

    /// <summary>Writes the closing bracket of an array.</summary>
    public void WriteEndArray() => Close((byte)']');

    /// <summary>Writes a member's name.</summary>
    public void WritePropertyName(ReadOnlySpan<byte> name)
    {
        Separate();
        Append((byte)'"');
        Append(name);
        EndName();
    }

    /// <summary>Writes a member's name, whatever it is.</summary>
    public void WritePropertyName(string name)
    {
        Separate();
        AppendText(name);
        EndName();
    }

    /// <summary>Writes a member that is a string.</summary>
    public void WriteString(ReadOnlySpan<byte> name, string value)
    {
        WritePropertyName(name);
        WriteStringValue(value);
    }

    /// <summary>Writes a member that is a string.</summary>
    public void WriteString(string name, string value)
    {
        WritePropertyName(name);
        WriteStringValue(value);
    }

    /// <summary>Writes a string.</summary>
    public void WriteStringValue(string value)
    {
        Separate();
        AppendText(value);
        Append((byte)'"');
        _comma = true;
    }

    /// <summary>Writes a member that is true or false.</summary>
    public void WriteBoolean(ReadOnlySpan<byte> name, bool value)
    {
        WritePropertyName(name);
        Separate();
        Append(value ? "true"u8 : "false"u8);
        _comma = true;
    }

    /// <summary>Writes a member that is null.</summary>
    public void WriteNull(ReadOnlySpan<byte> name)
    {
        WritePropertyName(name);
        Separate();
        Append("null"u8);
        _comma = true;
    }

    /// <summary>Writes a member that is a whole number.</summary>
    public void WriteNumber(ReadOnlySpan<byte> name, long value)
    {
        WritePropertyName(name);
        WriteNumberValue(value);
    }

    /// <summary>Writes a member that is a whole number.</summary>
    public void WriteNumber(ReadOnlySpan<byte> name, ulong value)
    {
        WritePropertyName(name);
        WriteNumberValue(value);
    }

    /// <summary>Writes a member that is a number with a fraction; it must be finite.</summary>
    public void WriteNumber(ReadOnlySpan<byte> name, double value)
    {
        WritePropertyName(name);
        Separate();
        _length += value.TryFormat(Room(32), out int written, default, CultureInfo.InvariantCulture) ? written : 0;
        _comma = true;
    }

    /// <summary>Writes a whole number.</summary>
    public void WriteNumberValue(long value)
    {
        Separate();
        _length += Utf8Formatter.TryFormat(value, Room(20), out int written) ? written : 0;
        _comma = true;
    }

    /// <summary>Writes a whole number.</summary>
    public void WriteNumberValue(ulong value)
    {
        Separate();
        _length += Utf8Formatter.TryFormat(value, Room(20), out int written) ? written : 0;
        _comma = true;
    }

    /// <summary>Writes a line feed before or after a document, for files of one document a line.</summary>
    public void WriteLineFeed() => Append((byte)'\n');

    private void Open(byte bracket)
    {
        Separate();
        Append(bracket);
        _depth++;
        _comma = false;
    }

    private void Close(byte bracket)
    {
        _depth--;
        if (_comma)
            NewLine();
        Append(bracket);
        _comma = true;
    }

    /// <summary>What comes between a value or a name and what stands before it.</summary>
    private void Separate()
    {
        if (_named)
        {
            _named = false;
            return;
        }
        if (_comma)
            Append((byte)',');
        if (_depth > 0)
            NewLine();
    }

    private void EndName()
    {
        Append(indented ? "\": "u8 : "\":"u8);
        _named = true;
    }

    private void NewLine()
    {
        if (!indented)
            return;
        Span<byte> room = Room(1 + _depth);
        room[0] = (byte)'\n';
        room.Slice(1, _depth).Fill((byte)'\t');
        _length += 1 + _depth;
    }

    /// <summary>
    /// Appends a quote and a string; the closing quote is left to the caller. Escaped is what JSON demands, and the controls that could steer a
    /// terminal on which somebody looks at the document. What is not valid UTF-16 becomes U+FFFD.
    /// </summary>
    private void AppendText(string text)
    {
        Append((byte)'"');
        int start = 0;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c is >= ' ' and not ('"' or '\\' or (>= '\u007f' and <= '\u009f') or '\u2028' or '\u2029'))
                continue;
            AppendPlain(text.AsSpan(start, i - start));
            AppendEscape(c);
            start = i + 1;
        }
        AppendPlain(text.AsSpan(start));
    }

    private void AppendPlain(ReadOnlySpan<char> text)
    {
        if (!text.IsEmpty)
            _length += Encoding.UTF8.GetBytes(text, Room(3 * text.Length));
    }

    private void AppendEscape(char c)
    {
        byte letter = c switch { '"' => (byte)'"', '\\' => (byte)'\\', '\n' => (byte)'n', '\r' => (byte)'r', '\t' => (byte)'t', _ => 0 };
        Span<byte> room = Room(6);
        room[0] = (byte)'\\';
        if (letter != 0)
        {
            room[1] = letter;
            _length += 2;
            return;
        }
        room[1] = (byte)'u';
        for (int i = 0; i < 4; i++)
            room[2 + i] = "0123456789abcdef"u8[(c >> (12 - 4 * i)) & 15];
        _length += 6;
    }

    private void Append(byte value)
    {
        Room(1)[0] = value;
        _length++;
    }

    private void Append(ReadOnlySpan<byte> text)
    {
        text.CopyTo(Room(text.Length));
        _length += text.Length;
    }

    private Span<byte> Room(int count)
    {
        if (_buffer.Length - _length < count)
            Array.Resize(ref _buffer, Math.Max(2 * _buffer.Length, _length + count));
        return _buffer.AsSpan(_length);
    }
}
