namespace Sampan.Oci;

/// <summary>Whether a runtime has a feature.</summary>
public sealed class FeaturesEnabled : SpecObject, IJsonObject<FeaturesEnabled>
{
    /// <summary>Whether the runtime has it.</summary>
    public bool? Enabled { get; set; }

    /// <inheritdoc/>
    public override void Write(JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.Flag("enabled"u8, Enabled);
        writer.WriteEndObject();
    }

    static FeaturesEnabled IJsonObject<FeaturesEnabled>.Read(ref JsonInput json)
    {
        var read = new FeaturesEnabled();
        while (json.NextMember())
        {
            if (json.Is("enabled"u8))
                read.Enabled = json.Flag();
            else
                json.Skip();
        }
        return read;
    }
}
