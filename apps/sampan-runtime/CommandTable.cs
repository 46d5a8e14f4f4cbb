using Sampan.RuntimeCommand.CommandLine;
using Sampan.RuntimeCommand.Commands;

namespace Sampan.RuntimeCommand;

/// <summary>The commands there are. Only the one that is called is built.</summary>
internal static class CommandTable
{
    private static readonly string[] s_names =
    [
        "checkpoint", "create", "delete", "events", "exec", "features", "kill", "list", "pause", "ps", "restore", "resume", "run", "spec", "start", "state",
        "update",
    ];

    public static List<Command> All()
    {
        var commands = new List<Command>();
        foreach (string name in s_names)
            commands.Add(Find(name)!);
        return commands;
    }

    public static Command? Find(string name) => name switch
    {
        "checkpoint" => CheckpointCommand.Checkpoint(),
        "create" => CreateCommand.Describe(),
        "delete" => DeleteCommand.Describe(),
        "events" => EventsCommand.Describe(),
        "exec" => ExecCommand.Describe(),
        "features" => FeaturesCommand.Describe(),
        "kill" => KillCommand.Describe(),
        "list" => ListCommand.Describe(),
        "pause" => PauseCommand.Describe(),
        "ps" => PsCommand.Describe(),
        "restore" => CheckpointCommand.Restore(),
        "resume" => ResumeCommand.Describe(),
        "run" => RunCommand.Describe(),
        "spec" => SpecCommand.Describe(),
        "start" => StartCommand.Describe(),
        "state" => StateCommand.Describe(),
        "update" => UpdateCommand.Describe(),
        _ => null,
    };
}
