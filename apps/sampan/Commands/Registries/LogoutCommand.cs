using System.CommandLine;
using Sampan.Command.CommandLine;
using Sampan.Registry;

namespace Sampan.Command.Commands.Registries;

/// <summary><c>sampan logout</c>.</summary>
internal static class LogoutCommand
{
    public static System.CommandLine.Command Create()
    {
        var all = new Option<bool>("--all", "-a") { Description = "of every registry" };
        Option<string?> authFile = LoginCommand.AuthFile();
        var server = new Argument<string?>("SERVER") { Arity = ArgumentArity.ZeroOrOne };
        var command = new System.CommandLine.Command("logout", "Forget who you are to a registry") { all, authFile, server };
        command.SetAction(parsed => Interrupt.Run(async token =>
        {
            using RegistryClient client = GlobalOptions.Registries(parsed, parsed.GetValue(authFile));
            if (parsed.GetValue(all))
            {
                if (parsed.GetValue(server) is not null)
                    throw new CommandLineException("--all takes no SERVER");
                Output.Line(await client.LogoutAllAsync(token).ConfigureAwait(false) ? "Removed login credentials for all registries" : "Not logged in to any registry");
                return 0;
            }
            string registry = LoginCommand.Registry(parsed.GetValue(server), client);
            Output.Line(await client.LogoutAsync(registry, token).ConfigureAwait(false) ? $"Removing login credentials for {registry}" : $"Not logged in to {registry}");
            return 0;
        }));
        return command;
    }
}
