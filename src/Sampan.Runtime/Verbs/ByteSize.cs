using System.Globalization;

namespace Sampan.Runtime.Verbs;

/// <summary>Sizes as runc's <c>update</c> takes them: a number with an optional unit of 1,024 (<c>k m g t p</c>, in either case, with or without <c>b</c> or <c>ib</c>).</summary>
public static class ByteSize
{
    /// <summary>Reads a size in bytes; <c>-1</c> means no limit. False where the text is none.</summary>
    public static bool TryParse(string text, out long bytes)
    {
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out bytes))
            return bytes >= -1;
        string lower = text.Trim().ToLowerInvariant();
        string number = lower.TrimEnd('b');
        if (number.EndsWith('i'))
            number = number[..^1];
        int power = number.Length == 0 ? -1 : "kmgtp".IndexOf(number[^1], StringComparison.Ordinal);
        if (lower.EndsWith("bb", StringComparison.Ordinal) || (power < 0 && lower.EndsWith("ib", StringComparison.Ordinal)))
            return false;
        if (power >= 0)
            number = number[..^1].TrimEnd(' ');
        if (!decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal value))
            return false;
        for (; power >= 0; power--)
        {
            value *= 1024;
            if (value > long.MaxValue)
                return false;
        }

        bytes = (long)value;
        return true;
    }
}
