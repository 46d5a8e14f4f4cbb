namespace Sampan.Oci;

/// <summary>What a runtime can do with resctrl.</summary>
public sealed class FeaturesIntelRdt : SpecObject, IJsonObject<FeaturesIntelRdt>
{
    /// <summary>Whether it can at all.</summary>
    public bool? Enabled { get; set; }

    /// <summary>Whether <c>linux.intelRdt.schemata</c> is implemented.</summary>
    public bool? Schemata { get; set; }

    /// <summary>Whether <c>linux.intelRdt.enableMonitoring</c> is implemented.</summary>
    public bool? Monitoring { get; set; }

    /// <inheritdoc/>
    public override void Write(JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.Flag("enabled"u8, Enabled);
        writer.Flag("schemata"u8, Schemata);
        writer.Flag("monitoring"u8, Monitoring);
        writer.WriteEndObject();
    }

    static FeaturesIntelRdt IJsonObject<FeaturesIntelRdt>.Read(ref JsonInput json)
    {
        var read = new FeaturesIntelRdt();
        while (json.NextMember())
        {
            if (json.Is("enabled"u8))
                read.Enabled = json.Flag();
            else if (json.Is("schemata"u8))
                read.Schemata = json.Flag();
            else if (json.Is("monitoring"u8))
                read.Monitoring = json.Flag();
            else
                json.Skip();
        }
        return read;
    }
}
