namespace Sampan.Oci;

/// <summary>A kind of machine (image-spec image-index.md).</summary>
public sealed class Platform : SpecObject, IJsonObject<Platform>
{
    /// <summary>The processor as Go names it, for instance <c>amd64</c>.</summary>
    public string Architecture { get; set; } = "";

    /// <summary>The operating system as Go names it, for instance <c>linux</c>.</summary>
    public string Os { get; set; } = "";

    /// <summary>The version of the operating system.</summary>
    public string? OsVersion { get; set; }

    /// <summary>Features of the operating system that are needed.</summary>
    public List<string>? OsFeatures { get; set; }

    /// <summary>The variant of the processor, for instance <c>v8</c>.</summary>
    public string? Variant { get; set; }

    /// <inheritdoc/>
    public override void Write(JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("architecture"u8, Architecture);
        writer.WriteString("os"u8, Os);
        writer.Text("os.version"u8, OsVersion);
        writer.Texts("os.features"u8, OsFeatures);
        writer.Text("variant"u8, Variant);
        writer.WriteEndObject();
    }

    static Platform IJsonObject<Platform>.Read(ref JsonInput json)
    {
        var read = new Platform();
        while (json.NextMember())
        {
            if (json.Is("architecture"u8))
                read.Architecture = json.Text() ?? "";
            else if (json.Is("os"u8))
                read.Os = json.Text() ?? "";
            else if (json.Is("os.version"u8))
                read.OsVersion = json.Text();
            else if (json.Is("os.features"u8))
                read.OsFeatures = json.Texts();
            else if (json.Is("variant"u8))
                read.Variant = json.Text();
            else
                json.Skip();
        }
        return read;
    }
}
