using Sampan.Kernel;
using Sampan.Kernel.Children;

namespace Sampan.Runtime.Launch;

/// <summary>
/// The runtime's side of a launch: starts the child, answers it at the points it reports, and turns its failure into a sentence. When anything goes
/// wrong the child is killed and reaped before the exception leaves.
/// </summary>
internal sealed class ChildLaunch(ChildContext context) : IDisposable
{
    private bool _keep;

    /// <summary>The process: the first child, then the sibling that goes on in its place.</summary>
    public ChildProcess Process { get; private set; }

    /// <summary>Starts the child and closes what it has inherited.</summary>
    public void Start(CloneFlags flags, FileDescriptor? cgroup)
    {
        Process = ChildProcess.Start(context.Program, flags, context.Child, cgroup);
        context.CloseInherited();
    }

    /// <summary>
    /// Answers reports until the child says <paramref name="last"/> (it then waits, or has nothing more to say) or, with <see cref="LaunchPoint"/> null,
    /// until it has executed its program.
    /// </summary>
    /// <param name="last">The point to return at.</param>
    /// <param name="onPoint">What the runtime does at the other points; the child goes on when it returns.</param>
    public void Until(LaunchPoint? last, Action<LaunchPoint, int> onPoint)
    {
        while (true)
        {
            ChildReport report = ChildReport.Read(context.Runtime);
            if (report.Kind == ChildReportKind.Failed)
                throw LaunchFailure.From(report, context.Program.Describe(report.Point));
            if (report.Kind == ChildReportKind.End)
            {
                if (last is null)
                    return;
                throw new RuntimeException($"the container's process ended before it was set up ({DescribeEnd()})");
            }
            var point = (LaunchPoint)report.Point;
            if (point == last)
                return;
            if (point == LaunchPoint.Sibling)
                TakeSibling(report.Value);
            onPoint(point, report.Value);
            context.Release();
        }
    }

    /// <summary>From now on the child lives on without the launch.</summary>
    public ChildProcess Keep()
    {
        _keep = true;
        return Process;
    }

    private void TakeSibling(int pid)
    {
        ChildProcess first = Process;
        Process = new ChildProcess(pid, Syscalls.PidFdOpen(pid));
        _ = Syscalls.WaitId(first.PidFd);
        first.PidFd.Dispose();
    }

    private string DescribeEnd()
    {
        ExitStatus? status = Syscalls.WaitId(Process.PidFd);
        return status is not { } end ? "its status is unknown" : end.Kind == ExitKind.Exited ? $"exit status {end.Code}" : $"killed by signal {end.Code}: is the memory limit too small?";
    }

    public void Dispose()
    {
        if (_keep || Process.PidFd is null)
            return;
        _ = Syscalls.TryPidFdSendSignal(Process.PidFd, 9);
        try
        {
            _ = Syscalls.WaitId(Process.PidFd);
        }
        catch (KernelException gone) when (gone.Errno == Errno.ECHILD)
        {
            // It was reaped when its end was described.
        }
        Process.PidFd.Dispose();
    }
}

/// <summary>Turns a child's report into the sentence that a user reads and callers of runc parse.</summary>
internal static class LaunchFailure
{
    /// <summary>How the text of a report ends whose value is an exit status and no error number.</summary>
    public const string Exited = ": exit status";

    /// <summary>How the text of a report ends whose value is the number of a signal.</summary>
    public const string Signalled = ": signal";

    public static RuntimeException From(ChildReport report, string description)
    {
        var errno = (Errno)report.Value;
        string text = report.Text ?? description;
        RuntimeErrorKind kind = RuntimeErrorKind.Failed;
        if (text.StartsWith("exec", StringComparison.Ordinal))
        {
            kind = errno switch
            {
                Errno.ENOENT or Errno.ENOTDIR => RuntimeErrorKind.ExecutableNotFound,
                Errno.EACCES or Errno.ENOEXEC or Errno.EPERM or Errno.EISDIR => RuntimeErrorKind.ExecutableNotAllowed,
                _ => RuntimeErrorKind.Failed,
            };
        }
        string sentence = text.EndsWith("$PATH", StringComparison.Ordinal) ? text
            : text.EndsWith(Exited, StringComparison.Ordinal) ? $"{text} {report.Value}"
            : text.EndsWith(Signalled, StringComparison.Ordinal) ? $"{text}: {Signal.Describe(report.Value)}"
            : $"{text}: {Lower(KernelException.Describe(errno))}";
        return new RuntimeException($"unable to start container process: {sentence}", kind);
    }

    /// <summary>Go's spelling of the error numbers begins with a small letter, and callers of runc search for it.</summary>
    private static string Lower(string text) => text.Length > 1 && char.IsLower(text[1]) ? char.ToLowerInvariant(text[0]) + text[1..] : text;
}
