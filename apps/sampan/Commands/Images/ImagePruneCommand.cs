using System.CommandLine;
using Sampan.Command.CommandLine;
using Sampan.Engine;
using Sampan.Images;
using Sampan.Oci;

namespace Sampan.Command.Commands.Images;

/// <summary><c>sampan image prune</c>.</summary>
internal static class ImagePruneCommand
{
    public static System.CommandLine.Command Create()
    {
        var all = new Option<bool>("--all", "-a") { Description = "every image that no container uses, not only those without a name" };
        var force = new Option<bool>("--force", "-f") { Description = "do not ask" };
        var filters = new Option<string[]>("--filter") { Description = "until=TIME, label=KEY[=VALUE], label!=…", HelpName = "FILTER" };
        var command = new System.CommandLine.Command("prune", "Remove images that nobody uses") { all, force, filters };
        command.SetAction(parsed =>
        {
            using ContainerEngine engine = GlobalOptions.Engine(parsed);
            bool isAll = parsed.GetValue(all);
            ImageFilter filter = ImageFilter.Parse(engine.Images, parsed.GetValue(filters) ?? []);
            string question = isAll ? "This removes all images that no container uses." : "This removes all images without a name that no container uses.";
            if (!parsed.GetValue(force) && !Confirmation.Ask(question))
                return 1;
            ImageRemoval removal = engine.PruneImages(isAll, filter.Matches);
            Print(removal);
            Output.Line($"Total reclaimed space: {Quantity.Bytes(removal.Bytes)}");
            return 0;
        });
        return command;
    }

    /// <summary>Lists what was taken away, as Docker does; nothing where it was nothing.</summary>
    public static void Print(ImageRemoval removal)
    {
        if (removal.Untagged.Count + removal.Deleted.Count == 0)
            return;
        Output.Line("Deleted Images:");
        foreach (string name in removal.Untagged)
            Output.Line($"untagged: {name}");
        foreach (Digest digest in removal.Deleted)
            Output.Line($"deleted: {digest}");
        Output.Line("");
    }
}
