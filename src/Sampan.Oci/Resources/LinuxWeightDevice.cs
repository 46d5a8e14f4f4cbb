namespace Sampan.Oci;

/// <summary>A weight for one block device.</summary>
public sealed class LinuxWeightDevice : SpecObject, IJsonObject<LinuxWeightDevice>
{
    /// <summary>The device's major number.</summary>
    public long Major { get; set; }

    /// <summary>The device's minor number.</summary>
    public long Minor { get; set; }

    /// <summary>The weight against other groups, 10 to 1000.</summary>
    public ushort? Weight { get; set; }

    /// <summary>The weight of the group's tasks against its own descendants, 10 to 1000 (CFQ only).</summary>
    public ushort? LeafWeight { get; set; }

    /// <inheritdoc/>
    public override void Write(JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteNumber("major"u8, Major);
        writer.WriteNumber("minor"u8, Minor);
        writer.Number("weight"u8, Weight);
        writer.Number("leafWeight"u8, LeafWeight);
        writer.WriteEndObject();
    }

    static LinuxWeightDevice IJsonObject<LinuxWeightDevice>.Read(ref JsonInput json)
    {
        var read = new LinuxWeightDevice();
        while (json.NextMember())
        {
            if (json.Is("major"u8))
                read.Major = json.Int64() ?? 0;
            else if (json.Is("minor"u8))
                read.Minor = json.Int64() ?? 0;
            else if (json.Is("weight"u8))
                read.Weight = json.UInt16();
            else if (json.Is("leafWeight"u8))
                read.LeafWeight = json.UInt16();
            else
                json.Skip();
        }
        return read;
    }
}
