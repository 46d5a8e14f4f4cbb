using Sampan.Kernel.Seccomp;
using Sampan.Oci;

namespace Sampan.Tests.Unit.Runtime.Seccomp;

/// <summary>
/// What a profile means, said as plainly as possible: for a number, the list of its rules, gone through in order. Of socketcall(2) and ipc(2)
/// it knows only the rules that name them.
/// </summary>
internal sealed class SeccompModel
{
    private readonly LinuxSeccomp _profile;
    private readonly Dictionary<(SyscallArchitecture, uint), List<LinuxSyscall>> _rules = [];
    private readonly Dictionary<SyscallArchitecture, uint> _newest = [];

    public SeccompModel(LinuxSeccomp profile)
    {
        _profile = profile;
        foreach (string architecture in profile.Architectures!.Append("SCMP_ARCH_NATIVE").Distinct())
            Read(SyscallArchitectures.Parse(architecture)!.Value);
    }

    /// <summary>The rules of a number that say something; more than one with conditions is what libseccomp does not always get right.</summary>
    public List<LinuxSyscall> Rules(uint audit, uint number) =>
        Architecture(audit, number) is { } architecture ? _rules.GetValueOrDefault((architecture, number), []) : [];

    public uint Judge(uint audit, uint number, ulong[] args)
    {
        if (Architecture(audit, number) is not { } architecture)
            return audit == 0xc000003e && number == uint.MaxValue ? Verdict(_profile.DefaultAction, _profile.DefaultErrnoRet) : 0;
        foreach (LinuxSyscall rule in Rules(audit, number))
        {
            bool wide = SyscallArchitectures.HasWideArguments(architecture);
            if ((rule.Args ?? []).TrueForAll(arg => Holds(arg, args[arg.Index], wide ? ulong.MaxValue : uint.MaxValue)))
                return Verdict(rule.Action, rule.ErrnoRet);
        }
        bool hasRules = _rules.ContainsKey((architecture, number));
        bool isNew = _newest.TryGetValue(architecture, out uint newest) && number > newest && !hasRules;
        return isNew && _profile.DefaultAction is not ("SCMP_ACT_ALLOW" or "SCMP_ACT_LOG" or "SCMP_ACT_TRACE")
            ? Verdict("SCMP_ACT_ERRNO", 38)
            : Verdict(_profile.DefaultAction, _profile.DefaultErrnoRet);
    }

    public static uint Verdict(string action, uint? errno) => action switch
    {
        "SCMP_ACT_KILL" or "SCMP_ACT_KILL_THREAD" => 0,
        "SCMP_ACT_KILL_PROCESS" => 0x80000000,
        "SCMP_ACT_TRAP" => 0x00030000,
        "SCMP_ACT_ERRNO" => 0x00050000 | (errno ?? 1),
        "SCMP_ACT_TRACE" => 0x7ff00000 | (errno ?? 1),
        "SCMP_ACT_LOG" => 0x7ffc0000,
        "SCMP_ACT_ALLOW" => 0x7fff0000,
        _ => throw new ArgumentException(action),
    };

    private SyscallArchitecture? Architecture(uint audit, uint number)
    {
        foreach (string name in _profile.Architectures!.Append("SCMP_ARCH_NATIVE"))
        {
            SyscallArchitecture architecture = SyscallArchitectures.Parse(name)!.Value;
            bool isX32 = architecture == SyscallArchitecture.X32;
            if (SyscallArchitectures.AuditNumber(architecture) == audit && (audit != 0xc000003e || (number >= 0x40000000) == isX32))
                return architecture;
        }
        return null;
    }

    private void Read(SyscallArchitecture architecture)
    {
        foreach (LinuxSyscall rule in _profile.Syscalls!)
        {
            foreach (string name in rule.Names!)
            {
                if (SyscallTable.Number(architecture, SyscallTable.Find(name)) is not { } number)
                    continue;
                if (architecture != SyscallArchitecture.Arm || number < 0x0f0000)
                    _newest[architecture] = Math.Max(number, _newest.GetValueOrDefault(architecture));
                if (Verdict(rule.Action, rule.ErrnoRet) != Verdict(_profile.DefaultAction, _profile.DefaultErrnoRet))
                    Add((architecture, number), rule);
            }
        }
    }

    private void Add((SyscallArchitecture, uint) call, LinuxSyscall rule)
    {
        if (!_rules.TryGetValue(call, out List<LinuxSyscall>? rules))
            _rules[call] = rules = [];
        if (rules is [.., { Args: null }])
            return;
        if (rule.Args is null)
            rules.Clear();
        if (rule.Args is null || rule.Args.Select(arg => arg.Index).Distinct().Count() == rule.Args.Count)
            rules.Add(rule);
        else
            rules.AddRange(rule.Args.Select(arg => new LinuxSyscall { Names = rule.Names, Action = rule.Action, ErrnoRet = rule.ErrnoRet, Args = [arg] }));
    }

    private static bool Holds(LinuxSeccompArg arg, ulong found, ulong bits)
    {
        found &= bits;
        ulong value = arg.Value & bits;
        return arg.Op switch
        {
            "SCMP_CMP_NE" => found != value,
            "SCMP_CMP_LT" => found < value,
            "SCMP_CMP_LE" => found <= value,
            "SCMP_CMP_EQ" => found == value,
            "SCMP_CMP_GE" => found >= value,
            "SCMP_CMP_GT" => found > value,
            _ => (found & value) == (arg.ValueTwo & value),
        };
    }
}
