namespace Sampan.Oci;

/// <summary>A network device that is moved into the container (config-linux.md, Network Devices).</summary>
public sealed class LinuxNetDevice : SpecObject, IJsonObject<LinuxNetDevice>
{
    /// <summary>Its name inside; absent keeps the name it has.</summary>
    public string? Name { get; set; }

    /// <inheritdoc/>
    public override void Write(JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.Text("name"u8, Name);
        writer.WriteEndObject();
    }

    static LinuxNetDevice IJsonObject<LinuxNetDevice>.Read(ref JsonInput json)
    {
        var read = new LinuxNetDevice();
        while (json.NextMember())
        {
            if (json.Is("name"u8))
                read.Name = json.Text();
            else
                json.Skip();
        }
        return read;
    }
}
