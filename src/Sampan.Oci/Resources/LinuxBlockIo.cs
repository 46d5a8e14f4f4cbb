namespace Sampan.Oci;

/// <summary>Block input and output (config-linux.md, Block IO).</summary>
public sealed class LinuxBlockIo : SpecObject, IJsonObject<LinuxBlockIo>
{
    /// <summary>The weight against other groups, 10 to 1000.</summary>
    public ushort? Weight { get; set; }

    /// <summary>The weight of the group's tasks against its own descendants, 10 to 1000 (CFQ only).</summary>
    public ushort? LeafWeight { get; set; }

    /// <summary>Weights by device.</summary>
    public List<LinuxWeightDevice>? WeightDevice { get; set; }

    /// <summary>Limits of reading, in bytes a second.</summary>
    public List<LinuxThrottleDevice>? ThrottleReadBpsDevice { get; set; }

    /// <summary>Limits of writing, in bytes a second.</summary>
    public List<LinuxThrottleDevice>? ThrottleWriteBpsDevice { get; set; }

    /// <summary>Limits of reading, in operations a second.</summary>
    public List<LinuxThrottleDevice>? ThrottleReadIopsDevice { get; set; }

    /// <summary>Limits of writing, in operations a second.</summary>
    public List<LinuxThrottleDevice>? ThrottleWriteIopsDevice { get; set; }

    /// <inheritdoc/>
    public override void Write(JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.Number("weight"u8, Weight);
        writer.Number("leafWeight"u8, LeafWeight);
        writer.Objects("weightDevice"u8, WeightDevice);
        writer.Objects("throttleReadBpsDevice"u8, ThrottleReadBpsDevice);
        writer.Objects("throttleWriteBpsDevice"u8, ThrottleWriteBpsDevice);
        writer.Objects("throttleReadIOPSDevice"u8, ThrottleReadIopsDevice);
        writer.Objects("throttleWriteIOPSDevice"u8, ThrottleWriteIopsDevice);
        writer.WriteEndObject();
    }

    static LinuxBlockIo IJsonObject<LinuxBlockIo>.Read(ref JsonInput json)
    {
        var read = new LinuxBlockIo();
        while (json.NextMember())
        {
            if (json.Is("weight"u8))
                read.Weight = json.UInt16();
            else if (json.Is("leafWeight"u8))
                read.LeafWeight = json.UInt16();
            else if (json.Is("weightDevice"u8))
                read.WeightDevice = json.Objects<LinuxWeightDevice>();
            else if (json.Is("throttleReadBpsDevice"u8))
                read.ThrottleReadBpsDevice = json.Objects<LinuxThrottleDevice>();
            else if (json.Is("throttleWriteBpsDevice"u8))
                read.ThrottleWriteBpsDevice = json.Objects<LinuxThrottleDevice>();
            else if (json.Is("throttleReadIOPSDevice"u8))
                read.ThrottleReadIopsDevice = json.Objects<LinuxThrottleDevice>();
            else if (json.Is("throttleWriteIOPSDevice"u8))
                read.ThrottleWriteIopsDevice = json.Objects<LinuxThrottleDevice>();
            else
                json.Skip();
        }
        return read;
    }
}
