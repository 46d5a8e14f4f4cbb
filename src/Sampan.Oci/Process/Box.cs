namespace Sampan.Oci;

/// <summary>The size of a terminal in characters (config.md, Process, consoleSize).</summary>
public sealed class Box : SpecObject, IJsonObject<Box>
{
    /// <summary>The number of lines.</summary>
    public uint Height { get; set; }

    /// <summary>The number of columns.</summary>
    public uint Width { get; set; }

    /// <inheritdoc/>
    public override void Write(JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteNumber("height"u8, Height);
        writer.WriteNumber("width"u8, Width);
        writer.WriteEndObject();
    }

    static Box IJsonObject<Box>.Read(ref JsonInput json)
    {
        var read = new Box();
        while (json.NextMember())
        {
            if (json.Is("height"u8))
                read.Height = json.UInt32() ?? 0;
            else if (json.Is("width"u8))
                read.Width = json.UInt32() ?? 0;
            else
                json.Skip();
        }
        return read;
    }
}
