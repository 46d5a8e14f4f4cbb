using System.Globalization;
using System.Text;

namespace Sampan.Engine.Containers;

/// <summary>Which user a process runs as, by the files in the container's root: <c>user</c>, <c>uid</c>, <c>user:group</c>, <c>uid:gid</c>.</summary>
/// <param name="Uid">The user.</param>
/// <param name="Gid">The group.</param>
/// <param name="AdditionalGids">The groups of /etc/group that name the user; none when a group was given.</param>
/// <param name="Home">The home directory; <c>/</c> where the user has no line in /etc/passwd.</param>
public sealed record UserChoice(uint Uid, uint Gid, List<uint> AdditionalGids, string Home)
{
    private sealed record Account(string Name, uint Uid, uint Gid, string Home);

    /// <summary>Looks the user up.</summary>
    /// <exception cref="EngineException">There is no such user or group, or a number is out of range (CVE-2024-40635: one past 2^31 must not become 0).</exception>
    public static UserChoice Find(string rootFs, string text)
    {
        using var root = new RootDirectory(rootFs);
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        string user = colon < 0 ? text : text[..colon];
        string? group = colon < 0 ? null : text[(colon + 1)..];
        Account? account = FindAccount(root, user.Length == 0 ? "0" : user);
        uint uid = account?.Uid ?? Number(user) ?? throw Unknown("user", user, "/etc/passwd");
        uint gid = account?.Gid ?? 0;
        List<(string Name, uint Gid, string[] Members)> groups = Groups(root);
        if (group is { Length: > 0 })
        {
            int index = groups.FindIndex(one => one.Name == group);
            gid = Number(group) ?? (index >= 0 ? groups[index].Gid : throw Unknown("group", group, "/etc/group"));
            return new UserChoice(uid, gid, [], account?.Home ?? "/");
        }
        List<uint> additional = account is null ? [] : [.. groups.Where(one => one.Members.Contains(account.Name)).Select(static one => one.Gid).Distinct()];
        return new UserChoice(uid, gid, additional, account?.Home is { Length: > 0 } home ? home : "/");
    }

    private static Account? FindAccount(RootDirectory root, string user)
    {
        uint? number = Number(user);
        foreach (string line in Lines(root, "/etc/passwd"))
        {
            string[] fields = line.Split(':');
            // A name that is a number is a trap (CVE-2016-3697): --user 1000 must be the uid 1000.
            if (fields.Length < 4 || (number is null ? fields[0] != user : fields[2] != user))
                continue;
            uint uid = Field(fields[2], line);
            return new Account(fields[0], uid, Field(fields[3], line), fields.Length > 5 ? fields[5] : "/");
        }
        return null;
    }

    private static List<(string Name, uint Gid, string[] Members)> Groups(RootDirectory root)
    {
        var groups = new List<(string, uint, string[])>();
        foreach (string line in Lines(root, "/etc/group"))
        {
            string[] fields = line.Split(':');
            if (fields.Length >= 3)
                groups.Add((fields[0], Field(fields[2], line), fields.Length > 3 ? fields[3].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) : []));
        }
        return groups;
    }

    private static IEnumerable<string> Lines(RootDirectory root, string path) =>
        Encoding.UTF8.GetString(root.TryRead(path) ?? []).Split('\n').Where(static line => line.Length > 0 && line[0] is not ('#' or '+' or '-'));

    private static uint? Number(string text)
    {
        if (text.Length == 0 || text.AsSpan().ContainsAnyExceptInRange('0', '9'))
            return text.Length > 1 && text[0] == '-' && !text.AsSpan(1).ContainsAnyExceptInRange('0', '9') ? throw OutOfRange(text) : null;
        return uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint number) && number <= int.MaxValue ? number : throw OutOfRange(text);
    }

    private static uint Field(string text, string line) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint number) && number < uint.MaxValue
            ? number
            : throw new EngineException(ErrorKind.InvalidImage, $"a line of the container's user files has no valid number: \"{Text.Printable(line)}\"");

    private static EngineException OutOfRange(string text) =>
        new(ErrorKind.InvalidArgument, $"the id {Text.Printable(text)} is out of range: ids go from 0 to {int.MaxValue}");

    private static EngineException Unknown(string what, string name, string file) =>
        new(ErrorKind.InvalidArgument, $"the {what} \"{Text.Printable(name)}\" is not in the container's {file}; name one that is, or a number");
}
