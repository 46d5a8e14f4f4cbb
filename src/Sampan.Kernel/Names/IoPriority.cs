namespace Sampan.Kernel;

/// <summary>Classes of ioprio_set(2) as the runtime specification spells them (config.md, ioPriority).</summary>
public static class IoPriority
{
    /// <summary>The highest, weakest priority inside a class.</summary>
    public const int Lowest = 7;

    /// <summary>Classes.</summary>
    public static readonly NameTable Classes = new(("IOPRIO_CLASS_RT", 1), ("IOPRIO_CLASS_BE", 2), ("IOPRIO_CLASS_IDLE", 3));

    /// <summary>IOPRIO_PRIO_VALUE: the number that ioprio_set(2) takes.</summary>
    public static int Value(uint priorityClass, int priority) => (int)(priorityClass << 13) | priority;
}
