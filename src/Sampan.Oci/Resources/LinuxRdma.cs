namespace Sampan.Oci;

/// <summary>Limits of one RDMA device (config-linux.md, RDMA).</summary>
public sealed class LinuxRdma : SpecObject, IJsonObject<LinuxRdma>
{
    /// <summary>How many handles can be open; absent is no limit.</summary>
    public uint? HcaHandles { get; set; }

    /// <summary>How many objects can exist; absent is no limit.</summary>
    public uint? HcaObjects { get; set; }

    /// <inheritdoc/>
    public override void Write(JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.Number("hcaHandles"u8, HcaHandles);
        writer.Number("hcaObjects"u8, HcaObjects);
        writer.WriteEndObject();
    }

    static LinuxRdma IJsonObject<LinuxRdma>.Read(ref JsonInput json)
    {
        var read = new LinuxRdma();
        while (json.NextMember())
        {
            if (json.Is("hcaHandles"u8))
                read.HcaHandles = json.UInt32();
            else if (json.Is("hcaObjects"u8))
                read.HcaObjects = json.UInt32();
            else
                json.Skip();
        }
        return read;
    }
}
