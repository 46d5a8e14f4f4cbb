using System.Text;

namespace Sampan.RuntimeCommand.CommandLine;

/// <summary>The help pages, made from the command table.</summary>
public static class HelpText
{
    private const string Program = "sampan-runtime";

    /// <summary><c>--help, -h</c>, which every command has.</summary>
    public static readonly Option HelpOption = new("help", OptionKind.Flag, "show help", "h");

    /// <summary>The page of the program itself.</summary>
    public static string OfProgram(IReadOnlyList<Command> commands, Option[] globalOptions, string version)
    {
        var text = new StringBuilder();
        text.Append("NAME:\n   ").Append(Program).Append(" - the OCI runtime of Sampan\n\n")
            .Append("It makes and runs one container from a bundle: a directory with the OCI specification\nfile \"config.json\" and a root file system. Its command line is runc's.\n\n")
            .Append("    # ").Append(Program).Append(" run [ -b bundle ] <container-id>\n\nUSAGE:\n   ").Append(Program)
            .Append(" [global options] command [command options] [arguments...]\n\nVERSION:\n   ").Append(version).Append("\n\nCOMMANDS:\n");
        int width = 0;
        foreach (Command command in commands)
            width = Math.Max(width, command.Name.Length);
        foreach (Command command in commands)
            text.Append("   ").Append(command.Name.PadRight(width + 2)).Append(command.Summary).Append('\n');
        text.Append("   ").Append("help, h".PadRight(width + 2)).Append("shows a list of commands or help for one command\n\nGLOBAL OPTIONS:\n");
        AppendOptions(text, [.. globalOptions, HelpOption, new Option("version", OptionKind.Flag, "print the version", "v")]);
        return text.ToString();
    }

    /// <summary>The page of one command.</summary>
    public static string OfCommand(Command command)
    {
        var text = new StringBuilder();
        text.Append("NAME:\n   ").Append(Program).Append(' ').Append(command.Name).Append(" - ").Append(command.Summary)
            .Append("\n\nUSAGE:\n   ").Append(Program).Append(' ').Append(command.Name);
        if (command.Options.Length > 0)
            text.Append(" [command options]");
        if (command.Arguments.Length > 0)
            text.Append(' ').Append(command.Arguments);
        text.Append('\n');
        if (command.Description.Length > 0)
            text.Append('\n').Append(command.Description).Append('\n');
        if (command.Options.Length > 0)
        {
            text.Append("\nOPTIONS:\n");
            AppendOptions(text, command.Options);
        }

        return text.ToString();
    }

    private static void AppendOptions(StringBuilder text, Option[] options)
    {
        int width = 0;
        foreach (Option option in options)
            width = Math.Max(width, Names(option).Length);
        foreach (Option option in options)
        {
            text.Append("   ").Append(Names(option).PadRight(width + 2)).Append(option.Usage);
            if (option.Default is not null)
                text.Append(" (default: ").Append(option.Default).Append(')');
            text.Append('\n');
        }
    }

    private static string Names(Option option)
    {
        string value = option.Kind == OptionKind.Flag ? "" : " value";
        return option.Short is null ? $"--{option.Name}{value}" : $"--{option.Name}{value}, -{option.Short}{value}";
    }
}
