namespace Sampan.Kernel;

/// <summary>The resources of getrlimit(2).</summary>
public enum RlimitResource
{
    /// <summary>RLIMIT_CPU, seconds.</summary>
    Cpu = 0,

    /// <summary>RLIMIT_FSIZE, bytes.</summary>
    FileSize = 1,

    /// <summary>RLIMIT_DATA, bytes.</summary>
    Data = 2,

    /// <summary>RLIMIT_STACK, bytes.</summary>
    Stack = 3,

    /// <summary>RLIMIT_CORE, bytes.</summary>
    Core = 4,

    /// <summary>RLIMIT_RSS, bytes.</summary>
    ResidentSet = 5,

    /// <summary>RLIMIT_NPROC.</summary>
    Processes = 6,

    /// <summary>RLIMIT_NOFILE.</summary>
    OpenFiles = 7,

    /// <summary>RLIMIT_MEMLOCK, bytes.</summary>
    LockedMemory = 8,

    /// <summary>RLIMIT_AS, bytes.</summary>
    AddressSpace = 9,

    /// <summary>RLIMIT_LOCKS.</summary>
    Locks = 10,

    /// <summary>RLIMIT_SIGPENDING.</summary>
    PendingSignals = 11,

    /// <summary>RLIMIT_MSGQUEUE, bytes.</summary>
    MessageQueue = 12,

    /// <summary>RLIMIT_NICE.</summary>
    Nice = 13,

    /// <summary>RLIMIT_RTPRIO.</summary>
    RealTimePriority = 14,

    /// <summary>RLIMIT_RTTIME, microseconds.</summary>
    RealTimeCpu = 15,
}

/// <summary>The names of resource limits as the runtime specification spells them (config.md, POSIX process rlimits).</summary>
public static class RlimitResources
{
    private static readonly string[] s_names =
    [
        "RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_DATA", "RLIMIT_STACK", "RLIMIT_CORE", "RLIMIT_RSS", "RLIMIT_NPROC", "RLIMIT_NOFILE",
        "RLIMIT_MEMLOCK", "RLIMIT_AS", "RLIMIT_LOCKS", "RLIMIT_SIGPENDING", "RLIMIT_MSGQUEUE", "RLIMIT_NICE", "RLIMIT_RTPRIO", "RLIMIT_RTTIME",
    ];

    /// <summary>All names, in the order of their numbers.</summary>
    public static IReadOnlyList<string> Names => s_names;

    /// <summary>The name of a resource, as <c>RLIMIT_NOFILE</c>.</summary>
    public static string NameOf(RlimitResource resource) => (uint)resource < (uint)s_names.Length ? s_names[(int)resource] : $"RLIMIT_{(int)resource}";

    /// <summary>The resource of a name as <c>RLIMIT_NOFILE</c>; false for any other text.</summary>
    public static bool TryParse(string name, out RlimitResource resource)
    {
        int index = Array.IndexOf(s_names, name);
        resource = (RlimitResource)Math.Max(index, 0);
        return index >= 0;
    }
}
