using System.CommandLine;
using Sampan.Command.CommandLine;
using Sampan.Engine;
using Sampan.Engine.Containers;

namespace Sampan.Command.Commands;

/// <summary><c>sampan start</c>.</summary>
internal static class StartCommand
{
    private static readonly Option<bool> s_attach = new("--attach", "-a") { Description = "show its output and wait for its end" };
    private static readonly Option<bool> s_interactive = new("--interactive", "-i") { Description = "with -a: feed its standard input" };
    private static readonly Argument<string[]> s_containers = new("CONTAINER") { Arity = ArgumentArity.OneOrMore };

    public static System.CommandLine.Command Create()
    {
        var command = new System.CommandLine.Command("start", "Start containers that have ended or were never started") { s_attach, s_interactive, s_containers };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        string[] words = parsed.GetValue(s_containers)!;
        ContainerEngine engine = GlobalOptions.Engine(parsed);
        if (!parsed.GetValue(s_attach))
            return ContainerLoop.ForEach(engine, words, container => engine.Restart(container, attach: false, input: false).Dispose());
        if (words.Length > 1)
            throw new CommandLineException("start -a takes one container");
        StoredContainer container = engine.Store.Find(words[0]);
        bool input = parsed.GetValue(s_interactive) && container.Record.Interactive;
        using MonitorConnection connection = engine.Restart(container, attach: true, input);
        return AttachSession.Run(connection, container, input, forwardSignals: true);
    }
}
