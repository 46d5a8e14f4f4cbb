namespace Sampan.Oci;

/// <summary>The priority of traffic through one network interface.</summary>
public sealed class LinuxInterfacePriority : SpecObject, IJsonObject<LinuxInterfacePriority>
{
    /// <summary>The interface, as the runtime's network namespace calls it.</summary>
    public string Name { get; set; } = "";

    /// <summary>The priority.</summary>
    public uint Priority { get; set; }

    /// <inheritdoc/>
    public override void Write(JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, Name);
        writer.WriteNumber("priority"u8, Priority);
        writer.WriteEndObject();
    }

    static LinuxInterfacePriority IJsonObject<LinuxInterfacePriority>.Read(ref JsonInput json)
    {
        var read = new LinuxInterfacePriority();
        while (json.NextMember())
        {
            if (json.Is("name"u8))
                read.Name = json.Text() ?? "";
            else if (json.Is("priority"u8))
                read.Priority = json.UInt32() ?? 0;
            else
                json.Skip();
        }
        return read;
    }
}
