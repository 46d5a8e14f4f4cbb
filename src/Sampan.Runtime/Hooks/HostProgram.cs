using System.Text;
using Sampan.Kernel;
using Sampan.Kernel.Children;
using Sampan.Runtime.Launch;

namespace Sampan.Runtime.Hooks;

/// <summary>How a program of the host ended.</summary>
/// <param name="Status">Its exit status; null where it was killed for running too long.</param>
/// <param name="Output">What it wrote to stdout and stderr, at most 4 KiB of it.</param>
/// <param name="Problem">Why it could not be started, or null.</param>
internal readonly record struct HostProgramResult(ExitStatus? Status, string Output, string? Problem)
{
    /// <summary>Whether it ran and exited with 0.</summary>
    public bool Succeeded => Problem is null && Status is { ShellCode: 0 };

    /// <summary>A part of a sentence: what happened, and what it said.</summary>
    public string Describe()
    {
        string how = Problem ?? (Status is { } status ? (status.Kind == ExitKind.Exited ? $"exit status {status.Code}" : $"killed by signal {status.Code}") : "it ran too long and was killed");
        return Output.Length == 0 ? how : $"{how}, output: {Output}";
    }
}

/// <summary>Runs a program on the host, with an environment that is given and not inherited, and waits for it within a limit of time. It dies with who runs it.</summary>
internal static class HostProgram
{
    private const int MaxOutput = 4096;

    /// <summary>The path of a program in the directories where the host's administrator installs programs; the caller's PATH does not count.</summary>
    public static string? Find(string name)
    {
        foreach (string directory in (ReadOnlySpan<string>)["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"])
        {
            if (File.Exists($"{directory}/{name}"))
                return $"{directory}/{name}";
        }
        return null;
    }

    /// <summary>Runs a program with <paramref name="input"/> on its stdin.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="arguments">Its arguments, the name first.</param>
    /// <param name="environment">All of its environment.</param>
    /// <param name="input">What it reads.</param>
    /// <param name="limit">How long it may run; it is killed then. <see cref="Timeout.InfiniteTimeSpan"/> for as long as it likes.</param>
    public static HostProgramResult Run(string path, IReadOnlyList<string> arguments, IReadOnlyList<string> environment, ReadOnlySpan<byte> input, TimeSpan limit)
    {
        using var context = new ChildContext();
        using FileDescriptor stdin = Syscalls.MemFdCreate("sampan-stdin");
        using FileDescriptor output = Syscalls.MemFdCreate("sampan-output");
        if (!input.IsEmpty)
            Syscalls.WriteAll(stdin, input);
        Syscalls.Seek(stdin, 0);
        ChildProgram program = context.Program;
        program.ResetSignals();
        // Nobody else would hold it to its limit of time, or undo what it does.
        program.DieWithParent(true);
        program.DuplicateTo("set stdin", stdin, 0);
        program.DuplicateTo("set stdout", output, 1);
        program.DuplicateTo("set stderr", output, 2);
        _ = program.CloseOnExecFrom(3);
        _ = program.ExecVe($"execute {path}", program.Text(path), program.TextArray(arguments), program.TextArray(environment));
        ChildProcess child = ChildProcess.Start(program, CloneFlags.None, context.Child);
        using FileDescriptor pidFd = child.PidFd;
        context.CloseInherited();
        ChildReport report = ChildReport.Read(context.Runtime);
        string? problem = report.Kind == ChildReportKind.Failed ? $"{program.Describe(report.Point)}: {KernelException.Describe((Errno)report.Value)}" : null;
        bool ended = Syscalls.Poll(pidFd, PollEvents.In, limit == Timeout.InfiniteTimeSpan ? -1 : (int)limit.TotalMilliseconds) != 0;
        if (!ended)
            _ = Syscalls.TryPidFdSendSignal(pidFd, 9);
        ExitStatus? status = Syscalls.WaitId(pidFd);
        return new HostProgramResult(ended ? status : null, ReadOutput(output), problem);
    }

    private static string ReadOutput(FileDescriptor output)
    {
        byte[] bytes = new byte[MaxOutput];
        int length = Syscalls.PRead(output, bytes, 0);
        return Encoding.UTF8.GetString(bytes, 0, length).Trim();
    }
}
