using System.CommandLine;
using Sampan.Command.CommandLine;
using Sampan.Engine;
using Sampan.Engine.Containers;
using Sampan.Kernel;
using Sampan.Oci;

namespace Sampan.Command.Commands;

/// <summary><c>sampan ps</c>.</summary>
internal static class PsCommand
{
    private const int CommandWidth = 20;

    private static readonly string[] s_head = ["CONTAINER ID", "IMAGE", "COMMAND", "CREATED", "STATUS", "PORTS", "NAMES"];

    private static readonly Option<bool> s_all = new("--all", "-a") { Description = "those that do not run, too" };
    private static readonly Option<bool> s_quiet = new("--quiet", "-q") { Description = "ids alone" };
    private static readonly Option<bool> s_whole = new("--no-trunc") { Description = "do not shorten" };

    public static System.CommandLine.Command Create()
    {
        var command = new System.CommandLine.Command("ps", "List containers") { s_all, s_quiet, s_whole };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        ContainerEngine engine = GlobalOptions.Engine(parsed);
        bool all = parsed.GetValue(s_all), quiet = parsed.GetValue(s_quiet), whole = parsed.GetValue(s_whole);
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        var rows = new List<string[]>();
        foreach (StoredContainer container in engine.Store.List())
        {
            if (StateOf(container) is not { } state || (!all && state.Status != ContainerStatus.Running))
                continue;
            ContainerRecord record = container.Record;
            string id = whole ? record.Id : record.ShortId;
            rows.Add(quiet ? [id] : [id, Printable.Escape(record.Image), $"\"{CommandOf(record, whole)}\"", $"{Duration.Describe(now - record.Created)} ago", record.IsDamaged ? "Damaged (rm -f removes it)" : StatusOf(state, now), "", record.Name]);
        }
        Output.Write(quiet ? string.Concat(rows.Select(static row => row[0] + "\n")) : Table.Of(s_head, rows));
        return 0;
    }

    private static ContainerState? StateOf(StoredContainer container)
    {
        try
        {
            return container.State();
        }
        catch (KernelException)
        {
            return null; // removed while the list was made
        }
    }

    private static string CommandOf(ContainerRecord record, bool whole)
    {
        string command = Printable.Escape(string.Join(' ', record.Command));
        return whole || command.Length <= CommandWidth ? command : command[..(CommandWidth - 1)] + "…";
    }

    private static string StatusOf(ContainerState state, DateTimeOffset now) => state.Status switch
    {
        ContainerStatus.Running => $"Up {Duration.Describe(now - (state.Started ?? now))}{(state.MonitorLost ? " (monitor lost: rm -f cleans up)" : "")}",
        ContainerStatus.Exited when state.MonitorLost => "Exited (unknown: monitor lost)",
        ContainerStatus.Exited => $"Exited ({state.ExitCode}) {Duration.Describe(now - (state.Finished ?? now))} ago",
        _ => "Created",
    };
}
