namespace Sampan.Oci;

/// <summary>Which seccomp filters a runtime can make.</summary>
public sealed class FeaturesSeccomp : SpecObject, IJsonObject<FeaturesSeccomp>
{
    /// <summary>Whether it can at all.</summary>
    public bool? Enabled { get; set; }

    /// <summary>The actions that are recognised.</summary>
    public List<string>? Actions { get; set; }

    /// <summary>The operators that are recognised.</summary>
    public List<string>? Operators { get; set; }

    /// <summary>The architectures that are recognised.</summary>
    public List<string>? Archs { get; set; }

    /// <summary>The flags that are recognised.</summary>
    public List<string>? KnownFlags { get; set; }

    /// <summary>The flags that work with this kernel.</summary>
    public List<string>? SupportedFlags { get; set; }

    /// <inheritdoc/>
    public override void Write(JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.Flag("enabled"u8, Enabled);
        writer.Texts("actions"u8, Actions);
        writer.Texts("operators"u8, Operators);
        writer.Texts("archs"u8, Archs);
        writer.Texts("knownFlags"u8, KnownFlags);
        writer.Texts("supportedFlags"u8, SupportedFlags);
        writer.WriteEndObject();
    }

    static FeaturesSeccomp IJsonObject<FeaturesSeccomp>.Read(ref JsonInput json)
    {
        var read = new FeaturesSeccomp();
        while (json.NextMember())
        {
            if (json.Is("enabled"u8))
                read.Enabled = json.Flag();
            else if (json.Is("actions"u8))
                read.Actions = json.Texts();
            else if (json.Is("operators"u8))
                read.Operators = json.Texts();
            else if (json.Is("archs"u8))
                read.Archs = json.Texts();
            else if (json.Is("knownFlags"u8))
                read.KnownFlags = json.Texts();
            else if (json.Is("supportedFlags"u8))
                read.SupportedFlags = json.Texts();
            else
                json.Skip();
        }
        return read;
    }
}
