namespace Sampan.Kernel;

/// <summary>Modes and flags of set_mempolicy(2) as the runtime specification spells them (config-linux.md, memoryPolicy).</summary>
public static class MemoryPolicyNames
{
    /// <summary>Modes.</summary>
    public static readonly NameTable Modes = new(
        ("MPOL_DEFAULT", 0), ("MPOL_PREFERRED", 1), ("MPOL_BIND", 2), ("MPOL_INTERLEAVE", 3), ("MPOL_LOCAL", 4), ("MPOL_PREFERRED_MANY", 5),
        ("MPOL_WEIGHTED_INTERLEAVE", 6));

    /// <summary>Flags, to be joined by or with the mode.</summary>
    public static readonly NameTable Flags = new(("MPOL_F_NUMA_BALANCING", 1 << 13), ("MPOL_F_RELATIVE_NODES", 1 << 14), ("MPOL_F_STATIC_NODES", 1 << 15));
}
