using System.CommandLine;
using Sampan.Command.Commands;

namespace Sampan.Command.CommandLine;

/// <summary>The program's commands and its own options.</summary>
internal static class CommandTree
{
    public static RootCommand Build()
    {
        var root = new RootCommand("Sampan runs containers: no daemon, one engine. IMAGE is busybox (built in), oci:DIR[:TAG] or docker-archive:FILE.");
        foreach (Option option in GlobalOptions.All)
            root.Options.Add(option);
        root.Subcommands.Add(ExecCommand.Create());
        root.Subcommands.Add(InspectCommand.Create());
        root.Subcommands.Add(KillCommand.Create());
        root.Subcommands.Add(LogsCommand.Create());
        root.Subcommands.Add(PsCommand.Create());
        root.Subcommands.Add(RmCommand.Create());
        root.Subcommands.Add(RunCommand.Create());
        root.Subcommands.Add(StartCommand.Create());
        root.Subcommands.Add(StopCommand.Create());
        root.Subcommands.Add(WaitCommand.Create());
        return root;
    }
}
