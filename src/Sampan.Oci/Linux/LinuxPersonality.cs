namespace Sampan.Oci;

/// <summary>The execution domain (config-linux.md, Personality; personality(2)).</summary>
public sealed class LinuxPersonality : SpecObject, IJsonObject<LinuxPersonality>
{
    /// <summary><c>LINUX</c> or <c>LINUX32</c>.</summary>
    public string Domain { get; set; } = "";

    /// <summary>Additional flags; none is defined.</summary>
    public List<string>? Flags { get; set; }

    /// <inheritdoc/>
    public override void Write(JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("domain"u8, Domain);
        writer.Texts("flags"u8, Flags);
        writer.WriteEndObject();
    }

    static LinuxPersonality IJsonObject<LinuxPersonality>.Read(ref JsonInput json)
    {
        var read = new LinuxPersonality();
        while (json.NextMember())
        {
            if (json.Is("domain"u8))
                read.Domain = json.Text() ?? "";
            else if (json.Is("flags"u8))
                read.Flags = json.Texts();
            else
                json.Skip();
        }
        return read;
    }
}
