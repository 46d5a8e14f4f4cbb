namespace Sampan.Oci;

/// <summary>The five capability sets of a process, by names such as <c>CAP_CHOWN</c> (capabilities(7)).</summary>
public sealed class LinuxCapabilities : SpecObject, IJsonObject<LinuxCapabilities>
{
    /// <summary>What the process and its children can gain at most.</summary>
    public List<string>? Bounding { get; set; }

    /// <summary>What the kernel checks.</summary>
    public List<string>? Effective { get; set; }

    /// <summary>What is kept across the execution of a file that also has it.</summary>
    public List<string>? Inheritable { get; set; }

    /// <summary>What may be made effective.</summary>
    public List<string>? Permitted { get; set; }

    /// <summary>What is kept across the execution of an ordinary file.</summary>
    public List<string>? Ambient { get; set; }

    /// <inheritdoc/>
    public override void Write(JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.Texts("bounding"u8, Bounding);
        writer.Texts("effective"u8, Effective);
        writer.Texts("inheritable"u8, Inheritable);
        writer.Texts("permitted"u8, Permitted);
        writer.Texts("ambient"u8, Ambient);
        writer.WriteEndObject();
    }

    static LinuxCapabilities IJsonObject<LinuxCapabilities>.Read(ref JsonInput json)
    {
        var read = new LinuxCapabilities();
        while (json.NextMember())
        {
            if (json.Is("bounding"u8))
                read.Bounding = json.Texts();
            else if (json.Is("effective"u8))
                read.Effective = json.Texts();
            else if (json.Is("inheritable"u8))
                read.Inheritable = json.Texts();
            else if (json.Is("permitted"u8))
                read.Permitted = json.Texts();
            else if (json.Is("ambient"u8))
                read.Ambient = json.Texts();
            else
                json.Skip();
        }
        return read;
    }
}
