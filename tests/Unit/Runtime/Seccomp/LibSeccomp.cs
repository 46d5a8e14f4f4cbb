using System.Runtime.InteropServices;
using Sampan.Oci;

namespace Sampan.Tests.Unit.Runtime.Seccomp;

/// <summary>libseccomp, as the oracle: the same profile, added rule by rule the way runc does it.</summary>
internal static partial class LibSeccomp
{
    private const string Library = "libseccomp.so.2";

    public static bool IsThere { get; } = NativeLibrary.TryLoad(Library, out _);

    public static uint Token(string architecture) =>
        seccomp_arch_resolve_name(architecture["SCMP_ARCH_".Length..].ToLowerInvariant());

    /// <summary>The number of a call, or a negative number where the architecture has none.</summary>
    public static int Number(string architecture, string name) => seccomp_syscall_resolve_name_arch(Token(architecture), name);

    /// <summary>
    /// The filter, or null when libseccomp refuses the profile, with EEXIST: it does when conditional rules of one call overlap in its tree with
    /// different verdicts, or two calls do in the rule that it makes of them for socketcall(2) or ipc(2).
    /// </summary>
    public static byte[]? Compile(LinuxSeccomp profile)
    {
        uint byDefault = SeccompModel.Verdict(profile.DefaultAction, profile.DefaultErrnoRet);
        nint context = seccomp_init(byDefault);
        try
        {
            foreach (string architecture in profile.Architectures ?? [])
            {
                int added = seccomp_arch_add(context, Token(architecture));
                Assert.True(added is 0 or -17, $"{architecture}: {added}");
            }
            return (profile.Syscalls ?? []).TrueForAll(rule => Add(context, byDefault, rule)) ? Export(context) : null;
        }
        finally
        {
            seccomp_release(context);
        }
    }

    private static bool Add(nint context, uint byDefault, LinuxSyscall rule)
    {
        uint action = SeccompModel.Verdict(rule.Action, rule.ErrnoRet);
        if (action == byDefault)
            return true;
        Comparison[] conditions = [.. (rule.Args ?? []).Select(arg => new Comparison(arg.Index, Operator(arg.Op), arg.Value, arg.ValueTwo))];
        bool repeated = conditions.Select(c => c.Index).Distinct().Count() < conditions.Length;
        foreach (string name in rule.Names!)
        {
            int number = seccomp_syscall_resolve_name(name);
            if (number == -1)
                continue;
            foreach (Comparison[] set in repeated ? conditions.Select(c => new[] { c }) : [conditions])
            {
                int added = seccomp_rule_add_array(context, action, number, (uint)set.Length, set);
                if (added == -17)
                    return false;
                Assert.True(added == 0, $"seccomp_rule_add_array({name}): {added}");
            }
        }
        return true;
    }

    private static byte[] Export(nint context)
    {
        string path = Path.Combine(Path.GetTempPath(), $"sampan-bpf-{Guid.NewGuid():n}");
        try
        {
            using (var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write))
                Assert.Equal(0, seccomp_export_bpf(context, (int)file.DangerousGetHandle()));
            return File.ReadAllBytes(path);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static int Operator(string op) => op switch
    {
        "SCMP_CMP_NE" => 1,
        "SCMP_CMP_LT" => 2,
        "SCMP_CMP_LE" => 3,
        "SCMP_CMP_EQ" => 4,
        "SCMP_CMP_GE" => 5,
        "SCMP_CMP_GT" => 6,
        "SCMP_CMP_MASKED_EQ" => 7,
        _ => throw new ArgumentException(op),
    };

    [StructLayout(LayoutKind.Sequential)]
    internal readonly record struct Comparison(uint Index, int Operator, ulong Value, ulong ValueTwo);

#pragma warning disable SYSLIB1054, CA1838, CA2101 // The test project has no unsafe code, which generated imports would need.
    [DllImport(Library)]
    private static extern nint seccomp_init(uint action);

    [DllImport(Library)]
    private static extern void seccomp_release(nint context);

    [DllImport(Library)]
    private static extern int seccomp_arch_add(nint context, uint token);

    [DllImport(Library)]
    private static extern uint seccomp_arch_resolve_name([MarshalAs(UnmanagedType.LPUTF8Str)] string name);

    [DllImport(Library)]
    private static extern int seccomp_syscall_resolve_name([MarshalAs(UnmanagedType.LPUTF8Str)] string name);

    [DllImport(Library)]
    private static extern int seccomp_syscall_resolve_name_arch(uint token, [MarshalAs(UnmanagedType.LPUTF8Str)] string name);

    [DllImport(Library)]
    private static extern int seccomp_rule_add_array(nint context, uint action, int number, uint count, Comparison[] conditions);

    [DllImport(Library)]
    private static extern int seccomp_export_bpf(nint context, int file);
#pragma warning restore SYSLIB1054, CA1838, CA2101
}
