using System.CommandLine;
using Sampan.Command.CommandLine;
using Sampan.Engine;
using Sampan.Oci;
using Sampan.Storage.Layers;

namespace Sampan.Command.Commands.Files;

/// <summary><c>sampan diff</c>.</summary>
internal static class DiffCommand
{
    public static System.CommandLine.Command Create()
    {
        var name = new Argument<string>("CONTAINER");
        var command = new System.CommandLine.Command("diff", "List what a container has changed in its image's files") { name };
        command.SetAction(parsed =>
        {
            using ContainerEngine engine = GlobalOptions.Engine(parsed);
            foreach (FileChange change in ContainerEngine.Changes(engine.Store.Find(parsed.GetValue(name)!)))
                Output.Line($"{change.Kind.ToString()[0]} {Printable.Escape(change.Path)}");
            return 0;
        });
        return command;
    }
}
