using System.CommandLine;
using Sampan.Oci;

namespace Sampan.Command.CommandLine;

/// <summary>The words are not a command line that the program understands.</summary>
internal sealed class CommandLineException(string message) : ArgumentException(message);

/// <summary>
/// Writes a command line in the one form that the parser cannot misread: each option as <c>--name=value</c>, clusters such as <c>-it</c> taken apart,
/// and <c>--</c> before the first argument, so that what follows the image belongs to the container's program (System.CommandLine would go on
/// looking for options there, and take <c>-1</c> for one).
/// </summary>
internal static class Normalizer
{
    private const string Help = "--help";

    public static string[] Normalize(RootCommand root, string[] args, out string? verb)
    {
        var words = new List<string>(args.Length + 8);
        verb = null;
        int i = TakeOptions(root, args, 0, words);
        if (i >= args.Length)
            return words.Contains("--version") ? [.. words] : [.. words, Help];
        if (args[i] == "help")
            args = [.. args[..i], .. args[(i + 1)..], Help];
        if (args[i] == Help)
            return [.. words, Help];
        verb = args[i];
        System.CommandLine.Command command = Find(root.Subcommands, args[i]) ?? throw new CommandLineException($"there is no command \"{Printable.Escape(args[i])}\"; \"sampan --help\" lists them");
        words.Add(args[i]);
        // A group, such as "image": its own command follows.
        while (command.Subcommands.Count > 0 && i + 1 < args.Length && args[i + 1] is not (Help or "-h"))
        {
            i++;
            verb = $"{verb} {args[i]}";
            command = Find(command.Subcommands, args[i]) ?? throw new CommandLineException($"there is no command \"{Printable.Escape(verb)}\"; \"sampan {command.Name} --help\" lists them");
            words.Add(args[i]);
        }
        if (command.Subcommands.Count > 0)
            return [.. words, Help];
        // Where the program's own words follow, the first argument ends the options; elsewhere they may stand anywhere.
        if (command.Arguments.Any(static argument => argument.Name == "COMMAND"))
        {
            i = TakeOptions(command, args, i + 1, words);
            if (i < args.Length)
            {
                words.Add("--");
                words.AddRange(args[(args[i] == "--" ? i + 1 : i)..]);
            }
            return [.. words];
        }
        var arguments = new List<string>();
        for (i++; i < args.Length; i++)
        {
            i = TakeOptions(command, args, i, words);
            if (i < args.Length && args[i] == "--")
            {
                arguments.AddRange(args[(i + 1)..]);
                break;
            }
            if (i < args.Length)
                arguments.Add(args[i]);
        }
        if (arguments.Count > 0)
            words.Add("--");
        words.AddRange(arguments);
        return [.. words];
    }

    /// <summary>Takes the options from <paramref name="start"/> on; returns the place of the first word that is none.</summary>
    private static int TakeOptions(System.CommandLine.Command command, string[] args, int start, List<string> words)
    {
        int i = start;
        while (i < args.Length && args[i].Length > 1 && args[i][0] == '-' && args[i] != "--")
        {
            string word = args[i++];
            if (word is Help or "--version" || (word == "-h" && !command.Options.Any(static option => option.Aliases.Contains("-h"))))
                words.Add(word == "-h" ? Help : word);
            else if (word.StartsWith("--", StringComparison.Ordinal))
                i = TakeLong(command, args, i, word, words);
            else
                i = TakeCluster(command, args, i, word, words);
        }
        return i;
    }

    private static int TakeLong(System.CommandLine.Command command, string[] args, int next, string word, List<string> words)
    {
        int equals = word.IndexOf('=', StringComparison.Ordinal);
        Option option = Find(command, equals < 0 ? word : word[..equals]);
        if (equals >= 0 || IsFlag(option))
        {
            Add(words, option, equals < 0 ? null : word[(equals + 1)..]);
            return next;
        }
        return TakeValue(option, args, next, word, words);
    }

    private static int TakeCluster(System.CommandLine.Command command, string[] args, int next, string word, List<string> words)
    {
        for (int i = 1; i < word.Length; i++)
        {
            Option option = Find(command, $"-{word[i]}");
            if (IsFlag(option) && !(i + 1 < word.Length && word[i + 1] == '='))
            {
                Add(words, option, null);
                continue;
            }
            if (i + 1 == word.Length)
                return TakeValue(option, args, next, $"-{word[i]}", words);
            Add(words, option, word[i + 1] == '=' ? word[(i + 2)..] : word[(i + 1)..]);
            break;
        }
        return next;
    }

    private static int TakeValue(Option option, string[] args, int next, string word, List<string> words)
    {
        if (next >= args.Length)
            throw new CommandLineException($"the option {word} needs a value");
        Add(words, option, args[next]);
        return next + 1;
    }

    /// <summary>Adds an option. Of one that takes a single value the last counts, as in Docker and Podman, whose users have the first in an alias.</summary>
    private static void Add(List<string> words, Option option, string? value)
    {
        if (option.Arity.MaximumNumberOfValues <= 1)
            Remove(words, option);
        words.Add(value is null or "" ? option.Name : $"{option.Name}={value}");
        if (value is "")
            words.Add(""); // "--entrypoint=" would be an option without its value to the parser
    }

    private static void Remove(List<string> words, Option option)
    {
        int given = words.FindIndex(word => word == option.Name || word.StartsWith($"{option.Name}=", StringComparison.Ordinal));
        if (given >= 0)
            words.RemoveRange(given, given + 1 < words.Count && words[given + 1].Length == 0 ? 2 : 1);
    }

    private static System.CommandLine.Command? Find(IList<System.CommandLine.Command> commands, string name) =>
        commands.FirstOrDefault(one => one.Name == name || one.Aliases.Contains(name));

    private static Option Find(System.CommandLine.Command command, string name) =>
        command.Options.FirstOrDefault(option => option.Name == name || option.Aliases.Contains(name))
        ?? throw new CommandLineException($"there is no option {Printable.Escape(name)}; see \"sampan {(command is RootCommand ? "" : command.Name + " ")}--help\"");

    private static bool IsFlag(Option option) => option.ValueType == typeof(bool) || option.Arity.MaximumNumberOfValues == 0;
}
