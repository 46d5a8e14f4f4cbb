using System.CommandLine;
using Sampan.Command.CommandLine;
using Sampan.Command.Commands.Images;
using Sampan.Engine;
using Sampan.Images;

namespace Sampan.Command.Commands.Maintenance;

/// <summary><c>sampan system prune</c>.</summary>
internal static class SystemPruneCommand
{
    public static System.CommandLine.Command Create()
    {
        var all = new Option<bool>("--all", "-a") { Description = "every image that no container uses, not only those without a name" };
        var force = new Option<bool>("--force", "-f") { Description = "do not ask" };
        var command = new System.CommandLine.Command("prune", "Remove stopped containers and images that nobody uses") { all, force };
        command.SetAction(parsed =>
        {
            using ContainerEngine engine = GlobalOptions.Engine(parsed);
            bool isAll = parsed.GetValue(all);
            string question = $"This removes all stopped containers, {(isAll ? "all images that no container uses" : "all images without a name")}, and what broken-off commands have left.";
            if (!parsed.GetValue(force) && !Confirmation.Ask(question))
                return 1;
            engine.CleanUp();
            (IReadOnlyList<string> containers, long bytes) = engine.PruneContainers();
            if (containers.Count > 0)
                Output.Line($"Deleted Containers:\n{string.Join('\n', containers)}\n");
            ImageRemoval removal = engine.PruneImages(isAll);
            ImagePruneCommand.Print(removal);
            Output.Line($"Total reclaimed space: {Quantity.Bytes(removal.Bytes + bytes)}");
            return 0;
        });
        return command;
    }
}
