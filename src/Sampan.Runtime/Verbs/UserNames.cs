using System.Globalization;

namespace Sampan.Runtime.Verbs;

/// <summary>
/// Names of the host's users, from its /etc/passwd only: the runtime is linked statically and has no name-service switch. A user who is
/// known elsewhere (LDAP) shows as <c>#UID</c>, as an unknown one does in runc.
/// </summary>
internal static class UserNames
{
    public static string NameOf(uint uid)
    {
        if (uid == 0)
            return "root";
        string wanted = uid.ToString(CultureInfo.InvariantCulture);
        try
        {
            foreach (string line in File.ReadLines("/etc/passwd"))
            {
                string[] fields = line.Split(':');
                if (fields.Length > 2 && fields[2] == wanted)
                    return fields[0];
            }
        }
        catch (IOException)
        {
            // no file, no names
        }

        return "#" + wanted;
    }
}
