using System.Globalization;

namespace Sampan.RuntimeCommand.CommandLine;

/// <summary>
/// The grammar of Go's flag package, which runc's callers use: <c>-name</c> and <c>--name</c> are the same, a value follows after <c>=</c>
/// or as the next argument, a flag takes only <c>=value</c>, <c>--</c> ends the options. As in runc, options that a command knows may also
/// come after its arguments, unless the command says that it stops at the first.
/// </summary>
public static class ArgumentParser
{
    /// <summary>Reads options and arguments.</summary>
    /// <param name="args">The words to read.</param>
    /// <param name="known">The options there are; <c>--help</c> and <c>-h</c> come on top.</param>
    /// <param name="stopsAtFirstArgument">Whether everything after the first argument is an argument, even if it looks like an option.</param>
    /// <param name="arguments">What is no option.</param>
    /// <exception cref="UsageException">An option is unknown, lacks its value, or has a bad one.</exception>
    public static ParsedOptions Parse(IReadOnlyList<string> args, Option[] known, bool stopsAtFirstArgument, out List<string> arguments)
    {
        var parsed = new ParsedOptions();
        arguments = [];
        int position = 0;
        for (; position < args.Count; position++)
        {
            string arg = args[position];
            if (arg == "--")
            {
                position++;
                break;
            }

            bool looksLikeOption = arg.Length > 1 && arg[0] == '-';
            if (looksLikeOption && (arguments.Count == 0 || IsKnown(arg, known)))
                position = ReadOption(args, position, known, parsed);
            else if (stopsAtFirstArgument)
                break;
            else
                arguments.Add(arg);
        }

        for (; position < args.Count; position++)
            arguments.Add(args[position]);
        return parsed;
    }

    private static bool IsKnown(string arg, Option[] known)
    {
        SplitName(arg, out ReadOnlySpan<char> name, out _);
        foreach (Option option in known)
        {
            if (option.IsNamed(name))
                return true;
        }

        return name is "help" or "h";
    }

    private static void SplitName(string arg, out ReadOnlySpan<char> name, out string? value)
    {
        ReadOnlySpan<char> text = arg.AsSpan(arg.StartsWith("--", StringComparison.Ordinal) ? 2 : 1);
        int equals = text.IndexOf('=');
        name = equals < 0 ? text : text[..equals];
        value = equals < 0 ? null : text[(equals + 1)..].ToString();
    }

    /// <summary>Reads the option at <paramref name="position"/>; returns the position of its last word.</summary>
    private static int ReadOption(IReadOnlyList<string> args, int position, Option[] known, ParsedOptions parsed)
    {
        SplitName(args[position], out ReadOnlySpan<char> name, out string? value);
        if (name.Length == 0 || name[0] is '-' or '=')
            throw new UsageException($"bad flag syntax: {args[position]}");
        Option option = Find(known, name) ?? throw new UsageException($"flag provided but not defined: -{name}");
        if (option.Kind == OptionKind.Flag)
        {
            parsed.Add(option, value is null ? "true" : ReadBoolean(value, name));
            return position;
        }

        if (value is null)
        {
            if (++position == args.Count)
                throw new UsageException($"flag needs an argument: -{name}");
            value = args[position];
        }

        if (option.Kind == OptionKind.Number && !long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
            throw BadValue(value, name);
        parsed.Add(option, value);
        return position;
    }

    private static Option? Find(Option[] known, ReadOnlySpan<char> name)
    {
        foreach (Option option in known)
        {
            if (option.IsNamed(name))
                return option;
        }

        return name is "help" or "h" ? HelpText.HelpOption : null;
    }

    private static string ReadBoolean(string value, ReadOnlySpan<char> name) => value switch
    {
        "1" or "t" or "T" or "true" or "TRUE" or "True" => "true",
        "0" or "f" or "F" or "false" or "FALSE" or "False" => "false",
        _ => throw new UsageException($"invalid boolean value \"{value}\" for -{name}: parse error"),
    };

    private static UsageException BadValue(string value, ReadOnlySpan<char> name) => new($"invalid value \"{value}\" for flag -{name}: parse error");
}
