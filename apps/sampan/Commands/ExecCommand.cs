using System.CommandLine;
using Sampan.Command.CommandLine;
using Sampan.Engine;
using Sampan.Kernel;

namespace Sampan.Command.Commands;

/// <summary><c>sampan exec</c>.</summary>
internal static class ExecCommand
{
    private static readonly Option<bool> s_interactive = new("--interactive", "-i") { Description = "keep standard input open" };
    private static readonly Option<bool> s_terminal = new("--tty", "-t") { Description = "give the process a terminal" };
    private static readonly Option<bool> s_detach = new("--detach", "-d") { Description = "leave it running" };
    private static readonly Option<string[]> s_environment = new("--env", "-e") { Description = "set a variable", HelpName = "NAME[=VALUE]" };
    private static readonly Option<string?> s_user = new("--user", "-u") { Description = "the user to run as", HelpName = "USER[:GROUP]" };
    private static readonly Option<string?> s_workdir = new("--workdir", "-w") { Description = "the directory to start in", HelpName = "DIR" };
    private static readonly Argument<string[]> s_words = new("COMMAND") { Description = "CONTAINER COMMAND [ARGUMENT…]" };

    public static System.CommandLine.Command Create()
    {
        var command = new System.CommandLine.Command("exec", "Run a further program in a running container") { s_interactive, s_terminal, s_detach, s_environment, s_user, s_workdir, s_words };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        string[] words = parsed.GetValue(s_words) ?? [];
        if (words.Length < 2)
            throw new CommandLineException("\"exec\" needs a container and a command: sampan exec CONTAINER COMMAND…");
        var options = new ExecOptions
        {
            Command = words[1..],
            Interactive = parsed.GetValue(s_interactive),
            Terminal = parsed.GetValue(s_terminal),
            Detach = parsed.GetValue(s_detach),
            Environment = parsed.GetValue(s_environment) ?? [],
            User = parsed.GetValue(s_user),
            WorkingDirectory = parsed.GetValue(s_workdir),
        };
        if (options is { Terminal: true, Detach: false } && !Syscalls.IsTerminal(Output.In))
            throw new EngineException(ErrorKind.InvalidArgument, "the input is not a terminal; leave out -t");
        ContainerEngine engine = GlobalOptions.Engine(parsed);
        return ExecSession.Run(engine.Exec(engine.Store.Find(words[0]), options));
    }
}
