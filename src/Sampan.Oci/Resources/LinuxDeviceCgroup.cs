namespace Sampan.Oci;

/// <summary>A rule of the device controller (config-linux.md, Allowed Device list).</summary>
public sealed class LinuxDeviceCgroup : SpecObject, IJsonObject<LinuxDeviceCgroup>
{
    /// <summary>Whether the rule allows or denies.</summary>
    public bool Allow { get; set; }

    /// <summary><c>a</c> for all, <c>c</c> for character devices, <c>b</c> for block devices; absent is all.</summary>
    public string? Type { get; set; }

    /// <summary>The major number; absent is all.</summary>
    public long? Major { get; set; }

    /// <summary>The minor number; absent is all.</summary>
    public long? Minor { get; set; }

    /// <summary>Any of <c>r</c>, <c>w</c>, <c>m</c> (mknod).</summary>
    public string? Access { get; set; }

    /// <inheritdoc/>
    public override void Write(JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteBoolean("allow"u8, Allow);
        writer.Text("type"u8, Type);
        writer.Number("major"u8, Major);
        writer.Number("minor"u8, Minor);
        writer.Text("access"u8, Access);
        writer.WriteEndObject();
    }

    static LinuxDeviceCgroup IJsonObject<LinuxDeviceCgroup>.Read(ref JsonInput json)
    {
        var read = new LinuxDeviceCgroup();
        while (json.NextMember())
        {
            if (json.Is("allow"u8))
                read.Allow = json.Flag() ?? false;
            else if (json.Is("type"u8))
                read.Type = json.Text();
            else if (json.Is("major"u8))
                read.Major = json.Int64();
            else if (json.Is("minor"u8))
                read.Minor = json.Int64();
            else if (json.Is("access"u8))
                read.Access = json.Text();
            else
                json.Skip();
        }
        return read;
    }
}
