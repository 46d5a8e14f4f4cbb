namespace Sampan.Oci;

/// <summary>A limit of huge pages of one size (config-linux.md, Huge page limits).</summary>
public sealed class LinuxHugepageLimit : SpecObject, IJsonObject<LinuxHugepageLimit>
{
    /// <summary>The size of the pages, for instance <c>2MB</c>.</summary>
    public string PageSize { get; set; } = "";

    /// <summary>The limit in bytes.</summary>
    public ulong Limit { get; set; }

    /// <inheritdoc/>
    public override void Write(JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("pageSize"u8, PageSize);
        writer.WriteNumber("limit"u8, Limit);
        writer.WriteEndObject();
    }

    static LinuxHugepageLimit IJsonObject<LinuxHugepageLimit>.Read(ref JsonInput json)
    {
        var read = new LinuxHugepageLimit();
        while (json.NextMember())
        {
            if (json.Is("pageSize"u8))
                read.PageSize = json.Text() ?? "";
            else if (json.Is("limit"u8))
                read.Limit = json.UInt64() ?? 0;
            else
                json.Skip();
        }
        return read;
    }
}
