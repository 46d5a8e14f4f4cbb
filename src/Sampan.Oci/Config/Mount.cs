namespace Sampan.Oci;

/// <summary>One mount (config.md, Mounts).</summary>
public sealed class Mount : SpecObject, IJsonObject<Mount>
{
    /// <summary>Where it is mounted: a path inside; a relative one counts from the root.</summary>
    public string Destination { get; set; } = "";

    /// <summary>The file system's type; without meaning for bind mounts.</summary>
    public string? Type { get; set; }

    /// <summary>A device, a directory or file (bind mounts; relative to the bundle), or a name without meaning.</summary>
    public string? Source { get; set; }

    /// <summary>Mount options as in mount(8), recursive ones, and those of the file system.</summary>
    public List<string>? Options { get; set; }

    /// <summary>How the owners of the source appear in the mount (an id-mapped mount); goes with <see cref="GidMappings"/>.</summary>
    public List<LinuxIdMapping>? UidMappings { get; set; }

    /// <summary>How the groups of the source appear in the mount; goes with <see cref="UidMappings"/>.</summary>
    public List<LinuxIdMapping>? GidMappings { get; set; }

    /// <inheritdoc/>
    public override void Write(JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("destination"u8, Destination);
        writer.Text("type"u8, Type);
        writer.Text("source"u8, Source);
        writer.Texts("options"u8, Options);
        writer.Objects("uidMappings"u8, UidMappings);
        writer.Objects("gidMappings"u8, GidMappings);
        writer.WriteEndObject();
    }

    static Mount IJsonObject<Mount>.Read(ref JsonInput json)
    {
        var read = new Mount();
        while (json.NextMember())
        {
            if (json.Is("destination"u8))
                read.Destination = json.Text() ?? "";
            else if (json.Is("type"u8))
                read.Type = json.Text();
            else if (json.Is("source"u8))
                read.Source = json.Text();
            else if (json.Is("options"u8))
                read.Options = json.Texts();
            else if (json.Is("uidMappings"u8))
                read.UidMappings = json.Objects<LinuxIdMapping>();
            else if (json.Is("gidMappings"u8))
                read.GidMappings = json.Objects<LinuxIdMapping>();
            else
                json.Skip();
        }
        return read;
    }
}
