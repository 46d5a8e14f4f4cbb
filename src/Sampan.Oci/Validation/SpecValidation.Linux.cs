namespace Sampan.Oci;

/// <content>The rules for what only Linux has.</content>
public static partial class SpecValidation
{
    private static Problem? CheckLinux(Linux? linux) => linux is null ? null
        : CheckNamespaces(linux.Namespaces)
        ?? CheckMappings(linux)
        ?? CheckTimeOffsets(linux)
        ?? CheckSysctl(linux)
        ?? CheckDevices(linux.Devices)
        ?? CheckNetDevices(linux)
        ?? CheckPaths(linux)
        ?? CheckIntelRdt(linux.IntelRdt)
        ?? CheckMemoryPolicy(linux.MemoryPolicy)
        ?? CheckPersonality(linux.Personality)
        ?? CheckSeccomp(linux.Seccomp)
        ?? (linux.Resources is { } resources ? CheckResources(resources, "linux.resources.") : null);

    private static Problem? CheckNamespaces(List<LinuxNamespace>? namespaces)
    {
        for (int i = 0; i < namespaces?.Count; i++)
        {
            string type = namespaces[i].Type;
            if (!KnownNames.Namespaces.Contains(type))
                return Unknown($"linux.namespaces[{i}].type", type, KnownNames.Namespaces);
            for (int before = 0; before < i; before++)
            {
                if (namespaces[before].Type == type)
                    return new Problem($"linux.namespaces[{i}].type", $"must not be given twice, found {type} also in namespaces[{before}]");
            }
        }
        return null;
    }

    private static Problem? CheckMappings(Linux linux)
    {
        bool uids = linux.UidMappings is { Count: > 0 };
        bool gids = linux.GidMappings is { Count: > 0 };
        if (!HasNamespace(linux, "user"))
        {
            // To ignore them would run as the host's root what its author meant to run as somebody else.
            string member = uids ? "linux.uidMappings" : "linux.gidMappings";
            return uids || gids ? new Problem(member, "needs a namespace of the type user in linux.namespaces") : null;
        }
        foreach (LinuxNamespace one in linux.Namespaces!)
        {
            if (one is { Type: "user", Path: null } && !(uids && gids))
                return Missing(uids ? "linux.gidMappings" : "linux.uidMappings", "a new user namespace needs both uidMappings and gidMappings");
        }
        return CheckRanges("linux.uidMappings", linux.UidMappings) ?? CheckRanges("linux.gidMappings", linux.GidMappings);
    }

    /// <summary>The kernel's own rules (user_namespaces(7)), which it answers for with EINVAL alone.</summary>
    private static Problem? CheckRanges(string path, List<LinuxIdMapping>? ranges)
    {
        const int Most = 340;
        if (ranges?.Count > Most)
            return new Problem(path, $"must not have more than {Most} ranges, found {ranges.Count}");
        for (int i = 0; i < ranges?.Count; i++)
        {
            LinuxIdMapping range = ranges[i];
            if (range.Size == 0)
                return new Problem($"{path}[{i}].size", "must be more than 0");
            if ((ulong)range.ContainerId + range.Size > uint.MaxValue || (ulong)range.HostId + range.Size > uint.MaxValue)
                return new Problem($"{path}[{i}].size", $"must not reach beyond the id 4294967294, found {range.Size}");
            for (int before = 0; before < i; before++)
            {
                if (Overlap(range.ContainerId, range.Size, ranges[before].ContainerId, ranges[before].Size))
                    return new Problem($"{path}[{i}].containerID", $"must not be in two ranges: that from {range.ContainerId} on overlaps [{before}]");
                if (Overlap(range.HostId, range.Size, ranges[before].HostId, ranges[before].Size))
                    return new Problem($"{path}[{i}].hostID", $"must not be in two ranges: that from {range.HostId} on overlaps [{before}]");
            }
        }
        return null;

        static bool Overlap(uint first, uint firstSize, uint second, uint secondSize) => first < (ulong)second + secondSize && second < (ulong)first + firstSize;
    }

    private static Problem? CheckTimeOffsets(Linux linux)
    {
        if (linux.TimeOffsets is not { Count: > 0 } offsets)
            return null;
        if (!HasNamespace(linux, "time"))
            return new Problem("linux.timeOffsets", "needs a namespace of the type time in linux.namespaces");
        foreach ((string clock, LinuxTimeOffset offset) in offsets)
        {
            if (clock is not ("monotonic" or "boottime"))
                return new Problem(Member("linux.timeOffsets", clock), "is not a clock with an offset: only monotonic and boottime are");
            if (offset.Nanosecs >= 1_000_000_000)
                return new Problem($"linux.timeOffsets.{clock}.nanosecs", $"must be a whole number from 0 to 999999999, found {offset.Nanosecs}");
        }
        return null;
    }

    private static Problem? CheckSysctl(Linux linux)
    {
        if (linux.Sysctl is not { } parameters)
            return null;
        foreach ((string name, string value) in parameters)
        {
            string? path = Sysctl.PathOf(name);
            if (path is null)
                return new Problem(Member("linux.sysctl", name), "is not the name of a kernel parameter");
            if (path == "kernel/hostname")
                return new Problem(Member("linux.sysctl", name), "must be given as hostname");
            string? type = Sysctl.NamespaceOf(path);
            if (type is null)
                return new Problem(Member("linux.sysctl", name), "must not be set: it belongs to the whole machine and not to a namespace");
            if (!HasNamespace(linux, type))
                return NeedsNamespace(Member("linux.sysctl", name), type);
            // A second line could be taken for a second parameter by what passes it on (CVE-2022-0811).
            if (value.Contains('\n'))
                return new Problem(Member("linux.sysctl", name), "must not contain a newline");
        }
        return null;
    }

    private static Problem? CheckDevices(List<LinuxDevice>? devices)
    {
        for (int i = 0; i < devices?.Count; i++)
        {
            if (devices[i].Path.Length == 0)
                return Missing($"linux.devices[{i}].path");
            if (devices[i].Type is not ("c" or "b" or "u" or "p"))
                return Unknown($"linux.devices[{i}].type", devices[i].Type, ["c", "b", "u", "p"]);
            if (devices[i].Type != "p" && (CheckNumber($"linux.devices[{i}].major", devices[i].Major, 0xFFF) ?? CheckNumber($"linux.devices[{i}].minor", devices[i].Minor, 0xFFFFF)) is { } wrong)
                return wrong;
        }
        return null;
    }

    /// <summary>mknod(2) would cut a larger number off, and make another device: the kernel's dev_t has 12 bits for the major and 20 for the minor number.</summary>
    private static Problem? CheckNumber(string path, long number, long most) =>
        number < 0 || number > most ? new Problem(path, $"must be a whole number from 0 to {most}, found {number}") : null;

    private static Problem? CheckNetDevices(Linux linux)
    {
        if (linux.NetDevices is not { Count: > 0 } devices)
            return null;
        if (!HasNamespace(linux, "network"))
            return new Problem("linux.netDevices", "needs a namespace of the type network in linux.namespaces");
        foreach ((string host, LinuxNetDevice device) in devices)
        {
            if (!IsInterfaceName(host) || host.Contains('%', StringComparison.Ordinal))
                return new Problem(Member("linux.netDevices", host), "is not the name of a network device: 1 to 15 bytes without space, / and :");
            if (device.Name is { } name && !IsInterfaceName(name))
                return new Problem(Member("linux.netDevices", host) + ".name", $"must be the name of a network device (1 to 15 bytes without space, / and :), found {Quote(name)}");
        }
        return null;
    }

    /// <summary>Whether the kernel takes the name for a network device (dev_valid_name), or for a template with one %d.</summary>
    private static bool IsInterfaceName(string name)
    {
        int percent = name.IndexOf('%', StringComparison.Ordinal);
        bool template = percent < 0 || (name.AsSpan(percent).StartsWith("%d") && name.LastIndexOf('%') == percent);
        return template && name is not ("" or "." or "..") && System.Text.Encoding.UTF8.GetByteCount(name) <= 15
            && !name.AsSpan().ContainsAny('/', ':') && !HasSpace(name);
    }

    private static Problem? CheckPaths(Linux linux)
    {
        bool restricted = linux.MaskedPaths is { Count: > 0 } || linux.ReadonlyPaths is { Count: > 0 };
        if (restricted && !HasNamespace(linux, "mount"))
            return NeedsNamespace(linux.MaskedPaths is { Count: > 0 } ? "linux.maskedPaths" : "linux.readonlyPaths", "mount");
        if (linux.RootfsPropagation is { } propagation && !KnownNames.Propagations.Contains(propagation))
            return Unknown("linux.rootfsPropagation", propagation, KnownNames.Propagations);
        for (int i = 0; i < linux.MaskedPaths?.Count; i++)
        {
            if (!IsAbsolute(linux.MaskedPaths[i]))
                return NotAbsolute($"linux.maskedPaths[{i}]", linux.MaskedPaths[i]);
        }
        for (int i = 0; i < linux.ReadonlyPaths?.Count; i++)
        {
            if (!IsAbsolute(linux.ReadonlyPaths[i]))
                return NotAbsolute($"linux.readonlyPaths[{i}]", linux.ReadonlyPaths[i]);
        }
        return null;
    }
}
