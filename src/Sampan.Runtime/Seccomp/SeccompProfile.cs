using Sampan.Kernel.Seccomp;
using Sampan.Oci;

namespace Sampan.Runtime.Seccomp;

/// <summary>
/// A profile with its names looked up and its words read: for each system call the chain of its rules. What the order of rules means is
/// taken from libseccomp, under which profiles are written: a rule without conditions drops the conditional ones before it, and after
/// it no other counts; a rule whose verdict is the default's says nothing; among conditional rules the first that matches decides.
/// </summary>
internal sealed class SeccompProfile
{
    private readonly List<Rule> _rules = [];
    private readonly List<SeccompCondition> _conditions = [];
    private readonly int[] _first = new int[SyscallTable.Count];
    private readonly bool[] _named = new bool[SyscallTable.Count];

    private SeccompProfile(uint defaultVerdict)
    {
        DefaultVerdict = defaultVerdict;
        Array.Fill(_first, -1);
    }

    /// <summary>What happens at a call that no rule matches.</summary>
    public uint DefaultVerdict { get; }

    /// <summary>SECCOMP_FILTER_FLAG_* bits.</summary>
    public uint Flags { get; private set; }

    /// <summary>Whether a rule has the verdict to notify.</summary>
    public bool HasListener { get; private set; }

    /// <summary>The calls with rules that also arrive by socketcall(2) or ipc(2).</summary>
    public List<MultiplexedCall> Multiplexed { get; } = [];

    /// <summary>Reads a profile.</summary>
    /// <exception cref="SpecException">A word of it is unknown, or its parts contradict each other.</exception>
    public static SeccompProfile From(LinuxSeccomp seccomp)
    {
        uint verdict = SeccompVerdict.Parse(
            seccomp.DefaultAction, seccomp.DefaultErrnoRet, "linux.seccomp.defaultAction", "linux.seccomp.defaultErrnoRet");
        if (verdict == SeccompVerdict.Notify)
            throw new SpecException("config.json", "linux.seccomp.defaultAction", "must not be SCMP_ACT_NOTIFY, because nobody could answer before the listener is handed over");
        var profile = new SeccompProfile(verdict);
        for (int i = 0; i < seccomp.Syscalls?.Count; i++)
            profile.Add(seccomp.Syscalls[i], i);
        if (profile.HasListener && string.IsNullOrEmpty(seccomp.ListenerPath))
            throw new SpecException("config.json", "linux.seccomp.listenerPath", "must be given when a rule has SCMP_ACT_NOTIFY");
        profile.Flags = profile.ReadFlags(seccomp.Flags);
        return profile;
    }

    /// <summary>The first rule of a call's chain, or -1 when it has none.</summary>
    public int FirstRule(int syscall) => _first[syscall];

    /// <summary>Whether the profile names the call, be it in a rule that says nothing new.</summary>
    public bool Names(int syscall) => _named[syscall];

    /// <summary>A rule by its number.</summary>
    public Rule RuleAt(int number) => _rules[number];

    /// <summary>The condition of a rule by its number.</summary>
    public SeccompCondition ConditionAt(int number) => _conditions[number];

    /// <summary>The verdict of the chain that begins with a rule, if it is the same whatever the arguments are.</summary>
    public uint? Unconditional(int rule) => _rules[rule].Conditions == 0 ? _rules[rule].Verdict : null;

    private void Add(LinuxSyscall entry, int position)
    {
        string path = $"linux.seccomp.syscalls[{position}]";
        if (entry.Names is not { Count: > 0 } names)
            throw new SpecException("config.json", path + ".names", "must name at least one system call");
        uint verdict = SeccompVerdict.Parse(entry.Action, entry.ErrnoRet, path + ".action", path + ".errnoRet");
        int conditions = _conditions.Count;
        bool oneByOne = ReadConditions(entry.Args, path);
        int count = _conditions.Count - conditions;
        foreach (string name in names)
        {
            if (name.Length == 0)
                throw new SpecException("config.json", path + ".names", "must not contain an empty name");
            CheckNotify(verdict, name, path);
            int syscall = SyscallTable.Find(name);
            if (syscall < 0)
                continue;
            _named[syscall] = true;
            if (verdict == DefaultVerdict)
                continue;
            NoteMultiplexed(syscall, name);
            if (!oneByOne)
                Append(syscall, new Rule(verdict, conditions, count, -1));
            for (int i = 0; oneByOne && i < count; i++)
                Append(syscall, new Rule(verdict, conditions + i, 1, -1));
        }
    }

    /// <summary>Reads the conditions of a rule; true when two are about the same argument, in which case each is a rule of its own (as in runc).</summary>
    private bool ReadConditions(List<LinuxSeccompArg>? args, string path)
    {
        uint seen = 0;
        bool repeated = false;
        for (int i = 0; i < args?.Count; i++)
        {
            SeccompCondition condition = SeccompCondition.Parse(args[i], $"{path}.args[{i}]");
            repeated |= (seen & (1u << (int)condition.Index)) != 0;
            seen |= 1u << (int)condition.Index;
            _conditions.Add(condition);
        }
        return repeated;
    }

    /// <summary>The container's process reports its listener with write(2) when its filter is already in force: nobody could answer.</summary>
    private void CheckNotify(uint verdict, string name, string path)
    {
        if (verdict != SeccompVerdict.Notify)
            return;
        HasListener = true;
        if (name == "write")
            throw new SpecException("config.json", path + ".action", "is refused: SCMP_ACT_NOTIFY cannot be used for the write syscall, by which the listener is handed over");
    }

    private void NoteMultiplexed(int syscall, string name)
    {
        if (_first[syscall] >= 0)
            return;
        uint number = SyscallTable.MultiplexedNumber(name, out bool ipc);
        if (number != 0)
            Multiplexed.Add(new MultiplexedCall(syscall, number, ipc));
    }

    private void Append(int syscall, Rule rule)
    {
        int last = _first[syscall];
        if (last >= 0 && _rules[last].Conditions == 0)
            return;
        int number = _rules.Count;
        _rules.Add(rule);
        if (last < 0 || rule.Conditions == 0)
        {
            _first[syscall] = number;
            return;
        }
        while (_rules[last].Next >= 0)
            last = _rules[last].Next;
        _rules[last] = _rules[last] with { Next = number };
    }

    private uint ReadFlags(List<string>? flags)
    {
        uint bits = HasListener ? SeccompFlags.NewListener : 0;
        if (flags is null)
            return bits | SeccompFlags.SpecAllow;
        for (int i = 0; i < flags.Count; i++)
        {
            uint flag = SeccompFlags.Bit(flags[i])
                ?? throw new SpecException("config.json", $"linux.seccomp.flags[{i}]", $"must be a flag such as SECCOMP_FILTER_FLAG_LOG, found \"{flags[i]}\"");
            if (flag == SeccompFlags.WaitKillableReceive && !HasListener)
                throw new SpecException("config.json", $"linux.seccomp.flags[{i}]", "needs a rule with SCMP_ACT_NOTIFY: the kernel refuses it without a listener");
            // The filter is loaded by a process of one thread: there is nobody to synchronise with.
            if (flag != SeccompFlags.Tsync)
                bits |= flag;
        }
        return bits;
    }

    /// <summary>A rule: its verdict, where its conditions begin and how many there are, and the call's next rule or -1.</summary>
    internal readonly record struct Rule(uint Verdict, int FirstCondition, int Conditions, int Next);

    /// <summary>A call by its index, the number that socketcall(2) or ipc(2) has for it, and which of them it is.</summary>
    internal readonly record struct MultiplexedCall(int Syscall, uint Number, bool Ipc);
}
