namespace Sampan.Oci;

/// <summary>An image's configuration: how to run it and of which layers it is made (image-spec config.md).</summary>
public sealed class ImageConfig : SpecObject, IJsonObject<ImageConfig>
{
    /// <summary>When it was made, as RFC 3339 writes it.</summary>
    public string? Created { get; set; }

    /// <summary>Who made it.</summary>
    public string? Author { get; set; }

    /// <summary>The processor as Go names it.</summary>
    public string Architecture { get; set; } = "";

    /// <summary>The operating system as Go names it.</summary>
    public string Os { get; set; } = "";

    /// <summary>The version of the operating system.</summary>
    public string? OsVersion { get; set; }

    /// <summary>Features of the operating system that are needed.</summary>
    public List<string>? OsFeatures { get; set; }

    /// <summary>The variant of the processor.</summary>
    public string? Variant { get; set; }

    /// <summary>How to run it.</summary>
    public ImageExecution? Config { get; set; }

    /// <summary>The layers.</summary>
    public ImageRootFs RootFs { get; set; } = new();

    /// <summary>How each layer came to be.</summary>
    public List<ImageHistory>? History { get; set; }

    /// <summary>Reads an image's configuration from UTF-8 JSON.</summary>
    /// <param name="json">The whole document, at most 16 MiB.</param>
    /// <param name="document">What the document is called in messages.</param>
    /// <exception cref="SpecException">The text is not JSON, or a member has a wrong type or is out of range.</exception>
    public static ImageConfig Parse(ReadOnlySpan<byte> json, string document = "image configuration") => JsonInput.Parse<ImageConfig>(json, document);

    /// <inheritdoc/>
    public override void Write(JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.Text("created"u8, Created);
        writer.Text("author"u8, Author);
        writer.WriteString("architecture"u8, Architecture);
        writer.WriteString("os"u8, Os);
        writer.Text("os.version"u8, OsVersion);
        writer.Texts("os.features"u8, OsFeatures);
        writer.Text("variant"u8, Variant);
        writer.Object("config"u8, Config);
        writer.Object("rootfs"u8, RootFs);
        writer.Objects("history"u8, History);
        writer.WriteEndObject();
    }

    static ImageConfig IJsonObject<ImageConfig>.Read(ref JsonInput json)
    {
        var read = new ImageConfig();
        while (json.NextMember())
        {
            if (json.Is("created"u8))
                read.Created = json.Text();
            else if (json.Is("author"u8))
                read.Author = json.Text();
            else if (json.Is("architecture"u8))
                read.Architecture = json.Text() ?? "";
            else if (json.Is("os"u8))
                read.Os = json.Text() ?? "";
            else if (json.Is("os.version"u8))
                read.OsVersion = json.Text();
            else if (json.Is("os.features"u8))
                read.OsFeatures = json.Texts();
            else if (json.Is("variant"u8))
                read.Variant = json.Text();
            else if (json.Is("config"u8))
                read.Config = json.Object<ImageExecution>();
            else if (json.Is("rootfs"u8))
                read.RootFs = json.Object<ImageRootFs>() ?? new ImageRootFs();
            else if (json.Is("history"u8))
                read.History = json.Objects<ImageHistory>();
            else
                json.Skip();
        }
        return read;
    }
}
