using System.Globalization;
using Sampan.Kernel;
using Sampan.Kernel.Children;
using Sampan.Oci;

namespace Sampan.Runtime.Processes;

/// <summary>Compiles how the process is scheduled: scheduler, I/O priority, CPU affinity, memory policy, personality.</summary>
internal static class SchedulingProgram
{
    public static void Add(ChildProgram program, Process process, Linux? linux)
    {
        if (process.Scheduler is { } scheduler)
            program.SetScheduler(Attributes(scheduler));
        if (process.IoPriority is { } io)
            program.SetIoPriority((int)Number(IoPriority.Classes, io.Class, "process.ioPriority.class"), io.Priority);
        if (linux?.MemoryPolicy is { } policy)
            AddMemoryPolicy(program, policy);
        if (linux?.Personality is { } personality)
            program.SetPersonality(Number(PersonalityNames.Domains, personality.Domain, "linux.personality.domain"));
    }

    /// <summary>Adds the affinity of <c>execCPUAffinity.final</c>, for exec only; <see cref="InitialAffinity"/> is the other half.</summary>
    public static void AddAffinity(ChildProgram program, string? cpus, string field)
    {
        if (!string.IsNullOrEmpty(cpus))
            program.SetAffinity(IdList.ToMask(cpus, field));
    }

    private static void AddMemoryPolicy(ChildProgram program, LinuxMemoryPolicy policy)
    {
        uint mode = Number(MemoryPolicyNames.Modes, policy.Mode, "linux.memoryPolicy.mode");
        foreach (string flag in policy.Flags ?? [])
            mode |= Number(MemoryPolicyNames.Flags, flag, "linux.memoryPolicy.flags");
        program.SetMemoryPolicy((int)mode, string.IsNullOrEmpty(policy.Nodes) ? [] : IdList.ToMask(policy.Nodes, "linux.memoryPolicy.nodes"));
    }

    private static uint Number(NameTable table, string name, string field) => table.TryGet(name, out uint number)
        ? number : throw new RuntimeException($"{field}: unknown name \"{name}\"; known are {string.Join(", ", table.Names)}", RuntimeErrorKind.InvalidArgument);

    private static SchedulerAttributes Attributes(Scheduler scheduler)
    {
        ulong flags = 0;
        foreach (string flag in scheduler.Flags ?? [])
            flags |= Number(SchedulerNames.Flags, flag, "process.scheduler.flags");
        return new SchedulerAttributes(
            56, Number(SchedulerNames.Policies, scheduler.Policy, "process.scheduler.policy"), flags, scheduler.Nice, (uint)scheduler.Priority,
            scheduler.Runtime, scheduler.Deadline, scheduler.Period, 0, 0);
    }
}

/// <summary>Lists of CPUs or memory nodes, as in cpuset(7): <c>0-3,8</c>.</summary>
internal static class IdList
{
    private const int Most = 8192;

    /// <summary>The list as a mask; bit i is id i, in bytes from the lowest, as many as whole machine words hold.</summary>
    /// <exception cref="RuntimeException">The text is no list.</exception>
    public static byte[] ToMask(string? list, string field)
    {
        byte[] mask = new byte[Most / 8];
        int highest = 0;
        foreach (string part in (list ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            int dash = part.IndexOf('-', StringComparison.Ordinal);
            int first = Number(dash < 0 ? part : part[..dash], list!, field);
            int last = dash < 0 ? first : Number(part[(dash + 1)..], list!, field);
            if (last < first)
                throw Wrong(list!, field);
            for (int id = first; id <= last; id++)
                mask[id / 8] |= (byte)(1 << (id % 8));
            highest = Math.Max(highest, last);
        }
        return mask[..((highest / 64 * 8) + 8)];
    }

    private static int Number(string text, string list, string field) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number < Most ? number : throw Wrong(list, field);

    private static RuntimeException Wrong(string list, string field) =>
        new($"{field}: \"{list}\" is not a list of numbers and ranges like 0-3,8", RuntimeErrorKind.InvalidArgument);
}
