using System.Text;

namespace Sampan.Kernel;

/// <summary>Look-ups in the text of group(5).</summary>
public static class GroupFile
{
    /// <summary>The id of a group's name.</summary>
    /// <returns>Null where there is no such group.</returns>
    /// <exception cref="InvalidDataException">The line's id is no number from 0 to 2147483647.</exception>
    public static uint? FindName(ReadOnlySpan<byte> text, string name)
    {
        byte[] wanted = Encoding.UTF8.GetBytes(name);
        foreach (ReadOnlySpan<byte> line in new AccountLines(text))
        {
            if (!AccountLines.Field(line, 0).SequenceEqual(wanted))
                continue;
            if (AccountId.TryParse(AccountLines.Field(line, 2), out uint gid))
                return gid;
            throw new InvalidDataException($"the group line of {name} has an id that is no number from 0 to 2147483647");
        }

        return null;
    }

    /// <summary>The ids of the groups that list a user as member, in the file's order, each once. A line with a bad id is passed over.</summary>
    public static List<uint> GroupsOf(ReadOnlySpan<byte> text, string user)
    {
        byte[] wanted = Encoding.UTF8.GetBytes(user);
        var groups = new List<uint>();
        foreach (ReadOnlySpan<byte> line in new AccountLines(text))
        {
            if (IsMember(AccountLines.Field(line, 3), wanted) && AccountId.TryParse(AccountLines.Field(line, 2), out uint gid) && !groups.Contains(gid))
                groups.Add(gid);
        }

        return groups;
    }

    private static bool IsMember(ReadOnlySpan<byte> members, ReadOnlySpan<byte> user)
    {
        while (members.Length > 0)
        {
            int comma = members.IndexOf((byte)',');
            if ((comma < 0 ? members : members[..comma]).Trim((byte)' ').SequenceEqual(user))
                return true;
            members = comma < 0 ? [] : members[(comma + 1)..];
        }

        return false;
    }
}
