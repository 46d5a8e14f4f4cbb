namespace Sampan.Kernel;

/// <summary>The user that <c>--user</c> means in a root file system.</summary>
/// <param name="Uid">The user id.</param>
/// <param name="Gid">The primary group.</param>
/// <param name="AdditionalGids">The groups besides; none where a group was named, as Docker has it.</param>
/// <param name="Name">The user's name, null for a number that has none.</param>
/// <param name="Home">The home directory, <c>/</c> where none is known.</param>
public sealed record ResolvedUser(uint Uid, uint Gid, IReadOnlyList<uint> AdditionalGids, string? Name, string Home)
{
    /// <summary>
    /// Resolves <c>user[:group]</c> as Docker's <c>--user</c>: each a name, or a number from 0 to 2147483647. Digits are a number and never a
    /// name. A number need not be in the files; its group is 0 then. "" is user 0.
    /// </summary>
    /// <param name="specification">The text.</param>
    /// <param name="passwd">The image's /etc/passwd, null where it has none.</param>
    /// <param name="group">The image's /etc/group, null where it has none.</param>
    /// <exception cref="InvalidDataException">There is no such user or group, or a number is out of range: a sentence for the user.</exception>
    public static ResolvedUser Resolve(string specification, byte[]? passwd, byte[]? group)
    {
        int colon = specification.IndexOf(':', StringComparison.Ordinal);
        string user = colon < 0 ? specification : specification[..colon];
        string groupName = colon < 0 ? "" : specification[(colon + 1)..];
        PasswdEntry? entry;
        uint uid = 0;
        if (user.Length == 0 || AccountId.IsNumber(user))
        {
            uid = user.Length == 0 ? 0 : AccountId.Parse(user, "user");
            entry = PasswdFile.FindUid(passwd, uid);
        }
        else
        {
            entry = PasswdFile.FindName(passwd, user)
                ?? throw new InvalidDataException($"unable to find user {user}: no matching entries in passwd file; name one that the image has, or give a number");
            uid = entry.Uid;
        }

        string home = entry is { Home.Length: > 0 } ? entry.Home : "/";
        if (groupName.Length > 0)
            return new ResolvedUser(uid, ResolveGroup(groupName, group), [], entry?.Name, home);
        List<uint> additional = entry is null ? [] : GroupFile.GroupsOf(group, entry.Name);
        return new ResolvedUser(uid, entry?.Gid ?? 0, additional, entry?.Name, home);
    }

    /// <summary>Resolves the name or number of a group.</summary>
    /// <exception cref="InvalidDataException">There is no such group, or the number is out of range.</exception>
    public static uint ResolveGroup(string name, byte[]? group)
    {
        if (AccountId.IsNumber(name))
            return AccountId.Parse(name, "group");
        return GroupFile.FindName(group, name)
            ?? throw new InvalidDataException($"unable to find group {name}: no matching entries in group file; name one that the image has, or give a number");
    }
}
