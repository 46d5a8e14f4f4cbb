using System.Globalization;

namespace Sampan.Kernel;

/// <summary>The lines of passwd(5), group(5) and subuid(5) that hold an account: empty ones, comments and NIS marks (<c>+</c>, <c>-</c>) are left out.</summary>
internal ref struct AccountLines
{
    private ReadOnlySpan<byte> _rest;

    public AccountLines(ReadOnlySpan<byte> text) => _rest = text;

    public ReadOnlySpan<byte> Current { get; private set; }

    public readonly AccountLines GetEnumerator() => this;

    public bool MoveNext()
    {
        while (_rest.Length > 0)
        {
            int end = _rest.IndexOf((byte)'\n');
            Current = (end < 0 ? _rest : _rest[..end]).Trim(" \t\r"u8);
            _rest = end < 0 ? [] : _rest[(end + 1)..];
            if (Current.Length > 0 && Current[0] is not ((byte)'#' or (byte)'+' or (byte)'-'))
                return true;
        }

        return false;
    }

    /// <summary>A field between colons, counted from 0; empty where the line has fewer.</summary>
    public static ReadOnlySpan<byte> Field(ReadOnlySpan<byte> line, int index)
    {
        for (; index > 0; index--)
        {
            int colon = line.IndexOf((byte)':');
            if (colon < 0)
                return [];
            line = line[(colon + 1)..];
        }

        int end = line.IndexOf((byte)':');
        return end < 0 ? line : line[..end];
    }
}

/// <summary>User and group ids as text.</summary>
internal static class AccountId
{
    /// <summary>A number from 0 to 2147483647, written in digits alone.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out uint id)
    {
        bool good = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number);
        id = (uint)number;
        return good;
    }

    /// <summary>Whether the text is digits alone, so that a number was meant.</summary>
    public static bool IsNumber(ReadOnlySpan<char> text) => text.Length > 0 && !text.ContainsAnyExceptInRange('0', '9');

    /// <summary>The number of a text of digits.</summary>
    /// <exception cref="InvalidDataException">It is beyond 2147483647 (CVE-2024-40635: such a number must not wrap round to 0).</exception>
    public static uint Parse(string text, string what) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? (uint)number
            : throw new InvalidDataException($"the {what} id {text} is out of range; give a number from 0 to 2147483647");
}
