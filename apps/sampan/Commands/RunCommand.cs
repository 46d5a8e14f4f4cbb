using System.CommandLine;
using Sampan.Command.CommandLine;
using Sampan.Engine;
using Sampan.Engine.Containers;

namespace Sampan.Command.Commands;

/// <summary><c>sampan run</c>.</summary>
internal static class RunCommand
{
    public static System.CommandLine.Command Create()
    {
        var options = new RunOptions();
        var command = new System.CommandLine.Command("run", "Make a container of an image and run a program in it");
        options.AddTo(command);
        command.SetAction(parsed => Run(parsed, options));
        return command;
    }

    private static int Run(ParseResult parsed, RunOptions options)
    {
        bool detach = options.IsDetached(parsed);
        ContainerOptions wanted = options.Read(parsed);
        AttachSession.CheckTerminal(wanted, detach);
        ContainerEngine engine = GlobalOptions.Engine(parsed, options.Runtime(parsed));
        using IdFile? idFile = IdFile.Make(options.IdFile(parsed));
        StoredContainer container = engine.Create(wanted);
        idFile?.Write(container.Record.Id);
        using MonitorConnection connection = engine.Launch(container, attach: !detach, input: !detach);
        idFile?.Keep();
        if (detach)
        {
            Output.Line(container.Record.Id);
            return 0;
        }
        return AttachSession.Run(connection, container, wanted.Interactive, forwardSignals: true);
    }
}
