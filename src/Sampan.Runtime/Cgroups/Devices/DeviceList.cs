using System.Globalization;

namespace Sampan.Runtime.Cgroups.Devices;

/// <summary>
/// What the devices controller of version 1 can express: either nothing is allowed but a list, or everything but a list
/// (kernel, admin-guide/cgroup-v1/devices.rst). Made from rules in order, or from <c>devices.list</c>; the difference of two is what must be written.
/// </summary>
public sealed class DeviceList
{
    private readonly Dictionary<(char Type, uint? Major, uint? Minor), DeviceAccess> _exceptions = [];

    /// <summary>True where everything but the exceptions is allowed.</summary>
    public bool AllowsByDefault { get; private set; }

    /// <summary>
    /// The list that the rules lead to; null where they cannot be expressed: a rule that takes a part out of what an earlier rule with a wildcard
    /// gave (or, with everything allowed, gives back a part of what was taken).
    /// </summary>
    public static DeviceList? From(List<DeviceRule> rules)
    {
        var list = new DeviceList();
        foreach (DeviceRule rule in rules)
        {
            if (rule.IsTotal)
            {
                list._exceptions.Clear();
                list.AllowsByDefault = rule.Allow;
            }
            else if (rule.Type == 'a')
            {
                if (!list.Add(rule with { Type = 'b' }) || !list.Add(rule with { Type = 'c' }))
                    return null;
            }
            else if (!list.Add(rule))
            {
                return null;
            }
        }
        return list;
    }

    /// <summary>Reads the file <c>devices.list</c>, in which <c>a *:* rwm</c> alone stands for everything.</summary>
    public static DeviceList Parse(string text)
    {
        var list = new DeviceList();
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = line.Split(' ', ':');
            if (parts.Length != 4)
                continue;
            if (parts[0] == "a")
            {
                list.AllowsByDefault = true;
                continue;
            }
            DeviceAccess access = (parts[3].Contains('r', StringComparison.Ordinal) ? DeviceAccess.Read : 0) | (parts[3].Contains('w', StringComparison.Ordinal) ? DeviceAccess.Write : 0)
                | (parts[3].Contains('m', StringComparison.Ordinal) ? DeviceAccess.Mknod : 0);
            list._exceptions[(parts[0][0], Number(parts[1]), Number(parts[2]))] = access;
        }
        return list;
    }

    /// <summary>
    /// The writes that lead from <paramref name="current"/> to this list, allowing first: what both allow is never denied in between. A
    /// blacklist cannot be read back from the kernel, so one is always written anew.
    /// </summary>
    public List<(string File, string Value)> Transition(DeviceList current)
    {
        var writes = new List<(string, string)>();
        if (AllowsByDefault)
        {
            writes.Add(("devices.allow", "a"));
            foreach (((char Type, uint? Major, uint? Minor) device, DeviceAccess access) in _exceptions)
                writes.Add(("devices.deny", Line(device, access)));
            return writes;
        }
        Dictionary<(char Type, uint? Major, uint? Minor), DeviceAccess> before = current._exceptions;
        if (current.AllowsByDefault)
        {
            writes.Add(("devices.deny", "a"));
            before = [];
        }
        foreach (((char Type, uint? Major, uint? Minor) device, DeviceAccess access) in _exceptions)
        {
            DeviceAccess missing = access & ~before.GetValueOrDefault(device);
            if (missing != 0)
                writes.Add(("devices.allow", Line(device, missing)));
        }
        foreach (((char Type, uint? Major, uint? Minor) device, DeviceAccess access) in before)
        {
            DeviceAccess surplus = access & ~_exceptions.GetValueOrDefault(device);
            if (surplus != 0)
                writes.Add(("devices.deny", Line(device, surplus)));
        }
        return writes;
    }

    private bool Add(DeviceRule rule)
    {
        (char, uint?, uint?) device = (rule.Type, rule.Major, rule.Minor);
        DeviceAccess present = _exceptions.GetValueOrDefault(device);
        if (rule.Allow != AllowsByDefault)
        {
            _exceptions[device] = present | rule.Access;
            return true;
        }
        foreach (((char Type, uint? Major, uint? Minor) other, DeviceAccess access) in _exceptions)
        {
            bool within = Covers(rule.Major, other.Major) && Covers(rule.Minor, other.Minor);
            if (!within && (access & rule.Access) != 0 && other.Type == rule.Type && Overlaps(other.Major, rule.Major) && Overlaps(other.Minor, rule.Minor))
                return false;
        }
        RemoveWithin(rule);
        return true;
    }

    /// <summary>Takes the rule's access from all exceptions that lie within the rule's devices.</summary>
    private void RemoveWithin(DeviceRule rule)
    {
        foreach ((char Type, uint? Major, uint? Minor) other in new List<(char Type, uint? Major, uint? Minor)>(_exceptions.Keys))
        {
            if (other.Type != rule.Type || !Covers(rule.Major, other.Major) || !Covers(rule.Minor, other.Minor))
                continue;
            DeviceAccess left = _exceptions[other] & ~rule.Access;
            if (left == 0)
                _ = _exceptions.Remove(other);
            else
                _exceptions[other] = left;
        }
    }

    private static bool Covers(uint? wide, uint? narrow) => wide is null || wide == narrow;

    private static bool Overlaps(uint? one, uint? other) => one is null || other is null || one == other;

    private static uint? Number(string text) => text == "*" ? null : uint.Parse(text, CultureInfo.InvariantCulture);

    private static string Line((char Type, uint? Major, uint? Minor) device, DeviceAccess access) =>
        $"{device.Type} {device.Major?.ToString() ?? "*"}:{device.Minor?.ToString() ?? "*"} {DeviceRule.Letters(access)}";
}
