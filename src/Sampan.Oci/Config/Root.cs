namespace Sampan.Oci;

/// <summary>The root file system (config.md, Root).</summary>
public sealed class Root : SpecObject, IJsonObject<Root>
{
    /// <summary>The directory on the host, absolute or relative to the bundle.</summary>
    public string Path { get; set; } = "";

    /// <summary>Whether the root is read-only inside.</summary>
    public bool Readonly { get; set; }

    /// <inheritdoc/>
    public override void Write(JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("path"u8, Path);
        writer.Flag("readonly"u8, Readonly ? true : null);
        writer.WriteEndObject();
    }

    static Root IJsonObject<Root>.Read(ref JsonInput json)
    {
        var read = new Root();
        while (json.NextMember())
        {
            if (json.Is("path"u8))
                read.Path = json.Text() ?? "";
            else if (json.Is("readonly"u8))
                read.Readonly = json.Flag() ?? false;
            else
                json.Skip();
        }
        return read;
    }
}
