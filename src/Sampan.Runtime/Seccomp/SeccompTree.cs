using System.Runtime.InteropServices;
using Sampan.Kernel.Seccomp;

namespace Sampan.Runtime.Seccomp;

/// <summary>
/// The part of a filter for one architecture (x86-64 and x32 are one, told apart by bit 30): first the ranges of numbers with one outcome,
/// then the tree of comparisons over them.
/// </summary>
internal sealed class SeccompTree(SeccompProfile profile, BpfAssembler assembler, SyscallArchitecture architecture, bool withX32)
{
    private const uint X32Bit = 0x40000000;
    private const ulong PastLast = 1ul << 32;
    private const uint PrivateArm = 0x0F0000;
    private const int Socketcall = 0;
    private const int Ipc = 1;

    private readonly bool _littleEndian = SyscallArchitectures.IsLittleEndian(architecture);
    private readonly bool _multiplexed = SyscallArchitectures.HasMultiplexedCalls(architecture);
    private readonly List<Range> _ground = [];
    private readonly List<Range> _ranges = [];
    private readonly int[] _multiplexers = [-1, -1];

    /// <summary>Writes the tree and gives the position of its first instruction, which expects the call's number in the accumulator.</summary>
    public int Emit()
    {
        LayGround();
        List<ulong> entries = Entries();
        ulong cursor = 0;
        foreach (ulong entry in CollectionsMarshal.AsSpan(entries))
        {
            ulong number = entry >> 32;
            int syscall = (int)(uint)entry;
            Fill(cursor, number);
            Push(new Range((uint)number, OutcomeOf(syscall, (uint)number)));
            cursor = number + 1;
        }
        Fill(cursor, PastLast);
        return Tree(0, _ranges.Count);
    }

    /// <summary>
    /// What holds where no rule does: the default; ENOSYS for numbers newer than the newest that the profile names, so that a program that tries
    /// a new call and falls back does fall back (not when the default lets calls pass); and death for x32 calls where x32 was not asked for,
    /// except -1, by which a tracer skips a call (seccomp(2)).
    /// </summary>
    private void LayGround()
    {
        switch (architecture)
        {
            case SyscallArchitecture.X86_64:
                Ground(0, Newest(SyscallArchitecture.X86_64));
                if (withX32)
                {
                    Ground(X32Bit, Newest(SyscallArchitecture.X32));
                    break;
                }
                _ground.Add(new Range(X32Bit, Outcome.Of(SeccompVerdict.KillThread)));
                _ground.Add(new Range(uint.MaxValue, Outcome.Of(profile.DefaultVerdict)));
                break;
            case SyscallArchitecture.X32:
                _ground.Add(new Range(0, Outcome.Of(SeccompVerdict.KillThread)));
                Ground(X32Bit, Newest(SyscallArchitecture.X32));
                break;
            default:
                Ground(0, Newest(architecture));
                break;
        }
    }

    private void Ground(uint start, uint? newest)
    {
        _ground.Add(new Range(start, Outcome.Of(profile.DefaultVerdict)));
        if (newest is { } last && !SeccompVerdict.IsPermissive(profile.DefaultVerdict))
            _ground.Add(new Range(last + 1, Outcome.Of(SeccompVerdict.NoSuchCall)));
    }

    private uint? Newest(SyscallArchitecture of)
    {
        uint? newest = null;
        for (int i = 0; i < SyscallTable.Count; i++)
        {
            if (profile.Names(i) && SyscallTable.Number(of, i) is { } number && (of != SyscallArchitecture.Arm || number < PrivateArm))
                newest = newest is { } known && known > number ? known : number;
        }
        return newest;
    }

    /// <summary>The calls with an outcome of their own, sorted: the number in the upper half, the index in the lower.</summary>
    private List<ulong> Entries()
    {
        var entries = new List<ulong>(SyscallTable.Count);
        if (_multiplexed)
        {
            _multiplexers[Socketcall] = SyscallTable.Find("socketcall");
            _multiplexers[Ipc] = SyscallTable.Find("ipc");
        }
        for (int i = 0; i < SyscallTable.Count; i++)
        {
            if (profile.FirstRule(i) < 0 && (!_multiplexed || !_multiplexers.AsSpan().Contains(i)))
                continue;
            if (SyscallTable.Number(architecture, i) is { } number)
                entries.Add(((ulong)number << 32) | (uint)i);
            if (withX32 && SyscallTable.Number(SyscallArchitecture.X32, i) is { } x32)
                entries.Add(((ulong)x32 << 32) | (uint)i);
        }
        CollectionsMarshal.AsSpan(entries).Sort();
        if (architecture is SyscallArchitecture.S390 or SyscallArchitecture.S390x && !SeccompVerdict.IsPermissive(profile.DefaultVerdict))
        {
            // Number 0 is what the kernel leaves when the large number it was given in a register is one it does not know.
            _ground.Insert(0, new Range(0, Outcome.Of(SeccompVerdict.NoSuchCall)));
            _ground[1] = new Range(1, _ground[1].Outcome);
        }
        return entries;
    }

    private Outcome OutcomeOf(int syscall, uint number)
    {
        int rule = profile.FirstRule(syscall);
        if (rule >= 0 && profile.Unconditional(rule) is { } verdict)
            return Outcome.Of(verdict);
        if (_multiplexed && _multiplexers.AsSpan().Contains(syscall))
            return Outcome.ByArguments(syscall, wide: false, multiplexer: true);
        bool wide = number < X32Bit && SyscallArchitectures.HasWideArguments(architecture);
        return Outcome.ByArguments(syscall, wide, multiplexer: false);
    }

    private void Fill(ulong from, ulong to)
    {
        for (int i = 0; i < _ground.Count; i++)
        {
            ulong end = i + 1 < _ground.Count ? _ground[i + 1].Start : PastLast;
            ulong start = Math.Max(from, _ground[i].Start);
            if (start < Math.Min(to, end))
                Push(new Range((uint)start, _ground[i].Outcome));
        }
    }

    private void Push(Range range)
    {
        if (_ranges.Count == 0 || _ranges[^1].Outcome != range.Outcome)
            _ranges.Add(range);
    }

    private int Tree(int from, int to)
    {
        if (to - from == 1)
            return Leaf(_ranges[from].Outcome);
        int middle = (from + to) >>> 1;
        int upper = Tree(middle, to);
        int lower = Tree(from, middle);
        return assembler.Compare(BpfInstruction.JumpGreaterOrEqual, _ranges[middle].Start, upper, lower);
    }

    private int Leaf(Outcome outcome)
    {
        if (outcome.Verdict is { } verdict)
            return assembler.Return(verdict);
        int otherwise = assembler.Return(profile.DefaultVerdict);
        if (outcome.Multiplexer)
            otherwise = MultiplexedCalls(outcome.Syscall == _multiplexers[Ipc], otherwise);
        int rule = profile.FirstRule(outcome.Syscall);
        return rule < 0 ? otherwise : Chain(rule, outcome.Wide, otherwise);
    }

    private int Chain(int number, bool wide, int otherwise)
    {
        SeccompProfile.Rule rule = profile.RuleAt(number);
        if (rule.Next >= 0)
            otherwise = Chain(rule.Next, wide, otherwise);
        int matched = assembler.Return(rule.Verdict);
        for (int i = rule.Conditions - 1; i >= 0; i--)
            matched = profile.ConditionAt(rule.FirstCondition + i).Emit(assembler, wide, _littleEndian, matched, otherwise);
        return matched;
    }

    /// <summary>
    /// The rules of calls that arrive by socketcall(2) or ipc(2), whose own arguments lie in memory that a filter cannot read. A conditional
    /// rule counts as if it matched when it is stricter than the default, and as if it did not when it is laxer: what cannot be
    /// seen is never let through. ipc(2) has a version in the upper half of its first argument, which the kernel cuts off as we do.
    /// </summary>
    private int MultiplexedCalls(bool ipc, int otherwise)
    {
        foreach (SeccompProfile.MultiplexedCall call in CollectionsMarshal.AsSpan(profile.Multiplexed))
        {
            if (call.Ipc != ipc)
                continue;
            uint verdict = Strictest(profile.FirstRule(call.Syscall));
            if (verdict == profile.DefaultVerdict)
                continue;
            var condition = new SeccompCondition(0, SeccompOperator.MaskedEqual, ipc ? ushort.MaxValue : uint.MaxValue, call.Number);
            otherwise = condition.Emit(assembler, wide: false, _littleEndian, assembler.Return(verdict), otherwise);
        }
        return otherwise;
    }

    private uint Strictest(int number)
    {
        if (profile.Unconditional(number) is { } only)
            return only;
        uint verdict = profile.DefaultVerdict;
        for (; number >= 0; number = profile.RuleAt(number).Next)
            verdict = SeccompVerdict.Stricter(verdict, profile.RuleAt(number).Verdict);
        return verdict;
    }

    /// <summary>The outcome of all numbers from one on, up to the next range.</summary>
    private readonly record struct Range(uint Start, Outcome Outcome);

    /// <summary>A verdict, or the rules of a call that look at its arguments.</summary>
    private readonly record struct Outcome(uint? Verdict, int Syscall, bool Wide, bool Multiplexer)
    {
        public static Outcome Of(uint verdict) => new(verdict, -1, false, false);

        public static Outcome ByArguments(int syscall, bool wide, bool multiplexer) => new(null, syscall, wide, multiplexer);
    }
}
