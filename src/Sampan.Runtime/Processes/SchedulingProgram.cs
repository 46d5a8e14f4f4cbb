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
            program.SetAffinity(Parse(cpus, field));
    }

    /// <summary>A list of processors or memory nodes.</summary>
    /// <exception cref="RuntimeException">The text is none.</exception>
    public static CpuSet Parse(string list, string field) => CpuSet.TryParse(list, out CpuSet set)
        ? set : throw new RuntimeException($"{field}: \"{list}\" is not a list of numbers and ranges like 0-3,8", RuntimeErrorKind.InvalidArgument);

    private static void AddMemoryPolicy(ChildProgram program, LinuxMemoryPolicy policy)
    {
        uint mode = Number(MemoryPolicyNames.Modes, policy.Mode, "linux.memoryPolicy.mode");
        foreach (string flag in policy.Flags ?? [])
            mode |= Number(MemoryPolicyNames.Flags, flag, "linux.memoryPolicy.flags");
        program.SetMemoryPolicy((int)mode, string.IsNullOrEmpty(policy.Nodes) ? null : Parse(policy.Nodes, "linux.memoryPolicy.nodes"));
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
