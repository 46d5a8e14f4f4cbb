using System.Text;

namespace Sampan.Kernel;

/// <summary>A line of passwd(5).</summary>
/// <param name="Name">The user's name.</param>
/// <param name="Uid">The user id.</param>
/// <param name="Gid">The id of the primary group.</param>
/// <param name="Home">The home directory, "" where the line has none.</param>
/// <param name="Shell">The shell, "" where the line has none.</param>
public sealed record PasswdEntry(string Name, uint Uid, uint Gid, string Home, string Shell);

/// <summary>Look-ups in the text of passwd(5). The first line that fits counts, as in the C library.</summary>
public static class PasswdFile
{
    /// <summary>The line of a user's name.</summary>
    /// <returns>Null where there is none.</returns>
    /// <exception cref="InvalidDataException">The line's user or group id is no number from 0 to 2147483647.</exception>
    public static PasswdEntry? FindName(ReadOnlySpan<byte> text, string name)
    {
        byte[] wanted = Encoding.UTF8.GetBytes(name);
        foreach (ReadOnlySpan<byte> line in new AccountLines(text))
        {
            if (!AccountLines.Field(line, 0).SequenceEqual(wanted))
                continue;
            if (AccountId.TryParse(AccountLines.Field(line, 2), out uint uid) && AccountId.TryParse(AccountLines.Field(line, 3), out uint gid))
                return Entry(line, uid, gid);
            throw new InvalidDataException($"the passwd line of user {name} has a user or group id that is no number from 0 to 2147483647");
        }

        return null;
    }

    /// <summary>
    /// The line of a user id. Only the id field is looked at: a line whose name is a number (<c>1000:x:0:0</c>) does not answer for that
    /// number (CVE-2016-3697). A line with bad numbers is passed over.
    /// </summary>
    /// <returns>Null where there is none.</returns>
    public static PasswdEntry? FindUid(ReadOnlySpan<byte> text, uint uid)
    {
        foreach (ReadOnlySpan<byte> line in new AccountLines(text))
        {
            if (AccountId.TryParse(AccountLines.Field(line, 2), out uint found) && found == uid && AccountId.TryParse(AccountLines.Field(line, 3), out uint gid))
                return Entry(line, uid, gid);
        }

        return null;
    }

    private static PasswdEntry Entry(ReadOnlySpan<byte> line, uint uid, uint gid) => new(
        Encoding.UTF8.GetString(AccountLines.Field(line, 0)), uid, gid,
        Encoding.UTF8.GetString(AccountLines.Field(line, 5)), Encoding.UTF8.GetString(AccountLines.Field(line, 6)));
}
