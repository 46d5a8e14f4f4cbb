namespace Sampan.Oci;

/// <content>The rules for a process.</content>
public static partial class SpecValidation
{
    private static Problem? CheckProcess(Process process, string at) =>
        CheckCommand(process, at)
        ?? CheckUser(process.User, at)
        ?? CheckRlimits(process.Rlimits, at)
        ?? CheckScheduler(process.Scheduler, at)
        ?? CheckIoPriority(process.IoPriority, at)
        ?? CheckAffinity(process.ExecCpuAffinity, at);

    private static Problem? CheckCommand(Process process, string at)
    {
        if (!IsAbsolute(process.Cwd))
            return NotAbsolute(at + "cwd", process.Cwd);
        if (process.Args is not { Count: > 0 })
            return Missing(at + "args", "at least the program to run is needed");
        for (int i = 0; i < process.Env?.Count; i++)
        {
            // An entry without a value would be filled in from somewhere else by a less careful reader (CVE-2026-57231).
            if (process.Env[i].IndexOf('=', StringComparison.Ordinal) <= 0)
                return new Problem($"{at}env[{i}]", $"must be NAME=value, found {Quote(process.Env[i])}");
        }
        return null;
    }

    private static Problem? CheckUser(User user, string at)
    {
        // The highest id means "leave as it is" to setresuid(2), and ids from 2^31 on have become 0 in programs that keep them as int
        // (CVE-2024-40635): either way the process would be root. runc has the same bound.
        const uint Highest = int.MaxValue;
        if (user.Uid > Highest)
            return OutOfIds(at + "user.uid", user.Uid);
        if (user.Gid > Highest)
            return OutOfIds(at + "user.gid", user.Gid);
        for (int i = 0; i < user.AdditionalGids?.Count; i++)
        {
            if (user.AdditionalGids[i] > Highest)
                return OutOfIds($"{at}user.additionalGids[{i}]", user.AdditionalGids[i]);
        }
        return null;
    }

    private static Problem OutOfIds(string path, uint id) => new(path, $"must be a whole number from 0 to {int.MaxValue}, found {id}");

    private static Problem? CheckRlimits(List<PosixRlimit>? rlimits, string at)
    {
        for (int i = 0; i < rlimits?.Count; i++)
        {
            PosixRlimit limit = rlimits[i];
            if (!KnownNames.Rlimits.Contains(limit.Type))
                return Unknown($"{at}rlimits[{i}].type", limit.Type, KnownNames.Rlimits);
            if (limit.Soft > limit.Hard)
                return new Problem($"{at}rlimits[{i}].soft", $"must not be above the hard limit {limit.Hard}, found {limit.Soft}");
            for (int before = 0; before < i; before++)
            {
                if (rlimits[before].Type == limit.Type)
                    return new Problem($"{at}rlimits[{i}].type", $"must not be given twice, found {limit.Type} also in rlimits[{before}]");
            }
        }
        return null;
    }

    private static Problem? CheckScheduler(Scheduler? scheduler, string at)
    {
        if (scheduler is null)
            return null;
        if (!KnownNames.SchedulerPolicies.Contains(scheduler.Policy))
            return Unknown(at + "scheduler.policy", scheduler.Policy, KnownNames.SchedulerPolicies);
        if (scheduler.Nice is < -20 or > 19)
            return new Problem(at + "scheduler.nice", $"must be a whole number from -20 to 19, found {scheduler.Nice}");
        if (scheduler.Priority != 0 && scheduler.Policy is not ("SCHED_FIFO" or "SCHED_RR"))
            return new Problem(at + "scheduler.priority", $"goes only with the policies SCHED_FIFO and SCHED_RR, not with {scheduler.Policy}");
        if (scheduler.Policy != "SCHED_DEADLINE" && (scheduler.Runtime | scheduler.Deadline | scheduler.Period) != 0)
        {
            string member = scheduler.Runtime != 0 ? "runtime" : scheduler.Deadline != 0 ? "deadline" : "period";
            return new Problem($"{at}scheduler.{member}", $"goes only with the policy SCHED_DEADLINE, not with {scheduler.Policy}");
        }
        return CheckKnown(at + "scheduler.flags", scheduler.Flags, KnownNames.SchedulerFlags);
    }

    private static Problem? CheckIoPriority(LinuxIoPriority? priority, string at)
    {
        if (priority is null)
            return null;
        if (!KnownNames.IoPriorityClasses.Contains(priority.Class))
            return Unknown(at + "ioPriority.class", priority.Class, KnownNames.IoPriorityClasses);
        return priority.Priority is < 0 or > 7
            ? new Problem(at + "ioPriority.priority", $"must be a whole number from 0 to 7, found {priority.Priority}")
            : null;
    }

    private static Problem? CheckAffinity(CpuAffinity? affinity, string at)
    {
        const string Sentence = "must be a list of processors such as 0-3,7, found ";
        if (affinity?.Initial is { } initial && !IsNumberList(initial))
            return new Problem(at + "execCPUAffinity.initial", Sentence + Quote(initial));
        return affinity?.Final is { } final && !IsNumberList(final)
            ? new Problem(at + "execCPUAffinity.final", Sentence + Quote(final))
            : null;
    }
}
