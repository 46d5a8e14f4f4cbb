namespace Sampan.Oci;

/// <content>The rules for cache shares, memory policies and personalities.</content>
public static partial class SpecValidation
{
    private static Problem? CheckIntelRdt(LinuxIntelRdt? rdt)
    {
        const string Path = "linux.intelRdt.";
        if (rdt is null)
            return null;
        // The class is a directory of resctrl; "/" stands for the default class.
        if (rdt.ClosId is { } clos && clos != "/" && (clos is "." or ".." || clos.AsSpan().ContainsAny('/', '\n')))
            return new Problem(Path + "closID", $"must be the name of a directory of resctrl, or /, found {Quote(clos)}");
        if (rdt.L3CacheSchema is { } cache && cache.Contains('\n'))
            return new Problem(Path + "l3CacheSchema", "must not contain a newline");
        if (rdt.MemBwSchema is { } bandwidth && (!bandwidth.StartsWith("MB:", StringComparison.Ordinal) || bandwidth.Contains('\n')))
            return new Problem(Path + "memBwSchema", $"must be one line that begins with MB:, found {Quote(bandwidth)}");
        for (int i = 0; i < rdt.Schemata?.Count; i++)
        {
            if (rdt.Schemata[i].Contains('\n'))
                return new Problem($"{Path}schemata[{i}]", "must not contain a newline");
        }
        return null;
    }

    private static Problem? CheckMemoryPolicy(LinuxMemoryPolicy? policy)
    {
        const string Path = "linux.memoryPolicy.";
        if (policy is null)
            return null;
        if (!KnownNames.MemoryPolicyModes.Contains(policy.Mode))
            return Unknown(Path + "mode", policy.Mode, KnownNames.MemoryPolicyModes);
        if (policy.Nodes is { } nodes && !IsNumberList(nodes))
            return new Problem(Path + "nodes", $"must be a list of memory nodes such as 0-1,3, found {Quote(nodes)}");
        if (policy is { Nodes: not null, Mode: "MPOL_DEFAULT" or "MPOL_LOCAL" })
            return new Problem(Path + "nodes", $"must not be given with {policy.Mode}, which has none");
        if (policy is { Nodes: null, Mode: "MPOL_BIND" or "MPOL_INTERLEAVE" or "MPOL_WEIGHTED_INTERLEAVE" or "MPOL_PREFERRED_MANY" })
            return Missing(Path + "nodes", $"{policy.Mode} needs at least one memory node");
        if (policy.Flags is { } flags && flags.Contains("MPOL_F_STATIC_NODES") && flags.Contains("MPOL_F_RELATIVE_NODES"))
            return new Problem(Path + "flags", "must not have both MPOL_F_STATIC_NODES and MPOL_F_RELATIVE_NODES");
        return CheckKnown(Path + "flags", policy.Flags, KnownNames.MemoryPolicyFlags);
    }

    private static Problem? CheckPersonality(LinuxPersonality? personality)
    {
        if (personality is null)
            return null;
        if (personality.Domain is not ("LINUX" or "LINUX32"))
            return Unknown("linux.personality.domain", personality.Domain, ["LINUX", "LINUX32"]);
        return personality.Flags is { Count: > 0 } flags
            ? new Problem("linux.personality.flags[0]", $"is not a flag of a personality, none is defined, found {Quote(flags[0])}")
            : null;
    }
}
