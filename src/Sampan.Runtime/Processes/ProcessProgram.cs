using Sampan.Kernel;
using Sampan.Kernel.Children;
using Sampan.Oci;
using Sampan.Runtime.Launch;

namespace Sampan.Runtime.Processes;

/// <summary>Compiles what makes a child the process of the configuration, from inside its root to execve(2); <c>create</c> and <c>exec</c> share it.</summary>
internal sealed class ProcessProgram(
    ChildContext context, Process process, Linux? linux, int preserveFds, bool hasUserNamespace, PrivateProcProgram proc)
{
    private readonly ChildProgram _program = context.Program;

    /// <summary>Adds the steps.</summary>
    /// <param name="addWait">Adds what happens when all that can fail early has not failed: the wait for start.</param>
    /// <param name="addHooks">Adds what runs last before the program, with the process's identity and under its seccomp filter; null for nothing.</param>
    public void Add(Action addWait, Action? addHooks = null)
    {
        var executable = new ExecutableProgram(context, process);
        SchedulingProgram.Add(_program, process, linux);
        ChildRegister entered = _program.NewRegister();
        AddWorkingDirectory(mayBeDenied: true, entered);
        executable.AddLookUp();
        addWait();
        proc.WriteLabels(process.ApparmorProfile, process.SelinuxLabel);
        AddRlimits();
        _ = _program.CloseOnExecFrom(3 + preserveFds);
        new ProcessIdentityProgram(_program, process, SeccompPlan.From(linux?.Seccomp), hasUserNamespace)
            .Add(listener => context.Rendezvous(LaunchPoint.SeccompListener, listener));
        // Entered once is enough: the user may have no right to the directory, and the seccomp filter may refuse chdir.
        ChildLabel there = _program.NewLabel();
        _program.JumpIf(entered, ChildComparison.Equal, 0, there);
        AddWorkingDirectory(mayBeDenied: false, entered);
        _program.Mark(there);
        addHooks?.Invoke();
        executable.AddExecution();
    }

    /// <summary>
    /// Enters the working directory, once as root and once as the user, since either may be the one who is allowed to. A directory that is not below the
    /// container's root (an inherited descriptor leads to one: CVE-2024-21626) has no path, and is refused.
    /// </summary>
    private void AddWorkingDirectory(bool mayBeDenied, ChildRegister entered)
    {
        ChildStep enter = _program.ChDir($"chdir to cwd (\"{process.Cwd}\") set in config.json", process.Cwd).Into(entered);
        if (mayBeDenied)
            _ = enter.Ignore(Errno.EACCES);
        const int Size = 4096;
        nint buffer = _program.Buffer(Size);
        ChildRegister first = _program.NewRegister();
        ChildLabel inside = _program.NewLabel();
        _ = _program.Call("look where the working directory is", SyscallNumbers.getcwd, buffer, Size);
        _program.Load(first, buffer, 2, 0xFF);
        _program.JumpIf(first, ChildComparison.Equal, (int)'/', inside);
        _program.Fail($"use the working directory {process.Cwd}: it is outside of the container's root", Errno.EPERM);
        _program.Mark(inside);
    }

    private void AddRlimits()
    {
        foreach (PosixRlimit limit in process.Rlimits ?? [])
        {
            if (!RlimitResources.TryParse(limit.Type, out RlimitResource resource))
                throw new RuntimeException($"process.rlimits: unknown type \"{limit.Type}\"", RuntimeErrorKind.InvalidArgument);
            _ = _program.Call($"set process.rlimits {limit.Type} to {limit.Soft}:{limit.Hard}", SyscallNumbers.prlimit64, 0, (int)resource, _program.Value((limit.Soft, limit.Hard)), 0);
        }
    }
}
