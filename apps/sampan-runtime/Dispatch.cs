using Sampan.Kernel;
using Sampan.Oci;
using Sampan.Runtime;
using Sampan.RuntimeCommand.CommandLine;

namespace Sampan.RuntimeCommand;

/// <summary>From the program's arguments to an exit status: finds the command, runs it, and tells of its failure.</summary>
internal static class Dispatch
{
    public static int Run(string[] args)
    {
        Log log = Log.Default;
        string page = "";
        try
        {
            page = "program";
            ParsedOptions options = ArgumentParser.Parse(args, [.. GlobalOptions.Known, s_version], stopsAtFirstArgument: true, out List<string> words);
            if (options.Flag("version"))
                return Print(ProgramVersion.Text);
            if (words.Count == 0 || options.Flag("help"))
                return Print(ProgramPage());
            GlobalOptions global = GlobalOptions.From(options);
            log = global.Log;
            if (words[0] is "help" or "h")
                return Help(log, words);
            if (CommandTable.Find(words[0]) is not { } command)
                return UnknownCommand(log, words[0]);
            page = command.Name;
            return RunCommand(command, global, words.GetRange(1, words.Count - 1));
        }
        catch (UsageException error)
        {
            Output.Write($"Incorrect Usage: {error.Message}\n\n{(page == "program" ? ProgramPage() : HelpText.OfCommand(CommandTable.Find(page)!))}");
            log.Error(error.Message);
            return 1;
        }
        catch (ReportedException error)
        {
            return error.ExitCode;
        }
        catch (Exception error)
        {
            log.Error(Describe(error));
            return 1;
        }
    }

    /// <summary>The sentence for the user. An exception that is no failure of ours keeps its type, because its message is for programmers.</summary>
    public static string Describe(Exception error) =>
        error is RuntimeException or KernelException or SpecException or ArgumentException or IOException or UnauthorizedAccessException
            ? error.Message
            : $"internal error, please report it: {error.GetType().Name}: {error.Message}";

    private static readonly Option s_version = new("version", OptionKind.Flag, "print the version", "v");

    private static int RunCommand(Command command, GlobalOptions global, List<string> words)
    {
        ParsedOptions options = ArgumentParser.Parse(words, command.Options, command.StopsAtFirstArgument, out List<string> arguments);
        if (options.Flag("help"))
            return Print(HelpText.OfCommand(command));
        if (arguments.Count < command.LeastArguments || arguments.Count > command.MostArguments)
        {
            Output.Write($"Incorrect Usage.\n\n{HelpText.OfCommand(command)}");
            string count = command.LeastArguments == command.MostArguments ? $"exactly {command.LeastArguments}"
                : arguments.Count < command.LeastArguments ? $"a minimum of {command.LeastArguments}" : $"a maximum of {command.MostArguments}";
            global.Log.Error($"sampan-runtime: \"{command.Name}\" requires {count} argument(s)");
            return 1;
        }

        return command.Run(new Invocation(global, options, arguments));
    }

    private static int Help(Log log, List<string> words)
    {
        if (words.Count < 2)
            return Print(ProgramPage());
        return CommandTable.Find(words[1]) is { } command ? Print(HelpText.OfCommand(command)) : UnknownCommand(log, words[1]);
    }

    private static int UnknownCommand(Log log, string name)
    {
        log.Error($"No help topic for '{name}': there is no such command; \"sampan-runtime --help\" lists them");
        return 3;
    }

    private static string ProgramPage() => HelpText.OfProgram(CommandTable.All(), GlobalOptions.Known, ProgramVersion.Number);

    private static int Print(string text)
    {
        Output.Write(text);
        return 0;
    }
}
