using System.CommandLine;
using System.Text;
using Sampan.Command.CommandLine;
using Sampan.Engine;
using Sampan.Engine.Containers;
using Sampan.Kernel;

namespace Sampan.Command.Commands;

/// <summary><c>sampan logs</c>.</summary>
internal static class LogsCommand
{
    private static readonly Option<bool> s_follow = new("--follow", "-f") { Description = "go on until the container ends" };
    private static readonly Option<string?> s_tail = new("--tail", "-n") { Description = "only the last lines, or all", HelpName = "LINES" };
    private static readonly Option<bool> s_times = new("--timestamps", "-t") { Description = "print when each line was written" };
    private static readonly Argument<string> s_container = new("CONTAINER");

    public static System.CommandLine.Command Create()
    {
        var command = new System.CommandLine.Command("logs", "Print what a container has written") { s_follow, s_tail, s_times, s_container };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        string tail = parsed.GetValue(s_tail) ?? "all";
        long lines = tail == "all" ? -1 : Quantities.Whole("--tail", tail, 0, long.MaxValue);
        ContainerEngine engine = GlobalOptions.Engine(parsed);
        StoredContainer container = engine.Store.Find(parsed.GetValue(s_container)!);
        bool follow = parsed.GetValue(s_follow);
        // Connected before the log is read, so that no end is missed.
        using MonitorConnection? monitor = follow ? engine.Connect(container) : null;
        using ContainerLog? log = ContainerLog.Open(container, lines);
        if (log is null)
            return 0;
        using FileDescriptor changes = Syscalls.InotifyInit();
        if (monitor is not null)
            _ = Syscalls.InotifyAddWatch(changes, ContainerLog.PathOf(container), InotifyEvents.Modify);
        bool times = parsed.GetValue(s_times);
        while (Print(log, times) && monitor is not null && Wait(monitor, changes))
        {
        }
        _ = Print(log, times);
        return 0;
    }

    /// <summary>Prints the lines that are there; false when nobody reads them.</summary>
    private static bool Print(ContainerLog log, bool times)
    {
        while (log.Next() is { } line)
        {
            FileDescriptor file = line.IsError ? Output.Err : Output.Out;
            byte[] bytes = times ? [.. Encoding.ASCII.GetBytes(line.Time + " "), .. line.Bytes] : line.Bytes;
            if (!Output.Write(file, bytes))
                return false;
        }
        return true;
    }

    /// <summary>Waits for more lines; false when the container has ended.</summary>
    private static bool Wait(MonitorConnection monitor, FileDescriptor changes)
    {
        Span<PollDescriptor> polled = [new PollDescriptor(changes, PollEvents.In), new PollDescriptor(monitor.Socket, PollEvents.In)];
        _ = Syscalls.Poll(polled, -1);
        if (polled[0].Returned != 0)
            Syscalls.ReadInotify(changes, []);
        return polled[1].Returned == 0 || monitor.Receive() is not (MonitorMessage.Exited or MonitorMessage.None);
    }
}
