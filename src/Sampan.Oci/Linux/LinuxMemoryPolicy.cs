namespace Sampan.Oci;

/// <summary>From which memory nodes the processes allocate (config-linux.md, Memory policy; set_mempolicy(2)).</summary>
public sealed class LinuxMemoryPolicy : SpecObject, IJsonObject<LinuxMemoryPolicy>
{
    /// <summary>The mode, for instance <c>MPOL_INTERLEAVE</c>.</summary>
    public string Mode { get; set; } = "";

    /// <summary>The nodes as a list such as <c>0-1,3</c>.</summary>
    public string? Nodes { get; set; }

    /// <summary>Flags of the mode, for instance <c>MPOL_F_STATIC_NODES</c>.</summary>
    public List<string>? Flags { get; set; }

    /// <inheritdoc/>
    public override void Write(JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("mode"u8, Mode);
        writer.Text("nodes"u8, Nodes);
        writer.Texts("flags"u8, Flags);
        writer.WriteEndObject();
    }

    static LinuxMemoryPolicy IJsonObject<LinuxMemoryPolicy>.Read(ref JsonInput json)
    {
        var read = new LinuxMemoryPolicy();
        while (json.NextMember())
        {
            if (json.Is("mode"u8))
                read.Mode = json.Text() ?? "";
            else if (json.Is("nodes"u8))
                read.Nodes = json.Text();
            else if (json.Is("flags"u8))
                read.Flags = json.Texts();
            else
                json.Skip();
        }
        return read;
    }
}
