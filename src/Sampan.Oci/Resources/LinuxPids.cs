namespace Sampan.Oci;

/// <summary>The number of tasks (config-linux.md, PIDs).</summary>
public sealed class LinuxPids : SpecObject, IJsonObject<LinuxPids>
{
    /// <summary>At most this many; -1 is no limit.</summary>
    public long? Limit { get; set; }

    /// <inheritdoc/>
    public override void Write(JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.Number("limit"u8, Limit);
        writer.WriteEndObject();
    }

    static LinuxPids IJsonObject<LinuxPids>.Read(ref JsonInput json)
    {
        var read = new LinuxPids();
        while (json.NextMember())
        {
            if (json.Is("limit"u8))
                read.Limit = json.Int64();
            else
                json.Skip();
        }
        return read;
    }
}
