using Sampan.Kernel;
using Sampan.Kernel.Children;
using Sampan.Oci;
using Sampan.Runtime.Launch;

namespace Sampan.Runtime.Hooks;

/// <summary>
/// Compiles hooks that the container's own process runs: createContainer, in the container's namespaces with the host's root, and startContainer, in
/// the finished container (config.md, "POSIX-platform Hooks"). Each is a child of the process, reads the state on its stdin, and is killed when its
/// time is over; one that fails ends the container.
/// <para>
/// A startContainer hook runs as the container's user and under its seccomp filter, as in runc: the filter must allow clone, waitid, dup3, lseek, fcntl and
/// execve, and ppoll and pidfd_send_signal for a hook with a timeout. Its path is the image's, which must not show it the runtime's binary in
/// /proc/self/exe (CVE-2019-5736); so it is executed as the container's program is.
/// </para>
/// </summary>
internal sealed class HookProgram(ChildContext context, FileDescriptor state, FileDescriptor output)
{
    private readonly ChildProgram _program = context.Program;

    /// <summary>Adds hooks.</summary>
    /// <param name="hooks">The hooks, or null.</param>
    /// <param name="kind">Their name in the specification.</param>
    /// <param name="inherited">Whether descriptors may still be open that the hooks must not have; false where they are marked close-on-exec already.</param>
    public void Add(IReadOnlyList<Hook>? hooks, string kind, bool inherited)
    {
        for (int i = 0; i < (hooks?.Count ?? 0); i++)
            AddOne(hooks![i], $"{kind} hook {i} ({hooks[i].Path})", inherited);
    }

    private void AddOne(Hook hook, string what, bool inherited)
    {
        nint pidFdAt = _program.Buffer(8);
        ChildRegister pid = _program.NewRegister();
        ChildRegister pidFd = _program.NewRegister();
        ChildLabel child = _program.NewLabel();
        ChildLabel done = _program.NewLabel();
        _ = _program.CloneChild($"clone for the {what}", pidFdAt).Into(pid);
        _program.JumpIf(pid, ChildComparison.Equal, 0, child);
        _program.Load(pidFd, pidFdAt, 4);
        if (hook.Timeout is > 0 and int seconds)
            WaitAtMost(pidFd, seconds, what);
        Wait(pidFd, what);
        _ = _program.Close(pidFd);
        _program.Jump(done);
        _program.Mark(child);
        Execute(hook, what, inherited);
        _program.Mark(done);
    }

    private void WaitAtMost(ChildRegister pidFd, int seconds, string what)
    {
        ChildRegister ready = _program.NewRegister();
        ChildLabel ended = _program.NewLabel();
        nint poll = _program.Value(new PollEntry(0, 1, 0));
        _program.Store(poll, 4, pidFd);
        _ = _program.Call($"wait for the {what}", SyscallNumbers.ppoll, poll, 1, _program.Value(new TimeSpec(seconds, 0))).Into(ready);
        _program.JumpIf(ready, ChildComparison.NotEqual, 0, ended);
        _ = _program.Call($"kill the {what}", SyscallNumbers.pidfd_send_signal, pidFd, Signal.Kill).IgnoreAll();
        _program.Fail($"error running hook: {what}: it did not end within {seconds} s and was killed", Errno.ETIME);
        _program.Mark(ended);
    }

    private void Wait(ChildRegister pidFd, string what)
    {
        const int ByPidFd = 3, Exited = 4, CodeExited = 1; // P_PIDFD, WEXITED, CLD_EXITED
        nint information = _program.Buffer(128);
        ChildRegister code = _program.NewRegister();
        ChildRegister status = _program.NewRegister();
        ChildLabel exited = _program.NewLabel();
        ChildLabel succeeded = _program.NewLabel();
        _ = _program.Call($"wait for the {what}", SyscallNumbers.waitid, ByPidFd, pidFd, information, Exited);
        _program.Load(code, information + 8, 4); // si_code
        _program.Load(status, information + 24, 4); // si_status
        _program.JumpIf(code, ChildComparison.Equal, CodeExited, exited);
        _program.Fail($"error running hook: {what}{LaunchFailure.Signalled}", status);
        _program.Mark(exited);
        _program.JumpIf(status, ChildComparison.Equal, 0, succeeded);
        _program.Fail($"error running hook: {what}{LaunchFailure.Exited}", status);
        _program.Mark(succeeded);
    }

    private void Execute(Hook hook, string what, bool inherited)
    {
        _program.DuplicateTo($"give the {what} the state", state, 0);
        _ = _program.Call($"rewind the state for the {what}", SyscallNumbers.lseek, 0, 0, 0);
        _program.DuplicateTo($"collect the output of the {what}", output, 1);
        _program.DuplicateTo($"collect the output of the {what}", output, 2);
        if (inherited)
            _ = _program.CloseOnExecFrom(3);
        IReadOnlyList<string> arguments = hook.Args is { Count: > 0 } given ? given : [hook.Path];
        context.AddExecution($"error running hook: {what}", _program.Text(hook.Path), arguments, hook.Env ?? []);
    }

    private readonly record struct PollEntry(int File, short Events, short Returned);

    private readonly record struct TimeSpec(long Seconds, long Nanoseconds);
}
