using System.CommandLine;
using Sampan.Command.CommandLine;
using Sampan.Engine;
using Sampan.Engine.Containers;

namespace Sampan.Command.Commands.Files;

/// <summary><c>sampan export</c>.</summary>
internal static class ExportCommand
{
    public static System.CommandLine.Command Create()
    {
        var output = new Option<string?>("--output", "-o") { Description = "write to this file instead of standard output", HelpName = "FILE" };
        var name = new Argument<string>("CONTAINER");
        var command = new System.CommandLine.Command("export", "Write a container's file system as a tar archive") { output, name };
        command.SetAction(parsed =>
        {
            using ContainerEngine engine = GlobalOptions.Engine(parsed);
            StoredContainer container = engine.Store.Find(parsed.GetValue(name)!);
            OutputFile.Write(parsed.GetValue(output), stream =>
            {
                using var buffered = new BufferedStream(stream, 256 * 1024);
                ContainerEngine.Export(container, buffered);
            });
            return 0;
        });
        return command;
    }
}
