using System.CommandLine;
using Sampan.Command.CommandLine;
using Sampan.Engine;
using Sampan.Engine.Containers;
using Sampan.Kernel;

namespace Sampan.Command.Commands;

/// <summary><c>sampan rm</c>.</summary>
internal static class RmCommand
{
    private static readonly Option<bool> s_force = new("--force", "-f") { Description = "kill those that run; an unknown name is no failure" };
    private static readonly Argument<string[]> s_containers = new("CONTAINER") { Arity = ArgumentArity.OneOrMore };

    public static System.CommandLine.Command Create()
    {
        var command = new System.CommandLine.Command("rm", "Remove containers") { s_force, s_containers };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        bool force = parsed.GetValue(s_force);
        ContainerEngine engine = GlobalOptions.Engine(parsed);
        engine.CleanUp();
        int result = 0;
        foreach (string word in parsed.GetValue(s_containers)!)
        {
            try
            {
                StoredContainer container = engine.Store.Find(word, evenDamaged: true);
                engine.Remove(container, force);
                Output.Line(word);
            }
            catch (EngineException error) when (force && error.Kind == ErrorKind.NotFound)
            {
                Output.Error(error.Message); // said, and no failure, as in Docker
            }
            catch (Exception error) when (error is EngineException or KernelException)
            {
                Output.Error(error.Message);
                result = 1;
            }
        }
        return result;
    }
}
