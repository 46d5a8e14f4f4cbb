namespace Sampan.RuntimeCommand.CommandLine;

/// <summary>One command of the command line, as data.</summary>
public sealed class Command
{
    /// <summary>The word that calls it.</summary>
    public required string Name { get; init; }

    /// <summary>One line for the list of commands.</summary>
    public required string Summary { get; init; }

    /// <summary>What the help text prints after the command's name.</summary>
    public required string Arguments { get; init; }

    /// <summary>Further text of the help page.</summary>
    public string Description { get; init; } = "";

    /// <summary>Its options.</summary>
    public Option[] Options { get; init; } = [];

    /// <summary>The fewest arguments besides options.</summary>
    public int LeastArguments { get; init; } = 1;

    /// <summary>The most arguments besides options.</summary>
    public int MostArguments { get; init; } = 1;

    /// <summary>True where everything after the first argument belongs to somebody else: the command of <c>exec</c>, the options of <c>ps</c>.</summary>
    public bool StopsAtFirstArgument { get; init; }

    /// <summary>What it does; returns the exit status.</summary>
    public required Func<Invocation, int> Run { get; init; }
}

/// <summary>One call of a command: the global options, its own, and its arguments.</summary>
/// <param name="Global">What stood before the command's name.</param>
/// <param name="Options">The command's options.</param>
/// <param name="Arguments">What is left besides options.</param>
public sealed record Invocation(GlobalOptions Global, ParsedOptions Options, List<string> Arguments);

/// <summary>The command line is not one that the program understands.</summary>
/// <param name="message">The sentence, in runc's words where runc has some.</param>
public sealed class UsageException(string message) : Exception(message);
