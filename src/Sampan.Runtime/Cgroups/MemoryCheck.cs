namespace Sampan.Runtime.Cgroups;

/// <summary><c>memory.checkBeforeUpdate</c>: refuses a limit below the present use, which would kill processes at once.</summary>
internal static class MemoryCheck
{
    /// <summary>Compares the new limit with the use, both in bytes.</summary>
    /// <exception cref="RuntimeException">The limit is lower.</exception>
    public static void BeforeUpdate(long limit, ulong? usage)
    {
        if (usage > (ulong)limit)
            throw new RuntimeException($"linux.resources.memory.limit: the new limit {limit} is below what is in use ({usage} bytes), and memory.checkBeforeUpdate asks for a refusal", RuntimeErrorKind.InvalidArgument);
    }
}
