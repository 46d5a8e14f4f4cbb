using Sampan.Oci;

namespace Sampan.Runtime.Cgroups.Devices;

/// <summary>The kinds of access to a device, with the numbers of the kernel's BPF_DEVCG_ACC_*.</summary>
[Flags]
public enum DeviceAccess
{
    /// <summary>No access.</summary>
    None = 0,

    /// <summary>Creating the node (mknod).</summary>
    Mknod = 1,

    /// <summary>Opening for reading.</summary>
    Read = 2,

    /// <summary>Opening for writing.</summary>
    Write = 4,

    /// <summary>All three.</summary>
    All = 7,
}

/// <summary>A device rule, checked: letters and numbers are known to be good.</summary>
/// <param name="Allow">True to allow, false to deny.</param>
/// <param name="Type"><c>b</c> for block, <c>c</c> for character, <c>a</c> for both.</param>
/// <param name="Major">The major number; null for all.</param>
/// <param name="Minor">The minor number; null for all.</param>
/// <param name="Access">What is allowed or denied.</param>
public readonly record struct DeviceRule(bool Allow, char Type, uint? Major, uint? Minor, DeviceAccess Access)
{
    /// <summary>True for the rule that settles everything: all devices, all access.</summary>
    public bool IsTotal => Type == 'a' && Major is null && Minor is null && Access == DeviceAccess.All;

    /// <summary>The access in letters, in the kernel's order.</summary>
    public static string Letters(DeviceAccess access) => ((access & DeviceAccess.Read) != 0 ? "r" : "") + ((access & DeviceAccess.Write) != 0 ? "w" : "") + ((access & DeviceAccess.Mknod) != 0 ? "m" : "");

    /// <summary>
    /// Checks the rules of a configuration and puts the rule before them that denies everything, which is what a container starts with. Numbers of
    /// -1 are "all", absent access is all.
    /// </summary>
    /// <exception cref="RuntimeException">A type, number or access is none.</exception>
    public static List<DeviceRule> Parse(List<LinuxDeviceCgroup> rules)
    {
        var parsed = new List<DeviceRule>(rules.Count + 1) { new(false, 'a', null, null, DeviceAccess.All) };
        for (int i = 0; i < rules.Count; i++)
        {
            LinuxDeviceCgroup rule = rules[i];
            char type = rule.Type switch
            {
                null or "" or "a" => 'a',
                "b" => 'b',
                "c" or "u" => 'c',
                _ => throw Bad(i, "type", rule.Type, "b, c or a"),
            };
            var one = new DeviceRule(rule.Allow, type, Number(rule.Major, i, "major"), Number(rule.Minor, i, "minor"), ParseAccess(rule.Access, i));
            if (one.Access == DeviceAccess.None)
                continue;
            if (one.IsTotal)
                parsed.Clear();
            parsed.Add(one);
        }
        return parsed;
    }

    private static uint? Number(long? number, int index, string field) => number switch
    {
        null or -1 => null,
        >= 0 and <= uint.MaxValue => (uint)number,
        _ => throw Bad(index, field, number.Value.ToString(), "a device number"),
    };

    private static DeviceAccess ParseAccess(string? letters, int index)
    {
        if (string.IsNullOrEmpty(letters))
            return DeviceAccess.All;
        DeviceAccess access = DeviceAccess.None;
        foreach (char letter in letters)
        {
            access |= letter switch
            {
                'r' => DeviceAccess.Read,
                'w' => DeviceAccess.Write,
                'm' => DeviceAccess.Mknod,
                'a' => DeviceAccess.None, // means nothing to the kernel, and runc passes over it
                _ => throw Bad(index, "access", letters, "made of the letters r, w and m"),
            };
        }
        return access;
    }

    private static RuntimeException Bad(int index, string field, string value, string wanted) =>
        new($"linux.resources.devices[{index}].{field}: \"{value}\" is not {wanted}", RuntimeErrorKind.InvalidArgument);
}
