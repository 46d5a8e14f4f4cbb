namespace Sampan.Oci;

/// <summary>
/// A document that does not follow its specification. The message is one sentence that names the document, the field by its JSON
/// path, what was expected and what was found: <c>config.json: process.args[1] must be a string, found a number</c>.
/// </summary>
public sealed class SpecException : Exception
{
    /// <summary>Makes the exception for a field of a document.</summary>
    /// <param name="document">What the document is called, for instance <c>config.json</c>.</param>
    /// <param name="path">The field's path, for instance <c>process.args[1]</c>; empty for the document as a whole.</param>
    /// <param name="problem">The rest of the sentence, for instance <c>must be a string, found a number</c>.</param>
    public SpecException(string document, string path, string problem)
        : base(path.Length == 0 ? $"{document}: {problem}" : $"{document}: {path} {problem}")
    {
        Document = document;
        Path = path;
    }

    /// <summary>What the document is called.</summary>
    public string Document { get; }

    /// <summary>The JSON path of the field; empty when the document as a whole is meant.</summary>
    public string Path { get; }
}
