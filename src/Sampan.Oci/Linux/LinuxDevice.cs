namespace Sampan.Oci;

/// <summary>A device file inside the container (config-linux.md, Devices; mknod(2)).</summary>
public sealed class LinuxDevice : SpecObject, IJsonObject<LinuxDevice>
{
    /// <summary>Its absolute path inside.</summary>
    public string Path { get; set; } = "";

    /// <summary><c>c</c> or <c>u</c> for a character device, <c>b</c> for a block device, <c>p</c> for a FIFO.</summary>
    public string Type { get; set; } = "";

    /// <summary>The major number.</summary>
    public long Major { get; set; }

    /// <summary>The minor number.</summary>
    public long Minor { get; set; }

    /// <summary>The permission bits.</summary>
    public uint? FileMode { get; set; }

    /// <summary>The owner inside.</summary>
    public uint? Uid { get; set; }

    /// <summary>The group inside.</summary>
    public uint? Gid { get; set; }

    /// <inheritdoc/>
    public override void Write(JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("path"u8, Path);
        writer.WriteString("type"u8, Type);
        writer.WriteNumber("major"u8, Major);
        writer.WriteNumber("minor"u8, Minor);
        writer.Number("fileMode"u8, FileMode);
        writer.Number("uid"u8, Uid);
        writer.Number("gid"u8, Gid);
        writer.WriteEndObject();
    }

    static LinuxDevice IJsonObject<LinuxDevice>.Read(ref JsonInput json)
    {
        var read = new LinuxDevice();
        while (json.NextMember())
        {
            if (json.Is("path"u8))
                read.Path = json.Text() ?? "";
            else if (json.Is("type"u8))
                read.Type = json.Text() ?? "";
            else if (json.Is("major"u8))
                read.Major = json.Int64() ?? 0;
            else if (json.Is("minor"u8))
                read.Minor = json.Int64() ?? 0;
            else if (json.Is("fileMode"u8))
                read.FileMode = json.UInt32();
            else if (json.Is("uid"u8))
                read.Uid = json.UInt32();
            else if (json.Is("gid"u8))
                read.Gid = json.UInt32();
            else
                json.Skip();
        }
        return read;
    }
}
