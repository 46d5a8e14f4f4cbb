using System.Text;
using System.Text.Json;

namespace Sampan.Oci;

/// <summary>Where in a document a byte is, as people write it: <c>linux.resources.devices[3].major</c>.</summary>
internal static class JsonPath
{
    /// <summary>The path of the value or the member's name that begins at byte <paramref name="offset"/>; of what encloses it when the text is broken before.</summary>
    public static string At(ReadOnlySpan<byte> text, long offset)
    {
        var names = new string?[JsonInput.MaximumDepth + 1]; // by depth: the current member, or null in an array
        var indexes = new int[JsonInput.MaximumDepth + 1];
        var json = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = JsonInput.MaximumDepth });
        int depth = 0;
        try
        {
            while (json.Read())
            {
                bool closing = json.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray;
                if (closing)
                    depth--;
                else if (json.TokenType == JsonTokenType.PropertyName)
                    names[depth] = Name(ref json);
                else if (names[depth] is null)
                    indexes[depth]++;
                if (json.TokenStartIndex >= offset)
                    break;
                if (json.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                {
                    depth++;
                    names[depth] = json.TokenType == JsonTokenType.StartObject ? "" : null;
                    indexes[depth] = -1;
                }
            }
        }
        catch (JsonException)
        {
            // The text is broken from here on; the path so far is the best there is.
        }
        return Join(names, indexes, depth);
    }

    private static string Name(ref Utf8JsonReader json)
    {
        try
        {
            return json.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return "?"; // not valid Unicode
        }
    }

    private static string Join(string?[] names, int[] indexes, int depth)
    {
        var path = new StringBuilder();
        for (int level = 1; level <= depth; level++)
        {
            string? name = names[level];
            if (name is null)
                path.Append('[').Append(Math.Max(indexes[level], 0)).Append(']');
            else
                AppendMember(path, name);
        }
        return path.ToString();
    }

    /// <summary>Appends a member's name: after a dot when it is a plain word, in brackets and quotes when it is not.</summary>
    public static void AppendMember(StringBuilder path, string name)
    {
        bool plain = name.Length is > 0 and <= 60;
        foreach (char c in name)
            plain &= char.IsAsciiLetterOrDigit(c) || c == '_';
        if (!plain)
            path.Append("[\"").Append(Printable.Excerpt(name, 60)).Append("\"]");
        else if (path.Length == 0)
            path.Append(name);
        else
            path.Append('.').Append(name);
    }
}
