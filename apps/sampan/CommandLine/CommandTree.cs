using System.CommandLine;
using Sampan.Command.Commands;
using Sampan.Command.Commands.Files;
using Sampan.Command.Commands.Images;
using Sampan.Command.Commands.Maintenance;
using Sampan.Command.Commands.Registries;

namespace Sampan.Command.CommandLine;

/// <summary>The program's commands and its own options.</summary>
internal static class CommandTree
{
    public static RootCommand Build()
    {
        var root = new RootCommand("Sampan runs containers: no daemon, one engine. IMAGE is a name in a registry, busybox (built in), oci:DIR[:TAG], oci-archive:FILE or docker-archive:FILE.");
        foreach (Option option in GlobalOptions.All)
            root.Options.Add(option);
        root.Subcommands.Add(CommitCommand.Create());
        root.Subcommands.Add(CpCommand.Create());
        root.Subcommands.Add(DiffCommand.Create());
        root.Subcommands.Add(ExecCommand.Create());
        root.Subcommands.Add(ExportCommand.Create());
        root.Subcommands.Add(HistoryCommand.Create());
        root.Subcommands.Add(Group("image", "Images", ImageCommands()));
        root.Subcommands.Add(ImagesCommand.Create());
        root.Subcommands.Add(ImportCommand.Create());
        root.Subcommands.Add(InspectCommand.Create());
        root.Subcommands.Add(KillCommand.Create());
        root.Subcommands.Add(LoadCommand.Create());
        root.Subcommands.Add(LoginCommand.Create());
        root.Subcommands.Add(LogoutCommand.Create());
        root.Subcommands.Add(LogsCommand.Create());
        root.Subcommands.Add(PsCommand.Create());
        root.Subcommands.Add(PullCommand.Create());
        root.Subcommands.Add(PushCommand.Create());
        root.Subcommands.Add(RmCommand.Create());
        root.Subcommands.Add(RmiCommand.Create());
        root.Subcommands.Add(RunCommand.Create());
        root.Subcommands.Add(SaveCommand.Create());
        root.Subcommands.Add(SearchCommand.Create());
        root.Subcommands.Add(StartCommand.Create());
        root.Subcommands.Add(StopCommand.Create());
        root.Subcommands.Add(Group("system", "The root as a whole", SystemDfCommand.Create(), SystemPruneCommand.Create()));
        root.Subcommands.Add(TagCommand.Create());
        root.Subcommands.Add(TreeCommand.Create());
        root.Subcommands.Add(WaitCommand.Create());
        return root;
    }

    private static System.CommandLine.Command[] ImageCommands() =>
    [
        HistoryCommand.Create(), ImportCommand.Create(), InspectCommand.CreateForImages(), ImagesCommand.Create("ls"), LoadCommand.Create(), ImagePruneCommand.Create(), PullCommand.Create(),
        PushCommand.Create(), RmiCommand.Create("rm"), SaveCommand.Create(), TagCommand.Create(), TreeCommand.Create(),
    ];

    /// <summary>A group of commands, as Docker has them beside the short ones.</summary>
    private static System.CommandLine.Command Group(string name, string description, params System.CommandLine.Command[] commands)
    {
        var group = new System.CommandLine.Command(name, description);
        foreach (System.CommandLine.Command command in commands)
            group.Subcommands.Add(command);
        return group;
    }
}
