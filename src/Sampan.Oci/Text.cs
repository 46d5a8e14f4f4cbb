using System.Text;

namespace Sampan.Oci;

/// <summary>Strangers' text made safe for a terminal.</summary>
public static class Text
{
    /// <summary>
    /// The text with every control character, and those that turn the direction of writing, replaced by an escape such as <c>\x1b</c>:
    /// names, labels and history of an image must never reach a terminal raw.
    /// </summary>
    public static string Printable(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\0', '\x1f') && !IsAnyHarmful(text))
            return text;
        var safe = new StringBuilder(text.Length + 16);
        foreach (char c in text)
            _ = IsHarmful(c) ? safe.Append(c < 0x100 ? $"\\x{(int)c:x2}" : $"\\u{(int)c:x4}") : safe.Append(c);
        return safe.ToString();
    }

    private static bool IsAnyHarmful(string text)
    {
        foreach (char c in text)
        {
            if (IsHarmful(c))
                return true;
        }
        return false;
    }

    private static bool IsHarmful(char c) => char.IsControl(c) || c is (>= '\u200e' and <= '\u200f') or (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069') or '\u2028' or '\u2029';
}
