namespace Sampan.Oci;

/// <summary>
/// A list of manifests, one for each platform (image-spec image-index.md); also the <c>index.json</c> of a layout, and Docker's manifest
/// list.
/// </summary>
public sealed class ImageIndex : SpecObject, IJsonObject<ImageIndex>
{
    /// <summary>Always 2.</summary>
    public int SchemaVersion { get; set; }

    /// <summary>What the document is.</summary>
    public string? MediaType { get; set; }

    /// <summary>What the content is as an artifact.</summary>
    public string? ArtifactType { get; set; }

    /// <summary>The manifests.</summary>
    public List<Descriptor>? Manifests { get; set; }

    /// <summary>The manifest that this one is about.</summary>
    public Descriptor? Subject { get; set; }

    /// <summary>Free text by key.</summary>
    public Dictionary<string, string>? Annotations { get; set; }

    /// <summary>Reads an image index from UTF-8 JSON.</summary>
    /// <param name="json">The whole document, at most 16 MiB.</param>
    /// <param name="document">What the document is called in messages.</param>
    /// <exception cref="SpecException">The text is not JSON, or a member has a wrong type or is out of range.</exception>
    public static ImageIndex Parse(ReadOnlySpan<byte> json, string document = "index") => JsonInput.Parse<ImageIndex>(json, document);

    /// <inheritdoc/>
    public override void Write(JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteNumber("schemaVersion"u8, SchemaVersion);
        writer.Text("mediaType"u8, MediaType);
        writer.Text("artifactType"u8, ArtifactType);
        writer.Objects("manifests"u8, Manifests);
        writer.Object("subject"u8, Subject);
        writer.TextMap("annotations"u8, Annotations);
        writer.WriteEndObject();
    }

    static ImageIndex IJsonObject<ImageIndex>.Read(ref JsonInput json)
    {
        var read = new ImageIndex();
        while (json.NextMember())
        {
            if (json.Is("schemaVersion"u8))
                read.SchemaVersion = json.Int32(int.MinValue, int.MaxValue) ?? 0;
            else if (json.Is("mediaType"u8))
                read.MediaType = json.Text();
            else if (json.Is("artifactType"u8))
                read.ArtifactType = json.Text();
            else if (json.Is("manifests"u8))
                read.Manifests = json.Objects<Descriptor>();
            else if (json.Is("subject"u8))
                read.Subject = json.Object<Descriptor>();
            else if (json.Is("annotations"u8))
                read.Annotations = json.Annotations();
            else
                json.Skip();
        }
        return read;
    }
}
