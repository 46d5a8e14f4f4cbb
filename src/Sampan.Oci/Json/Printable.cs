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
}
