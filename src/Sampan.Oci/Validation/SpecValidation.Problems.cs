using System.Text;

namespace Sampan.Oci;

/// <content>How a broken rule is put into words.</content>
public static partial class SpecValidation
{
    /// <summary>A broken rule: the field's path and the rest of the sentence.</summary>
    private sealed record Problem(string Path, string Sentence);

    private static SpecException? Name(string document, Problem? problem) => problem is null ? null : new SpecException(document, problem.Path, problem.Sentence);

    private static Problem Missing(string path) => new(path, "is missing");

    private static Problem Missing(string path, string why) => new(path, "is missing: " + why);

    private static Problem NotAbsolute(string path, string value) => value.Length == 0
        ? Missing(path)
        : new Problem(path, $"must be an absolute path, found {Quote(value)}");

    private static Problem NeedsNamespace(string path, string type) =>
        new(path, $"needs a namespace of the type {type} in linux.namespaces, or it would change the host's");

    private static Problem Unknown(string path, string value, ReadOnlySpan<string> known)
    {
        if (value.Length == 0)
            return Missing(path);
        var sentence = new StringBuilder("must be one of ");
        for (int i = 0; i < known.Length; i++)
            sentence.Append(i == 0 ? "" : ", ").Append(known[i]);
        return new Problem(path, sentence.Append(", found ").Append(Quote(value)).ToString());
    }

    /// <summary>The problem with the first name of a list that is not known, or null.</summary>
    private static Problem? CheckKnown(string path, List<string>? names, ReadOnlySpan<string> known)
    {
        for (int i = 0; i < names?.Count; i++)
        {
            if (!known.Contains(names[i]))
                return Unknown($"{path}[{i}]", names[i], known);
        }
        return null;
    }

    /// <summary>A member of a map: the map's path, and the key after a dot or in brackets.</summary>
    private static string Member(string map, string key)
    {
        var path = new StringBuilder(map);
        JsonPath.AppendMember(path, key);
        return path.ToString();
    }

    private static string Quote(string value) => $"\"{Printable.Excerpt(value, 60)}\"";

    private static bool IsAbsolute(string path) => path.StartsWith('/');

    private static bool IsNumber(string text)
    {
        foreach (char c in text)
        {
            if (!char.IsAsciiDigit(c))
                return false;
        }
        return text.Length > 0;
    }

    /// <summary>Whether the text is a list of numbers and ranges as the kernel writes them, such as <c>0-3,7</c> (cpuset(7), List format).</summary>
    private static bool IsNumberList(string text)
    {
        foreach (string item in text.Split(',', StringSplitOptions.TrimEntries))
        {
            string[] ends = item.Split('-');
            if (ends.Length > 2 || !uint.TryParse(ends[0], out uint first) || !IsNumber(ends[0]))
                return false;
            if (ends.Length == 2 && (!IsNumber(ends[1]) || !uint.TryParse(ends[1], out uint last) || last < first))
                return false;
        }
        return true;
    }

    /// <summary>Whether the text has a character that would end a word or a line in a file of the kernel.</summary>
    private static bool HasSpace(string text)
    {
        foreach (char c in text)
        {
            if (char.IsWhiteSpace(c) || char.IsControl(c))
                return true;
        }
        return false;
    }
}
