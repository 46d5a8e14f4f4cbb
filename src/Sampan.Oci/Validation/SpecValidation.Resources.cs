namespace Sampan.Oci;

/// <content>The rules for resources. Names that become part of a file's name or of a line in a file must not reach beyond it.</content>
public static partial class SpecValidation
{
    private static Problem? CheckResources(LinuxResources resources, string at) =>
        CheckDeviceRules(resources.Devices, at)
        ?? CheckHugepages(resources.HugepageLimits, at)
        ?? CheckPriorities(resources.Network, at)
        ?? CheckRdma(resources.Rdma, at)
        ?? CheckUnified(resources.Unified, at)
        ?? (resources.Cpu?.Idle is { } idle and not (0 or 1) ? new Problem(at + "cpu.idle", $"must be 0 or 1, found {idle}") : null);

    private static Problem? CheckDeviceRules(List<LinuxDeviceCgroup>? rules, string at)
    {
        for (int i = 0; i < rules?.Count; i++)
        {
            LinuxDeviceCgroup rule = rules[i];
            if (rule.Type is not (null or "a" or "c" or "b"))
                return Unknown($"{at}devices[{i}].type", rule.Type, ["a", "c", "b"]);
            if (rule.Access is null)
                return Missing($"{at}devices[{i}].access");
            if (rule.Access.AsSpan().ContainsAnyExcept("rwma"))
                return new Problem($"{at}devices[{i}].access", $"must consist of r, w and m, found {Quote(rule.Access)}");
            if (rule.Major is < -1 or > uint.MaxValue)
                return new Problem($"{at}devices[{i}].major", $"must be a whole number from 0 to 4294967295, or -1 for all, found {rule.Major}");
            if (rule.Minor is < -1 or > uint.MaxValue)
                return new Problem($"{at}devices[{i}].minor", $"must be a whole number from 0 to 4294967295, or -1 for all, found {rule.Minor}");
        }
        return null;
    }

    private static Problem? CheckHugepages(List<LinuxHugepageLimit>? limits, string at)
    {
        for (int i = 0; i < limits?.Count; i++)
        {
            if (!IsPageSize(limits[i].PageSize))
                return new Problem($"{at}hugepageLimits[{i}].pageSize", $"must be a number and KB, MB or GB, such as 2MB, found {Quote(limits[i].PageSize)}");
        }
        return null;
    }

    private static bool IsPageSize(string text) => text.Length > 2 && text[0] != '0' && text[^1] == 'B' && text[^2] is 'K' or 'M' or 'G' && IsNumber(text[..^2]);

    private static Problem? CheckPriorities(LinuxNetwork? network, string at)
    {
        for (int i = 0; i < network?.Priorities?.Count; i++)
        {
            string name = network.Priorities[i].Name;
            if (name.Length == 0 || HasSpace(name))
                return new Problem($"{at}network.priorities[{i}].name", $"must be the name of a network device, found {Quote(name)}");
        }
        return null;
    }

    private static Problem? CheckRdma(Dictionary<string, LinuxRdma>? devices, string at)
    {
        if (devices is null)
            return null;
        foreach (string name in devices.Keys)
        {
            if (name.Length == 0 || HasSpace(name))
                return new Problem(Member(at + "rdma", name), "is not the name of an RDMA device");
        }
        return null;
    }

    private static Problem? CheckUnified(Dictionary<string, string>? files, string at)
    {
        if (files is null)
            return null;
        foreach (string name in files.Keys)
        {
            if (name is "" or "." or ".." || name.Contains('/', StringComparison.Ordinal))
                return new Problem(Member(at + "unified", name), "is not the name of a cgroup file");
        }
        return null;
    }
}
