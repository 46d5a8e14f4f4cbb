namespace Sampan.Oci;

/// <content>The rules for seccomp.</content>
public static partial class SpecValidation
{
    private static Problem? CheckSeccomp(LinuxSeccomp? seccomp)
    {
        const string Path = "linux.seccomp.";
        if (seccomp is null)
            return null;
        if (!KnownNames.SeccompActions.Contains(seccomp.DefaultAction))
            return Unknown(Path + "defaultAction", seccomp.DefaultAction, KnownNames.SeccompActions);
        if (seccomp.DefaultAction == "SCMP_ACT_NOTIFY")
            return new Problem(Path + "defaultAction", "must not be SCMP_ACT_NOTIFY: the call that hands over the listener would itself wait for the listener");
        Problem? problem = CheckKnown(Path + "architectures", seccomp.Architectures, KnownNames.SeccompArchitectures)
            ?? CheckKnown(Path + "flags", seccomp.Flags, KnownNames.SeccompFlags);
        for (int i = 0; problem is null && i < seccomp.Syscalls?.Count; i++)
            problem = CheckSyscall(seccomp.Syscalls[i], i);
        return problem;
    }

    private static Problem? CheckSyscall(LinuxSyscall rule, int index)
    {
        if (!KnownNames.SeccompActions.Contains(rule.Action))
            return Unknown($"linux.seccomp.syscalls[{index}].action", rule.Action, KnownNames.SeccompActions);
        for (int i = 0; i < rule.Names?.Count; i++)
        {
            if (rule.Names[i].Length == 0)
                return new Problem($"linux.seccomp.syscalls[{index}].names[{i}]", "must be the name of a system call, found \"\"");
        }
        for (int i = 0; i < rule.Args?.Count; i++)
        {
            LinuxSeccompArg arg = rule.Args[i];
            if (arg.Index > 5)
                return new Problem($"linux.seccomp.syscalls[{index}].args[{i}].index", $"must be a whole number from 0 to 5, found {arg.Index}");
            if (!KnownNames.SeccompOperators.Contains(arg.Op))
                return Unknown($"linux.seccomp.syscalls[{index}].args[{i}].op", arg.Op, KnownNames.SeccompOperators);
        }
        return null;
    }
}
