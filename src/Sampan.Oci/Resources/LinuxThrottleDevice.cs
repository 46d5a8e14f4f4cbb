namespace Sampan.Oci;

/// <summary>A limit for one block device.</summary>
public sealed class LinuxThrottleDevice : SpecObject, IJsonObject<LinuxThrottleDevice>
{
    /// <summary>The device's major number.</summary>
    public long Major { get; set; }

    /// <summary>The device's minor number.</summary>
    public long Minor { get; set; }

    /// <summary>Bytes or operations a second, as the list it is in says.</summary>
    public ulong Rate { get; set; }

    /// <inheritdoc/>
    public override void Write(JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteNumber("major"u8, Major);
        writer.WriteNumber("minor"u8, Minor);
        writer.WriteNumber("rate"u8, Rate);
        writer.WriteEndObject();
    }

    static LinuxThrottleDevice IJsonObject<LinuxThrottleDevice>.Read(ref JsonInput json)
    {
        var read = new LinuxThrottleDevice();
        while (json.NextMember())
        {
            if (json.Is("major"u8))
                read.Major = json.Int64() ?? 0;
            else if (json.Is("minor"u8))
                read.Minor = json.Int64() ?? 0;
            else if (json.Is("rate"u8))
                read.Rate = json.UInt64() ?? 0;
            else
                json.Skip();
        }
        return read;
    }
}
