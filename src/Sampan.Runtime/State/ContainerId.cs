namespace Sampan.Runtime.State;

/// <summary>
/// A container's name, checked before it can become part of a path: 1 to 255 characters of <c>A-Z a-z 0-9 _ + - .</c> (runc's alphabet),
/// and not <c>.</c> or <c>..</c>. The default value is no id: its text is empty and nothing accepts it.
/// </summary>
public readonly record struct ContainerId
{
    private readonly string? _text;

    private ContainerId(string text) => _text = text;

    /// <summary>The id as given.</summary>
    public string Text => _text ?? "";

    /// <summary>Checks an id.</summary>
    /// <exception cref="RuntimeException">The id is empty, too long, or has another character; <see cref="RuntimeErrorKind.InvalidArgument"/>.</exception>
    public static ContainerId Parse(string text)
    {
        if (text.Length == 0)
            throw new RuntimeException("container id cannot be empty", RuntimeErrorKind.InvalidArgument);
        if (!TryParse(text, out ContainerId id))
        {
            throw new RuntimeException(
                "invalid container ID format: an id has 1 to 255 characters, each one of A-Z a-z 0-9 _ + - . , and is not . or ..",
                RuntimeErrorKind.InvalidArgument);
        }

        return id;
    }

    /// <summary>As <see cref="Parse"/>, but false for a text that is no id.</summary>
    public static bool TryParse(string text, out ContainerId id)
    {
        id = default;
        if (text.Length is 0 or > 255 || text is "." or "..")
            return false;
        foreach (char c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '+' or '-' or '.'))
                return false;
        }

        id = new ContainerId(text);
        return true;
    }

    /// <summary>The id as given.</summary>
    public override string ToString() => Text;
}
