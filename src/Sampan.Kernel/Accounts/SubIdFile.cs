using System.Globalization;
using System.Text;

namespace Sampan.Kernel;

/// <summary>A range of ids that a user may map (subuid(5)).</summary>
/// <param name="Start">The first id of the host.</param>
/// <param name="Count">How many.</param>
public readonly record struct SubIdRange(uint Start, uint Count);

/// <summary>The text of /etc/subuid and /etc/subgid: which ids of the host newuidmap(1) and newgidmap(1) let a user map.</summary>
public static class SubIdFile
{
    /// <summary>The ranges of a user, by name or by id as the first field has it, in the file's order. Lines with bad numbers are left out.</summary>
    /// <param name="text">The file's bytes.</param>
    /// <param name="user">The user's name; null for one without.</param>
    /// <param name="uid">The user's id.</param>
    public static List<SubIdRange> Find(ReadOnlySpan<byte> text, string? user, uint uid)
    {
        byte[] name = Encoding.UTF8.GetBytes(user ?? "");
        byte[] number = Encoding.UTF8.GetBytes(uid.ToString(CultureInfo.InvariantCulture));
        var ranges = new List<SubIdRange>();
        foreach (ReadOnlySpan<byte> line in new AccountLines(text))
        {
            ReadOnlySpan<byte> owner = AccountLines.Field(line, 0);
            if (owner.Length == 0 || (!owner.SequenceEqual(name) && !owner.SequenceEqual(number)))
                continue;
            if (TryNumber(AccountLines.Field(line, 1), out uint start) && TryNumber(AccountLines.Field(line, 2), out uint count) && count > 0 && start <= uint.MaxValue - count)
                ranges.Add(new SubIdRange(start, count));
        }

        return ranges;
    }

    private static bool TryNumber(ReadOnlySpan<byte> text, out uint number) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
