using System.CommandLine;
using Sampan.Command.CommandLine;
using Sampan.Engine;

namespace Sampan.Command.Commands;

/// <summary><c>sampan stop</c>.</summary>
internal static class StopCommand
{
    private static readonly Option<string?> s_time = new("--time", "-t", "--timeout") { Description = "seconds before it is killed (10), -1 for never", HelpName = "SECONDS" };
    private static readonly Argument<string[]> s_containers = new("CONTAINER") { Arity = ArgumentArity.OneOrMore };

    public static System.CommandLine.Command Create()
    {
        var command = new System.CommandLine.Command("stop", "Ask containers to stop, and kill those that do not") { s_time, s_containers };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        int? seconds = (int?)RunValues.Whole("--time", parsed.GetValue(s_time), -1, int.MaxValue / 1000);
        ContainerEngine engine = GlobalOptions.Engine(parsed);
        return ContainerLoop.ForEach(engine, parsed.GetValue(s_containers)!, container => engine.Stop(container, seconds));
    }
}
