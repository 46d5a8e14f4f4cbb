using System.CommandLine;
using Sampan.Command.CommandLine;
using Sampan.Engine;
using Sampan.Engine.Containers;

namespace Sampan.Command.Commands;

/// <summary><c>sampan inspect</c>.</summary>
internal static class InspectCommand
{
    private static readonly Argument<string[]> s_containers = new("CONTAINER") { Arity = ArgumentArity.OneOrMore };

    public static System.CommandLine.Command Create()
    {
        var command = new System.CommandLine.Command("inspect", "Print all that is known of containers, as JSON") { s_containers };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        ContainerEngine engine = GlobalOptions.Engine(parsed);
        var found = new List<StoredContainer>();
        int result = ContainerLoop.ForEach(engine, parsed.GetValue(s_containers)!, found.Add, print: false);
        Output.Write(Output.Out, InspectReport.Of(found));
        Output.Write("\n");
        return result;
    }
}
