namespace Sampan.Oci;

/// <summary>Marks of network traffic (config-linux.md, Network; cgroup v1).</summary>
public sealed class LinuxNetwork : SpecObject, IJsonObject<LinuxNetwork>
{
    /// <summary>The class that tc(8) and netfilter see (net_cls.classid).</summary>
    public uint? ClassId { get; set; }

    /// <summary>The priority by interface (net_prio.ifpriomap).</summary>
    public List<LinuxInterfacePriority>? Priorities { get; set; }

    /// <inheritdoc/>
    public override void Write(JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.Number("classID"u8, ClassId);
        writer.Objects("priorities"u8, Priorities);
        writer.WriteEndObject();
    }

    static LinuxNetwork IJsonObject<LinuxNetwork>.Read(ref JsonInput json)
    {
        var read = new LinuxNetwork();
        while (json.NextMember())
        {
            if (json.Is("classID"u8))
                read.ClassId = json.UInt32();
            else if (json.Is("priorities"u8))
                read.Priorities = json.Objects<LinuxInterfacePriority>();
            else
                json.Skip();
        }
        return read;
    }
}
