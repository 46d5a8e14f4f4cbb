namespace Sampan.Oci;

/// <summary>A container's state, as <c>state</c> prints it and hooks read it (runtime-spec runtime.md, State).</summary>
public sealed class State : SpecObject, IJsonObject<State>
{
    /// <summary>The version of the specification that the state follows.</summary>
    public string OciVersion { get; set; } = "";

    /// <summary>The container's id.</summary>
    public string Id { get; set; } = "";

    /// <summary>
    /// <c>creating</c>, <c>created</c>, <c>running</c> or <c>stopped</c>; a runtime may add others, such as <c>paused</c>.
    /// </summary>
    public string Status { get; set; } = "";

    /// <summary>The first process as the host numbers it; 0 (left out) when there is none.</summary>
    public int Pid { get; set; }

    /// <summary>The absolute path of the bundle.</summary>
    public string Bundle { get; set; } = "";

    /// <summary>The container's annotations.</summary>
    public Dictionary<string, string>? Annotations { get; set; }

    /// <summary>Reads a state from UTF-8 JSON.</summary>
    /// <param name="json">The whole document, at most 16 MiB.</param>
    /// <param name="document">What the document is called in messages.</param>
    /// <exception cref="SpecException">The text is not JSON, or a member has a wrong type or is out of range.</exception>
    public static State Parse(ReadOnlySpan<byte> json, string document = "state") => JsonInput.Parse<State>(json, document);

    /// <inheritdoc/>
    public override void Write(JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("ociVersion"u8, OciVersion);
        writer.WriteString("id"u8, Id);
        writer.WriteString("status"u8, Status);
        writer.Number("pid"u8, Pid == 0 ? null : Pid);
        writer.WriteString("bundle"u8, Bundle);
        writer.TextMap("annotations"u8, Annotations);
        writer.WriteEndObject();
    }

    static State IJsonObject<State>.Read(ref JsonInput json)
    {
        var read = new State();
        while (json.NextMember())
        {
            if (json.Is("ociVersion"u8))
                read.OciVersion = json.Text() ?? "";
            else if (json.Is("id"u8))
                read.Id = json.Text() ?? "";
            else if (json.Is("status"u8))
                read.Status = json.Text() ?? "";
            else if (json.Is("pid"u8))
                read.Pid = json.Int32(int.MinValue, int.MaxValue) ?? 0;
            else if (json.Is("bundle"u8))
                read.Bundle = json.Text() ?? "";
            else if (json.Is("annotations"u8))
                read.Annotations = json.Annotations();
            else
                json.Skip();
        }
        return read;
    }
}
