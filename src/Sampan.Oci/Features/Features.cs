namespace Sampan.Oci;

/// <summary>What a runtime can do, whatever the host can (runtime-spec features.md). Absent means unknown, never no.</summary>
public sealed class Features : SpecObject, IJsonObject<Features>
{
    /// <summary>The lowest version of the specification that is recognised, for instance <c>1.0.0</c>.</summary>
    public string? OciVersionMin { get; set; }

    /// <summary>The highest version of the specification that is recognised.</summary>
    public string? OciVersionMax { get; set; }

    /// <summary>The kinds of hooks that are recognised.</summary>
    public List<string>? Hooks { get; set; }

    /// <summary>The mount options that are recognised, without those of file systems.</summary>
    public List<string>? MountOptions { get; set; }

    /// <summary>What only Linux has.</summary>
    public FeaturesLinux? Linux { get; set; }

    /// <summary>Free text by key.</summary>
    public Dictionary<string, string>? Annotations { get; set; }

    /// <summary>Annotations of config.json that can lower the isolation; one that ends with a dot is a prefix.</summary>
    public List<string>? PotentiallyUnsafeConfigAnnotations { get; set; }

    /// <summary>Reads a description of features from UTF-8 JSON.</summary>
    /// <param name="json">The whole document, at most 16 MiB.</param>
    /// <param name="document">What the document is called in messages.</param>
    /// <exception cref="SpecException">The text is not JSON, or a member has a wrong type or is out of range.</exception>
    public static Features Parse(ReadOnlySpan<byte> json, string document = "features") => JsonInput.Parse<Features>(json, document);

    /// <inheritdoc/>
    public override void Write(JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.Text("ociVersionMin"u8, OciVersionMin);
        writer.Text("ociVersionMax"u8, OciVersionMax);
        writer.Texts("hooks"u8, Hooks);
        writer.Texts("mountOptions"u8, MountOptions);
        writer.Object("linux"u8, Linux);
        writer.TextMap("annotations"u8, Annotations);
        writer.Texts("potentiallyUnsafeConfigAnnotations"u8, PotentiallyUnsafeConfigAnnotations);
        writer.WriteEndObject();
    }

    static Features IJsonObject<Features>.Read(ref JsonInput json)
    {
        var read = new Features();
        while (json.NextMember())
        {
            if (json.Is("ociVersionMin"u8))
                read.OciVersionMin = json.Text();
            else if (json.Is("ociVersionMax"u8))
                read.OciVersionMax = json.Text();
            else if (json.Is("hooks"u8))
                read.Hooks = json.Texts();
            else if (json.Is("mountOptions"u8))
                read.MountOptions = json.Texts();
            else if (json.Is("linux"u8))
                read.Linux = json.Object<FeaturesLinux>();
            else if (json.Is("annotations"u8))
                read.Annotations = json.Annotations();
            else if (json.Is("potentiallyUnsafeConfigAnnotations"u8))
                read.PotentiallyUnsafeConfigAnnotations = json.Texts();
            else
                json.Skip();
        }
        return read;
    }
}
