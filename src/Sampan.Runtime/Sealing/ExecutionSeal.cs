using Sampan.Kernel;
using Sampan.Oci;

namespace Sampan.Runtime.Sealing;

/// <summary>
/// Decides, before anything is made, how the container's program is executed without showing it the runtime's binary: through
/// <see cref="ExecStub"/>, or directly because this program's own file is sealed, by being executed again where it was not.
/// docs/decisions/0011-sealed-self.md has the reasons.
/// </summary>
internal static class ExecutionSeal
{
    private static readonly string[] s_stubCalls = ["fcntl", "execveat", "write", "exit_group"];

    /// <summary>
    /// Returns true where the program is to be executed through the stub. Where neither the stub nor the file is safe, the runtime is executed
    /// again and this does not return.
    /// </summary>
    public static bool Prepare(Process process, LinuxSeccomp? seccomp)
    {
        if (SealedSelf.IsSealed())
            return false;
        if (LetsStubPass(process) && LetsStubPass(seccomp) && ExecStub.CanExecuteMemoryFiles)
            return true;
        SealedSelf.RequireInRuntime();
        return false;
    }

    /// <summary>
    /// True where the program can be executed by the stub as well as by the runtime. Two things are lost in the execution of the stub itself: a label or
    /// profile that is to be taken on at the next execve(2), and capabilities that a user other than root has for this one execve(2) only.
    /// </summary>
    internal static bool LetsStubPass(Process process)
    {
        if (!string.IsNullOrEmpty(process.SelinuxLabel) || process.ApparmorProfile is not (null or "" or "unconfined"))
            return false;
        return process.User.Uid == 0 || process.Capabilities?.Effective is not { } effective
            || !(effective.Contains("CAP_DAC_OVERRIDE") || effective.Contains("CAP_DAC_READ_SEARCH"));
    }

    /// <summary>
    /// True where the filter surely lets the stub's own calls pass: each of them is allowed whatever its arguments, by a rule or by default, and no
    /// rule says otherwise. Doubt counts as no; the other way is slower and just as safe.
    /// </summary>
    internal static bool LetsStubPass(LinuxSeccomp? seccomp)
    {
        if (seccomp is null)
            return true;
        foreach (string call in s_stubCalls)
        {
            bool passes = IsPermissive(seccomp.DefaultAction);
            foreach (LinuxSyscall rule in seccomp.Syscalls ?? [])
            {
                if (rule.Names is null || !rule.Names.Contains(call))
                    continue;
                if (!IsPermissive(rule.Action))
                    return false;
                passes |= rule.Args is not { Count: > 0 };
            }

            if (!passes)
                return false;
        }

        return true;
    }

    private static bool IsPermissive(string action) => action is "SCMP_ACT_ALLOW" or "SCMP_ACT_LOG";
}
