using System.Globalization;
using Sampan.Oci;
using Tomlyn.Syntax;

namespace Sampan.Engine.Settings;

/// <summary>One key of the settings, its value, and where it stands.</summary>
/// <param name="Path">The key's parts, the tables' names first.</param>
/// <param name="Value">The value as it was written.</param>
/// <param name="File">The file.</param>
/// <param name="Line">The line, counted from 1.</param>
internal sealed record Setting(string[] Path, ValueSyntax Value, string File, int Line)
{
    /// <summary>The key as a user writes it.</summary>
    public string Key => Join(Path);

    /// <summary>Parts of a key as TOML joins them.</summary>
    public static string Join(IEnumerable<string> path) =>
        string.Join('.', path.Select(static part => part.Length > 0 && part.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') ? part : $"\"{Printable.Excerpt(part, 80)}\""));

    /// <summary>A text.</summary>
    public string Text() => Value is StringValueSyntax { Value: { } text } ? text : throw Wrong("a text in quotes");

    /// <summary>A list of texts.</summary>
    public IReadOnlyList<string> Texts() => Value is ArraySyntax list
        ? [.. list.Items.Select(item => item.Value is StringValueSyntax { Value: { } text } ? text : throw Wrong("a list of texts in quotes"))]
        : throw Wrong("a list of texts in quotes");

    /// <summary>A file's path; one that is not absolute is taken from the settings' directory.</summary>
    public string FilePath() => Absolute(Text());

    /// <summary>A list of paths.</summary>
    public IReadOnlyList<string> FilePaths() => [.. Texts().Select(Absolute)];

    /// <summary>True or false.</summary>
    public bool Flag() => Value is BooleanValueSyntax flag ? flag.Value : throw Wrong("true or false");

    /// <summary>A whole number.</summary>
    public long Number(long least, long most) => Value is IntegerValueSyntax number && number.Value >= least && number.Value <= most
        ? number.Value
        : throw Wrong(string.Create(CultureInfo.InvariantCulture, $"a whole number from {least} to {most}"));

    /// <summary>A time in seconds, whole or not.</summary>
    public TimeSpan Seconds(double least, double most)
    {
        double? seconds = Value switch
        {
            IntegerValueSyntax whole => whole.Value,
            FloatValueSyntax number => number.Value,
            _ => null,
        };
        return seconds >= least && seconds <= most ? TimeSpan.FromSeconds(seconds.Value) : throw Wrong(string.Create(CultureInfo.InvariantCulture, $"a number of seconds from {least} to {most}"));
    }

    /// <summary>One of some words.</summary>
    public T Choice<T>(params ReadOnlySpan<(string Word, T Meaning)> choices)
    {
        string text = Value is StringValueSyntax { Value: { } given } ? given : "";
        foreach ((string word, T meaning) in choices)
        {
            if (word == text)
                return meaning;
        }
        var words = new List<string>();
        foreach ((string word, _) in choices)
            words.Add($"\"{word}\"");
        throw Wrong(string.Join(", ", words[..^1]) + " or " + words[^1]);
    }

    /// <summary>The error for a value that is not what it must be.</summary>
    public EngineException Wrong(string expected) =>
        new(ErrorKind.InvalidArgument, $"{File}:{Line}: {Key} must be {expected}, and is {Printable.Excerpt(Value.ToString().Trim(), 80)}");

    /// <summary>The error for a key that there is not.</summary>
    public EngineException Unknown(string others) => new(ErrorKind.InvalidArgument, $"{File}:{Line}: there is no setting {Key}; {others}");

    private string Absolute(string path) => System.IO.Path.Combine(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(File))!, path);
}
