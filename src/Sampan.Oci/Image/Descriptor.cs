namespace Sampan.Oci;

/// <summary>Names a piece of content: what it is, how long, and by which hash (image-spec descriptor.md).</summary>
public sealed class Descriptor : SpecObject, IJsonObject<Descriptor>
{
    /// <summary>What the content is.</summary>
    public string MediaType { get; set; } = "";

    /// <summary>The hash of the content.</summary>
    public Digest Digest { get; set; }

    /// <summary>The length of the content in bytes.</summary>
    public long Size { get; set; }

    /// <summary>Where else the content can be had.</summary>
    public List<string>? Urls { get; set; }

    /// <summary>Free text by key.</summary>
    public Dictionary<string, string>? Annotations { get; set; }

    /// <summary>The content itself in base64.</summary>
    public string? Data { get; set; }

    /// <summary>For which machines the content is.</summary>
    public Platform? Platform { get; set; }

    /// <summary>What the content is as an artifact.</summary>
    public string? ArtifactType { get; set; }

    /// <summary>Reads a descriptor from UTF-8 JSON.</summary>
    /// <param name="json">The whole document, at most 16 MiB.</param>
    /// <param name="document">What the document is called in messages.</param>
    /// <exception cref="SpecException">The text is not JSON, or a member has a wrong type or is out of range.</exception>
    public static Descriptor Parse(ReadOnlySpan<byte> json, string document = "descriptor") => JsonInput.Parse<Descriptor>(json, document);

    /// <inheritdoc/>
    public override void Write(JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("mediaType"u8, MediaType);
        writer.WriteString("digest"u8, Digest.ToString());
        writer.WriteNumber("size"u8, Size);
        writer.Texts("urls"u8, Urls);
        writer.TextMap("annotations"u8, Annotations);
        writer.Text("data"u8, Data);
        writer.Object("platform"u8, Platform);
        writer.Text("artifactType"u8, ArtifactType);
        writer.WriteEndObject();
    }

    static Descriptor IJsonObject<Descriptor>.Read(ref JsonInput json)
    {
        var read = new Descriptor();
        while (json.NextMember())
        {
            if (json.Is("mediaType"u8))
                read.MediaType = json.Text() ?? "";
            else if (json.Is("digest"u8))
                read.Digest = json.Digest();
            else if (json.Is("size"u8))
                read.Size = json.Integer(0, long.MaxValue) ?? 0;
            else if (json.Is("urls"u8))
                read.Urls = json.Texts();
            else if (json.Is("annotations"u8))
                read.Annotations = json.Annotations();
            else if (json.Is("data"u8))
                read.Data = json.Text();
            else if (json.Is("platform"u8))
                read.Platform = json.Object<Platform>();
            else if (json.Is("artifactType"u8))
                read.ArtifactType = json.Text();
            else
                json.Skip();
        }
        if (read.MediaType.Length == 0)
            throw json.Missing("mediaType");
        if (!read.Digest.IsValid)
            throw json.Missing("digest");
        return read;
    }
}
