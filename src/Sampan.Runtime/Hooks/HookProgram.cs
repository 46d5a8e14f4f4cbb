using Sampan.Kernel;
using Sampan.Kernel.Children;
using Sampan.Oci;
using Sampan.Runtime.Launch;

namespace Sampan.Runtime.Hooks;

/// <summary>
/// Compiles hooks that the container's own process runs: createContainer, in the container's namespaces with the host's root, and startContainer, in
/// the finished container (config.md, "POSIX-platform Hooks"). Each is a child of the process, reads the state on its stdin, and is killed when its
/// time is over; one that fails ends the container.
/// </summary>
internal sealed class HookProgram(ChildContext context, FileDescriptor state, FileDescriptor output)
{
    private readonly ChildProgram _program = context.Program;

    public void Add(IReadOnlyList<Hook>? hooks, string kind)
    {
        for (int i = 0; i < (hooks?.Count ?? 0); i++)
            AddOne(hooks![i], $"{kind} hook {i} ({hooks[i].Path})");
    }

    private void AddOne(Hook hook, string what)
    {
        nint pidFdAt = _program.Buffer(8);
        ChildRegister pid = _program.NewRegister();
        ChildRegister pidFd = _program.NewRegister();
        ChildLabel child = _program.NewLabel();
        ChildLabel done = _program.NewLabel();
        _ = _program.CloneChild($"clone for the {what}", pidFdAt).Into(pid);
        _program.JumpIf(pid, ChildComparison.Equal, 0, child);
        _program.Load(pidFd, pidFdAt, 4);
        Wait(pidFd, hook, what);
        _ = _program.Close(pidFd);
        _program.Jump(done);
        _program.Mark(child);
        Execute(hook, what);
        _program.Mark(done);
    }

    private void Wait(ChildRegister pidFd, Hook hook, string what)
    {
        ChildRegister ready = _program.NewRegister();
        ChildLabel ended = _program.NewLabel();
        nint poll = _program.Value(new PollEntry(0, 1, 0));
        _program.Store(poll, 4, pidFd);
        nint limit = hook.Timeout is > 0 and int seconds ? _program.Value(new TimeSpec(seconds, 0)) : 0;
        _ = _program.Call($"wait for the {what}", SyscallNumbers.ppoll, poll, 1, limit).Into(ready);
        _program.JumpIf(ready, ChildComparison.NotEqual, 0, ended);
        _ = _program.Call($"kill the {what}", SyscallNumbers.pidfd_send_signal, pidFd, 9).IgnoreAll();
        _program.Fail($"run the {what}: it did not end within {hook.Timeout} s and was killed", Errno.ETIME);
        _program.Mark(ended);
        nint information = _program.Buffer(128);
        ChildRegister code = _program.NewRegister();
        ChildLabel failed = _program.NewLabel();
        ChildLabel succeeded = _program.NewLabel();
        _ = _program.Call($"wait for the {what}", SyscallNumbers.waitid, 3, pidFd, information, 4);
        _program.Load(code, information + 8, 4); // si_code: CLD_EXITED
        _program.JumpIf(code, ChildComparison.NotEqual, 1, failed);
        _program.Load(code, information + 24, 4); // si_status
        _program.JumpIf(code, ChildComparison.Equal, 0, succeeded);
        _program.Mark(failed);
        _program.Fail($"run the {what}: it failed", Errno.ECHILD);
        _program.Mark(succeeded);
    }

    private void Execute(Hook hook, string what)
    {
        _program.SetDumpable(true);
        _program.DuplicateTo($"give the {what} the state", state, 0);
        _ = _program.Call($"rewind the state for the {what}", SyscallNumbers.lseek, 0, 0, 0);
        _program.DuplicateTo($"collect the output of the {what}", output, 1);
        _program.DuplicateTo($"collect the output of the {what}", output, 2);
        IReadOnlyList<string> arguments = hook.Args is { Count: > 0 } given ? given : [hook.Path];
        _ = _program.ExecVe($"execute the {what}", _program.Text(hook.Path), _program.TextArray(arguments), _program.TextArray(hook.Env ?? []));
    }

    private readonly record struct PollEntry(int File, short Events, short Returned);

    private readonly record struct TimeSpec(long Seconds, long Nanoseconds);
}
