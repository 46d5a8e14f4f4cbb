using System.Globalization;
using Sampan.Oci;

namespace Sampan.Runtime.Resctrl;

/// <summary>
/// Comparison of schemata: lines such as <c>L3:0=7f0;1=1f</c>, a resource and a value for each of its domains. The kernel writes what it was
/// given in its own way (leading zeros, order, spaces), so numbers are compared and not text.
/// </summary>
internal static class ResctrlSchemata
{
    /// <summary>Refuses a group that is there already and has other values than those that are asked for (config-linux.md).</summary>
    /// <exception cref="RuntimeException">One differs.</exception>
    public static void RequireSame(string file, LinuxIntelRdt settings)
    {
        Dictionary<string, long> found = Parse(file);
        RequireSame(found, settings.L3CacheSchema, "l3CacheSchema", settings.ClosId!);
        RequireSame(found, settings.MemBwSchema, "memBwSchema", settings.ClosId!);
        foreach (string line in settings.Schemata ?? [])
            RequireSame(found, line, "schemata", settings.ClosId!);
    }

    private static void RequireSame(Dictionary<string, long> found, string? wanted, string member, string group)
    {
        if (string.IsNullOrEmpty(wanted))
            return;
        foreach ((string domain, long value) in Parse(wanted))
        {
            if (!found.TryGetValue(domain, out long there) || there != value)
                throw new RuntimeException($"linux.intelRdt.{member}: the group {group} exists and its schemata differ from \"{wanted}\" in {domain}; take the field out to use the group as it is, or name another closID", RuntimeErrorKind.InvalidArgument);
        }
    }

    /// <summary>Each domain, as <c>L3:0</c>, with its value: a hexadecimal mask, or of the memory bandwidth a decimal number.</summary>
    private static Dictionary<string, long> Parse(string text)
    {
        var values = new Dictionary<string, long>();
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            string resource = line[..Math.Max(colon, 0)].Trim();
            NumberStyles style = resource is "MB" or "SMBA" ? NumberStyles.None : NumberStyles.AllowHexSpecifier;
            foreach (string entry in line[(colon + 1)..].Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                int equals = entry.IndexOf('=', StringComparison.Ordinal);
                if (colon < 0 || equals < 0 || !int.TryParse(entry[..equals].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int domain)
                    || !long.TryParse(entry[(equals + 1)..].Trim(), style, CultureInfo.InvariantCulture, out long value))
                    throw new RuntimeException($"linux.intelRdt: \"{line}\" is no schema: write RESOURCE:DOMAIN=VALUE;…, such as L3:0=7f0;1=1f or MB:0=20", RuntimeErrorKind.InvalidArgument);
                values[$"{resource}:{domain.ToString(CultureInfo.InvariantCulture)}"] = value;
            }
        }
        return values;
    }
}
