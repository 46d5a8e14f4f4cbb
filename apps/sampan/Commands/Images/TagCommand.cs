using System.CommandLine;
using Sampan.Command.CommandLine;
using Sampan.Engine;
using Sampan.Images;

namespace Sampan.Command.Commands.Images;

/// <summary><c>sampan tag</c>.</summary>
internal static class TagCommand
{
    public static System.CommandLine.Command Create()
    {
        var source = new Argument<string>("SOURCE");
        var target = new Argument<string>("TARGET[:TAG]");
        var command = new System.CommandLine.Command("tag", "Give an image one more name") { source, target };
        command.SetAction(parsed =>
        {
            using ContainerEngine engine = GlobalOptions.Engine(parsed);
            engine.Images.Tag(engine.Images.Find(parsed.GetValue(source)!), ImageStore.NewName(parsed.GetValue(target)!));
            return 0;
        });
        return command;
    }
}
