namespace Sampan.Runtime.Cgroups;

/// <summary>How the machine has its control groups mounted (cgroups(7)).</summary>
public enum CgroupVersion
{
    /// <summary>One or more version 1 hierarchies and no version 2 hierarchy.</summary>
    V1,

    /// <summary>The version 2 hierarchy alone, at <c>/sys/fs/cgroup</c>.</summary>
    V2,

    /// <summary>Version 1 hierarchies, and a version 2 hierarchy beside them with the controllers that version 1 left over, often none.</summary>
    Hybrid,
}
