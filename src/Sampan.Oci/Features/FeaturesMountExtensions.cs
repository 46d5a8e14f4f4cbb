namespace Sampan.Oci;

/// <summary>Which mounts beyond mount(2) a runtime can make.</summary>
public sealed class FeaturesMountExtensions : SpecObject, IJsonObject<FeaturesMountExtensions>
{
    /// <summary>Id-mapped mounts.</summary>
    public FeaturesEnabled? IdMap { get; set; }

    /// <inheritdoc/>
    public override void Write(JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.Object("idmap"u8, IdMap);
        writer.WriteEndObject();
    }

    static FeaturesMountExtensions IJsonObject<FeaturesMountExtensions>.Read(ref JsonInput json)
    {
        var read = new FeaturesMountExtensions();
        while (json.NextMember())
        {
            if (json.Is("idmap"u8))
                read.IdMap = json.Object<FeaturesEnabled>();
            else
                json.Skip();
        }
        return read;
    }
}
