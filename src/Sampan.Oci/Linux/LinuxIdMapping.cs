namespace Sampan.Oci;

/// <summary>A range of user or group ids (user_namespaces(7)).</summary>
public sealed class LinuxIdMapping : SpecObject, IJsonObject<LinuxIdMapping>
{
    /// <summary>The first id inside.</summary>
    public uint ContainerId { get; set; }

    /// <summary>The first id outside.</summary>
    public uint HostId { get; set; }

    /// <summary>How many ids.</summary>
    public uint Size { get; set; }

    /// <inheritdoc/>
    public override void Write(JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteNumber("containerID"u8, ContainerId);
        writer.WriteNumber("hostID"u8, HostId);
        writer.WriteNumber("size"u8, Size);
        writer.WriteEndObject();
    }

    static LinuxIdMapping IJsonObject<LinuxIdMapping>.Read(ref JsonInput json)
    {
        var read = new LinuxIdMapping();
        while (json.NextMember())
        {
            if (json.Is("containerID"u8))
                read.ContainerId = json.UInt32() ?? 0;
            else if (json.Is("hostID"u8))
                read.HostId = json.UInt32() ?? 0;
            else if (json.Is("size"u8))
                read.Size = json.UInt32() ?? 0;
            else
                json.Skip();
        }
        return read;
    }
}
