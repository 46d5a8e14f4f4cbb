namespace Sampan.Oci;

/// <summary>One resource limit (setrlimit(2)).</summary>
public sealed class PosixRlimit : SpecObject, IJsonObject<PosixRlimit>
{
    /// <summary>The resource, for instance <c>RLIMIT_NOFILE</c>.</summary>
    public string Type { get; set; } = "";

    /// <summary>The ceiling of the soft limit; 18446744073709551615 is no limit.</summary>
    public ulong Hard { get; set; }

    /// <summary>The limit in force; 18446744073709551615 is no limit.</summary>
    public ulong Soft { get; set; }

    /// <inheritdoc/>
    public override void Write(JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, Type);
        writer.WriteNumber("hard"u8, Hard);
        writer.WriteNumber("soft"u8, Soft);
        writer.WriteEndObject();
    }

    static PosixRlimit IJsonObject<PosixRlimit>.Read(ref JsonInput json)
    {
        var read = new PosixRlimit();
        while (json.NextMember())
        {
            if (json.Is("type"u8))
                read.Type = json.Text() ?? "";
            else if (json.Is("hard"u8))
                read.Hard = json.UInt64() ?? 0;
            else if (json.Is("soft"u8))
                read.Soft = json.UInt64() ?? 0;
            else
                json.Skip();
        }
        return read;
    }
}
