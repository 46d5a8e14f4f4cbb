using CsCheck;
using Sampan.Kernel.Seccomp;
using Sampan.Oci;
using Sampan.Runtime.Seccomp;

namespace Sampan.Tests.Unit.Runtime.Seccomp;

/// <summary>
/// Random profiles, compiled and then judged for every number of every architecture: as <see cref="SeccompModel"/> judges them, and as
/// libseccomp's filter does, except in five things, of which the first four are left out of the comparison with libseccomp:
/// numbers newer than the profile's newest give ENOSYS here (what runc patches into libseccomp's filter);
/// several conditional rules for one call: libseccomp 2.5.4 puts them into one tree by argument and does not come back from a branch that fails,
/// and some combinations keep seccomp_rule_add_array busy for ever;
/// a mask whose low half is empty where arguments have 32 bits: libseccomp takes the rule for one without conditions;
/// socketcall(2) and ipc(2) for calls with conditions, where libseccomp drops the condition and we judge strictly;
/// and a condition that holds and that libseccomp's filter misses, in one of some hundred profiles (for instance epoll_create1 with argument 0 LE 2, called
/// with 0, on AARCH64 beside two other architectures). It is the one difference that is let pass, and only where the call has one rule, its conditions hold
/// as written, and libseccomp gives the default action in its place.
/// </summary>
public class SeccompOracleTests
{
    private static readonly string[] _architectures =
    [
        "SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32", "SCMP_ARCH_ARM", "SCMP_ARCH_AARCH64", "SCMP_ARCH_MIPSEL", "SCMP_ARCH_MIPSEL64",
        "SCMP_ARCH_MIPSEL64N32", "SCMP_ARCH_PPC64LE", "SCMP_ARCH_RISCV64",
    ];

    private static readonly string[] _operators =
        ["SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE", "SCMP_CMP_EQ", "SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_MASKED_EQ"];

    private static readonly (string Action, uint? Errno)[] _actions =
    [
        ("SCMP_ACT_KILL", null), ("SCMP_ACT_KILL_PROCESS", null), ("SCMP_ACT_TRAP", null), ("SCMP_ACT_ERRNO", null), ("SCMP_ACT_ERRNO", 13),
        ("SCMP_ACT_TRACE", 7), ("SCMP_ACT_LOG", null), ("SCMP_ACT_ALLOW", null),
    ];

    private static readonly ulong[] _values =
        [0, 1, 2, 38, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 0x1_0000_0001, 0x7e020000, 0xffffffff00000000, ulong.MaxValue];

    private static readonly string[] _names = LibSeccomp.IsThere
        ? [.. Enumerable.Range(0, SyscallTable.Count).Select(SyscallTable.Name).Where(IsKnownToBoth)]
        : ["read"];

    private static readonly Gen<LinuxSeccompArg> _arg = Gen.Select(
        Gen.UInt[0, 5], Pick(_operators), Pick(_values), Pick(_values),
        (index, op, value, two) => new LinuxSeccompArg { Index = index, Op = op, Value = op == "SCMP_CMP_MASKED_EQ" && (uint)value == 0 ? value | 1 : value, ValueTwo = two });

    private static readonly Gen<LinuxSyscall> _rule = Gen.Select(
        Gen.Int[0, _names.Length - 1].Array[1, 40], Pick(_actions), Gen.Frequency((3, Gen.Const(Array.Empty<LinuxSeccompArg>())), (2, _arg.Array[1, 3])),
        (names, action, args) => new LinuxSyscall
        {
            Names = [.. names.Distinct().Select(i => _names[i])],
            Action = action.Action,
            ErrnoRet = action.Errno,
            Args = args.Length == 0 ? null : [.. args],
        });

    private static readonly Gen<LinuxSeccomp> _profile = Gen.Select(
        Pick(_actions), _rule.Array[0, 9], Pick(_architectures).Array[0, 3],
        (action, rules, architectures) => new LinuxSeccomp
        {
            DefaultAction = action.Action,
            DefaultErrnoRet = action.Errno,
            Architectures = [.. architectures.Distinct()],
            Syscalls = [.. rules],
        });

    [Fact]
    public void RandomProfilesJudgeAsWritten() => _profile.Sample(profile => Judge(profile, null), iter: 60, threads: 1, print: Print);

    /// <summary>The same profiles each time, in which libseccomp misses nothing: every verdict is compared.</summary>
    [Fact]
    public void ChosenProfilesJudgeAsLibseccompDoes()
    {
        Assert.SkipUnless(LibSeccomp.IsThere, "libseccomp2 is not installed");
        var random = new PCG(1, 2026);
        int compared = 0;
        for (int i = 0; i < 60; i++)
            compared += Compare(_profile.Select(WithOneConditionalRuleForEachCall).Generate(random, null, out _), missed: null) ? 1 : 0;
        Assert.InRange(compared, 20, 60);
    }

    /// <summary>Other profiles each time: every verdict is compared but those where libseccomp misses a condition that holds, and they stay few.</summary>
    [Fact]
    public void RandomProfilesJudgeAsLibseccompDoes()
    {
        Assert.SkipUnless(LibSeccomp.IsThere, "libseccomp2 is not installed");
        int compared = 0;
        var profilesWithMisses = new List<string>();
        _profile.Select(WithOneConditionalRuleForEachCall).Sample(
            profile =>
            {
                List<string> missed = [];
                compared += Compare(profile, missed) ? 1 : 0;
                if (missed.Count > 0)
                    profilesWithMisses.Add($"{missed[0]} {Print(profile)}");
            },
            iter: 60,
            threads: 1,
            print: Print);
        Assert.InRange(compared, 20, 60);
        Assert.True(profilesWithMisses.Count <= 6, string.Join('\n', profilesWithMisses));
    }

    private static bool Compare(LinuxSeccomp profile, List<string>? missed)
    {
        byte[]? theirs = LibSeccomp.Compile(profile);
        Judge(profile, theirs is null ? null : new BpfMachine(theirs), missed);
        return theirs is not null;
    }

    private static string Print(LinuxSeccomp profile) => System.Text.Encoding.UTF8.GetString(profile.ToJson(indented: false));

    private static LinuxSeccomp WithOneConditionalRuleForEachCall(LinuxSeccomp profile)
    {
        var conditional = new HashSet<string>();
        foreach (LinuxSyscall rule in profile.Syscalls!.Where(rule => rule.Args is not null))
        {
            rule.Args = [.. rule.Args!.DistinctBy(arg => arg.Index)];
            rule.Names = [.. rule.Names!.Where(conditional.Add)];
        }
        _ = profile.Syscalls!.RemoveAll(rule => rule.Names!.Count == 0);
        return profile;
    }

    /// <summary>
    /// Whether libseccomp has the call on each architecture where we do (version 2.5.4 ends with Linux 5.17, and takes the one of two PowerPC calls for
    /// the other).
    /// </summary>
    private static bool IsKnownToBoth(string name)
    {
        if (LibSeccomp.Number("SCMP_ARCH_X86_64", name) == -1 || name is "sys_debug_setcontext" or "switch_endian")
            return false;
        int index = SyscallTable.Find(name);
        return _architectures.All(architecture => SyscallTable.Number(SyscallArchitectures.Parse(architecture)!.Value, index) is null
            || LibSeccomp.Number(architecture, name) >= 0
            || SyscallTable.MultiplexedNumber(name, out _) != 0);
    }

    private static Gen<T> Pick<T>(T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    /// <summary>Null for a profile that is refused because its filter would be longer than the kernel takes: a large one can be.</summary>
    private static BpfMachine? Compile(LinuxSeccomp profile)
    {
        try
        {
            return new BpfMachine(SeccompCompiler.Compile(profile).Instructions);
        }
        catch (SpecException tooLong) when (tooLong.Message.Contains("4096 instructions", StringComparison.Ordinal) && profile.Syscalls!.Sum(rule => rule.Names!.Count) > 100)
        {
            return null;
        }
    }

    private static void Judge(LinuxSeccomp profile, BpfMachine? theirs, List<string>? missed = null)
    {
        if (Compile(profile) is not { } ours)
            return;
        var model = new SeccompModel(profile);
        var random = new Random(profile.Syscalls!.Count);
        foreach (uint audit in _architectures.Select(name => SyscallArchitectures.AuditNumber(SyscallArchitectures.Parse(name)!.Value)).Distinct())
        {
            foreach (uint number in Numbers())
            {
                List<LinuxSyscall> rules = model.Rules(audit, number);
                bool isMultiplexer = IsMultiplexer(audit, number);
                bool comparable = theirs is not null && rules.Count <= 1 && !(isMultiplexer && HasHiddenConditions(profile));
                for (int i = rules.Exists(rule => rule.Args is not null) ? 20 : 1; i > 0; i--)
                {
                    ulong[] args = [.. Enumerable.Range(0, 6).Select(_ => Value(random))];
                    uint found = ours.Run(audit, number, args);
                    uint modelled = model.Judge(audit, number, args);
                    string what = $"architecture 0x{audit:x}, number {number}, ({string.Join(", ", args.Select(a => $"0x{a:x}"))}): ";
                    Assert.True(isMultiplexer || modelled == found, $"{what}expected 0x{modelled:x}, found 0x{found:x}");
                    if (!comparable || !(isMultiplexer || modelled != (0x00050000u | 38)))
                        continue;
                    uint judged = theirs!.Run(audit, number, args);
                    bool isMissed = judged != found && rules is [{ Args: not null }] && found == modelled && judged == SeccompModel.Verdict(profile.DefaultAction, profile.DefaultErrnoRet);
                    if (isMissed && missed is not null)
                        missed.Add(what);
                    else
                        Assert.True(judged == found, $"{what}libseccomp 0x{judged:x}, found 0x{found:x}: {Print(profile)}");
                }
            }
        }
    }

    private static bool IsMultiplexer(uint audit, uint number) =>
        (audit, number) is (0x40000003, 102 or 117) or (0xc0000015, 102 or 117) or (0x40000008, 4102 or 4117);

    private static bool HasHiddenConditions(LinuxSeccomp profile) => profile.Syscalls!.Exists(
        rule => rule.Args is not null && rule.Names!.Exists(name => name is "socketcall" or "ipc" || SyscallTable.MultiplexedNumber(name, out _) != 0));

    private static ulong Value(Random random) => random.Next(3) switch
    {
        0 => (ulong)random.Next(26),
        1 => _values[random.Next(_values.Length)],
        _ => _values[random.Next(_values.Length)] + (ulong)random.Next(-1, 2),
    };

    private static IEnumerable<uint> Numbers()
    {
        foreach ((uint from, uint count) in new (uint, uint)[] { (0, 560), (3999, 500), (4999, 500), (5999, 500), (0x0f0000, 8), (0x3fffffff, 570), (0x7fffffff, 2), (0xfffffffe, 2) })
        {
            for (uint i = 0; i < count; i++)
                yield return from + i;
        }
    }
}
