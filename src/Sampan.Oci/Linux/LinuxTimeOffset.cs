namespace Sampan.Oci;

/// <summary>How far a clock of the time namespace is from the host's (time_namespaces(7)).</summary>
public sealed class LinuxTimeOffset : SpecObject, IJsonObject<LinuxTimeOffset>
{
    /// <summary>Seconds; may be negative.</summary>
    public long Secs { get; set; }

    /// <summary>Nanoseconds on top, below 1,000,000,000.</summary>
    public uint Nanosecs { get; set; }

    /// <inheritdoc/>
    public override void Write(JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.Number("secs"u8, Secs == 0 ? null : Secs);
        writer.Number("nanosecs"u8, Nanosecs == 0 ? null : Nanosecs);
        writer.WriteEndObject();
    }

    static LinuxTimeOffset IJsonObject<LinuxTimeOffset>.Read(ref JsonInput json)
    {
        var read = new LinuxTimeOffset();
        while (json.NextMember())
        {
            if (json.Is("secs"u8))
                read.Secs = json.Int64() ?? 0;
            else if (json.Is("nanosecs"u8))
                read.Nanosecs = json.UInt32() ?? 0;
            else
                json.Skip();
        }
        return read;
    }
}
