namespace Sampan.RuntimeCommand.CommandLine;

/// <summary>What an option takes.</summary>
public enum OptionKind
{
    /// <summary>Nothing, or <c>=true</c> / <c>=false</c>.</summary>
    Flag,

    /// <summary>One text; the last one given counts.</summary>
    Text,

    /// <summary>One whole number; the last one given counts.</summary>
    Number,

    /// <summary>A text each time it is given; all count.</summary>
    List,
}

/// <summary>One option of a command, as data: the parser and the help text are made from it.</summary>
/// <param name="Name">The long name without dashes.</param>
/// <param name="Kind">What it takes.</param>
/// <param name="Usage">One line for the help text; lines after a line break are printed as they are.</param>
/// <param name="Short">The one-letter name, or null.</param>
/// <param name="Default">What the help text prints as the default, or null.</param>
public sealed record Option(string Name, OptionKind Kind, string Usage, string? Short = null, string? Default = null)
{
    /// <summary>True where <paramref name="name"/>, without dashes, means this option.</summary>
    public bool IsNamed(ReadOnlySpan<char> name) => name.SequenceEqual(Name) || (Short is not null && name.SequenceEqual(Short));
}
