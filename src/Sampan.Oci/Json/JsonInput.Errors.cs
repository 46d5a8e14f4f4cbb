using System.Text;
using System.Text.Json;

namespace Sampan.Oci;

/// <content>What is said when a value is not what it must be.</content>
internal ref partial struct JsonInput
{
    /// <summary>How much of a value a message shows, in characters.</summary>
    private const int Shown = 60;

    /// <summary>The exception for a required member that the object, at whose end the input stands, does not have.</summary>
    public readonly SpecException Missing(string member)
    {
        string path = JsonPath.At(_text, _json.TokenStartIndex);
        return new SpecException(_document, path.Length == 0 ? member : path + "." + member, "is missing");
    }

    /// <summary>The exception for the current value, with what it is instead.</summary>
    private readonly SpecException Unexpected(string expectation, bool showNumber = false)
    {
        string found = _json.TokenType switch
        {
            JsonTokenType.StartObject => "an object",
            JsonTokenType.StartArray => "an array",
            JsonTokenType.Number => showNumber ? Excerpt() : "a number",
            JsonTokenType.String => $"\"{Excerpt()}\"",
            JsonTokenType.True => "true",
            JsonTokenType.False => "false",
            _ => "null",
        };
        return Fault($"{expectation}, found {found}");
    }

    /// <summary>The exception for the current value.</summary>
    private readonly SpecException Fault(string problem)
    {
        string path = JsonPath.At(_text, _json.TokenStartIndex);
        return new SpecException(_document, path, path.Length == 0 ? "the document " + problem : problem);
    }

    private readonly string Excerpt() => Printable.Excerpt(Encoding.UTF8.GetString(_json.ValueSpan[..Math.Min(_json.ValueSpan.Length, 4 * Shown)]), Shown);

    private static SpecException Malformed(ReadOnlySpan<byte> text, string document, JsonException malformed)
    {
        long line = malformed.LineNumber ?? 0;
        long column = malformed.BytePositionInLine ?? 0;
        int start = 0;
        for (long passed = 0; passed < line; passed++)
            start += text[start..].IndexOf((byte)'\n') + 1;
        ReadOnlySpan<byte> rest = text[(int)Math.Min(start + column, text.Length)..];
        string found = rest.IsEmpty ? "the text ends" : $"at \"{Printable.Excerpt(Encoding.UTF8.GetString(rest[..Math.Min(rest.Length, 80)]), 20)}\"";
        return new SpecException(document, "", $"line {line + 1}, byte {column + 1} is not valid JSON (or deeper than {MaximumDepth} levels): {found}");
    }
}
