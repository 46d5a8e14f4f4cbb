namespace Sampan.Oci;

/// <summary>The user of a process (config.md, POSIX-platform User).</summary>
public sealed class User : SpecObject, IJsonObject<User>
{
    /// <summary>The user id inside the container.</summary>
    public uint Uid { get; set; }

    /// <summary>The group id inside the container.</summary>
    public uint Gid { get; set; }

    /// <summary>The file mode creation mask; absent leaves the caller's.</summary>
    public uint? Umask { get; set; }

    /// <summary>More group ids inside the container.</summary>
    public List<uint>? AdditionalGids { get; set; }

    /// <inheritdoc/>
    public override void Write(JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteNumber("uid"u8, Uid);
        writer.WriteNumber("gid"u8, Gid);
        writer.Number("umask"u8, Umask);
        writer.Ids("additionalGids"u8, AdditionalGids);
        writer.WriteEndObject();
    }

    static User IJsonObject<User>.Read(ref JsonInput json)
    {
        var read = new User();
        while (json.NextMember())
        {
            if (json.Is("uid"u8))
                read.Uid = json.UInt32() ?? 0;
            else if (json.Is("gid"u8))
                read.Gid = json.UInt32() ?? 0;
            else if (json.Is("umask"u8))
                read.Umask = json.UInt32();
            else if (json.Is("additionalGids"u8))
                read.AdditionalGids = json.Ids();
            else
                json.Skip();
        }
        return read;
    }
}
