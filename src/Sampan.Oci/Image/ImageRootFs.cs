namespace Sampan.Oci;

/// <summary>The layers of an image.</summary>
public sealed class ImageRootFs : SpecObject, IJsonObject<ImageRootFs>
{
    /// <summary>Always <c>layers</c>.</summary>
    public string Type { get; set; } = "";

    /// <summary>The digests of the uncompressed layers, the lowest first.</summary>
    public List<Digest>? DiffIds { get; set; }

    /// <inheritdoc/>
    public override void Write(JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, Type);
        writer.Digests("diff_ids"u8, DiffIds);
        writer.WriteEndObject();
    }

    static ImageRootFs IJsonObject<ImageRootFs>.Read(ref JsonInput json)
    {
        var read = new ImageRootFs();
        while (json.NextMember())
        {
            if (json.Is("type"u8))
                read.Type = json.Text() ?? "";
            else if (json.Is("diff_ids"u8))
                read.DiffIds = json.Digests();
            else
                json.Skip();
        }
        return read;
    }
}
