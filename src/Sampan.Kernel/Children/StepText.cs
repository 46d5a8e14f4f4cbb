using System.Runtime.CompilerServices;

namespace Sampan.Kernel.Children;

/// <summary>
/// What an operation is for, as the middle of an error message: "mount proc at /proc". A program has hundreds of operations, of which none fails as a
/// rule, so the pieces of an interpolated text are kept as they are and put together by <see cref="ToString"/>.
/// </summary>
[InterpolatedStringHandler]
public struct StepText
{
    private string? _first, _second, _third, _fourth, _fifth;

    /// <summary>A text from the compiler's pieces.</summary>
    /// <param name="literalLength">How many characters of it are fixed.</param>
    /// <param name="formattedCount">How many values are put in.</param>
    public StepText(int literalLength, int formattedCount)
    {
    }

    /// <summary>A text that is whole already.</summary>
    public static implicit operator StepText(string text) => new() { _first = text };

    /// <summary>Adds a fixed piece.</summary>
    public void AppendLiteral(string text) => Append(text);

    /// <summary>Adds a text.</summary>
    public void AppendFormatted(string? text) => Append(text ?? "");

    /// <summary>Adds a value as its text.</summary>
    public void AppendFormatted<T>(T value) => Append(value?.ToString() ?? "");

    /// <summary>The whole text.</summary>
    public override readonly string ToString() => string.Concat(string.Concat(_first, _second, _third), _fourth, _fifth);

    private void Append(string text)
    {
        if (_first is null)
            _first = text;
        else if (_second is null)
            _second = text;
        else if (_third is null)
            _third = text;
        else if (_fourth is null)
            _fourth = text;
        else
            _fifth += text;
    }
}
