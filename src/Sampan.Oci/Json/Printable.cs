using System.Globalization;
using System.Text;

namespace Sampan.Oci;

/// <summary>Text from outside, made fit for one line of a message.</summary>
public static class Printable
{
    /// <summary>
    /// The first <paramref name="length"/> characters of <paramref name="text"/>, with a question mark for whatever could steer a
    /// terminal or hide in it (control and formatting characters), and three dots where it was cut.
    /// </summary>
    public static string Excerpt(string text, int length)
    {
        var shown = new StringBuilder(Math.Min(text.Length, length) + 3);
        for (int i = 0; i < text.Length && i < length; i++)
        {
            shown.Append(CharUnicodeInfo.GetUnicodeCategory(text[i]) is UnicodeCategory.Control or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate ? '?' : text[i]);
        }
        if (text.Length > length)
            shown.Append("...");
        return shown.ToString();
    }

    /// <summary>
    /// The text with every control character, and those that turn the direction of writing, replaced by an escape such as <c>\x1b</c>:
    /// names, labels and history of an image must never reach a terminal raw.
    /// </summary>
    public static string Escape(string text)
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
