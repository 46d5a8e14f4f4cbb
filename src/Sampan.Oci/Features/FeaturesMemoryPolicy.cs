namespace Sampan.Oci;

/// <summary>Which memory policies a runtime can set.</summary>
public sealed class FeaturesMemoryPolicy : SpecObject, IJsonObject<FeaturesMemoryPolicy>
{
    /// <summary>The modes that are recognised.</summary>
    public List<string>? Modes { get; set; }

    /// <summary>The flags that are recognised.</summary>
    public List<string>? Flags { get; set; }

    /// <inheritdoc/>
    public override void Write(JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.Texts("modes"u8, Modes);
        writer.Texts("flags"u8, Flags);
        writer.WriteEndObject();
    }

    static FeaturesMemoryPolicy IJsonObject<FeaturesMemoryPolicy>.Read(ref JsonInput json)
    {
        var read = new FeaturesMemoryPolicy();
        while (json.NextMember())
        {
            if (json.Is("modes"u8))
                read.Modes = json.Texts();
            else if (json.Is("flags"u8))
                read.Flags = json.Texts();
            else
                json.Skip();
        }
        return read;
    }
}
