using System.CommandLine;
using Sampan.Command.CommandLine;
using Sampan.Engine;
using Sampan.Kernel;
using Sampan.Oci;

namespace Sampan.Command.Commands;

/// <summary><c>sampan kill</c>.</summary>
internal static class KillCommand
{
    private static readonly Option<string?> s_signal = new("--signal", "-s") { Description = "the signal (KILL)", HelpName = "SIGNAL" };
    private static readonly Argument<string[]> s_containers = new("CONTAINER") { Arity = ArgumentArity.OneOrMore };

    public static System.CommandLine.Command Create()
    {
        var command = new System.CommandLine.Command("kill", "Send a signal to containers") { s_signal, s_containers };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        string name = parsed.GetValue(s_signal) ?? "KILL";
        if (!Signal.TryParse(name, out int signal) || signal == 0)
            throw new EngineException(ErrorKind.InvalidArgument, $"there is no signal \"{Printable.Escape(name)}\"");
        ContainerEngine engine = GlobalOptions.Engine(parsed);
        return ContainerLoop.ForEach(engine, parsed.GetValue(s_containers)!, container =>
        {
            if (signal == Signal.Kill)
                engine.Kill(container);
            else
                ContainerEngine.SendSignal(container, signal);
        });
    }
}
