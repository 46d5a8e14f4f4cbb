namespace Sampan.Oci;

/// <summary>Shares of cache and memory bandwidth by resctrl (config-linux.md, IntelRdt).</summary>
public sealed class LinuxIntelRdt : SpecObject, IJsonObject<LinuxIntelRdt>
{
    /// <summary>
    /// The class of service, a directory of resctrl; <c>/</c> is the default class; absent is one named as the container.
    /// </summary>
    public string? ClosId { get; set; }

    /// <summary>The lines for the file <c>schemata</c>, written last.</summary>
    public List<string>? Schemata { get; set; }

    /// <summary>The line for the L3 cache, beginning with <c>L3:</c>.</summary>
    public string? L3CacheSchema { get; set; }

    /// <summary>The line for the memory bandwidth, beginning with <c>MB:</c>.</summary>
    public string? MemBwSchema { get; set; }

    /// <summary>Whether the container gets a monitoring group of its own.</summary>
    public bool EnableMonitoring { get; set; }

    /// <inheritdoc/>
    public override void Write(JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.Text("closID"u8, ClosId);
        writer.Texts("schemata"u8, Schemata);
        writer.Text("l3CacheSchema"u8, L3CacheSchema);
        writer.Text("memBwSchema"u8, MemBwSchema);
        writer.Flag("enableMonitoring"u8, EnableMonitoring ? true : null);
        writer.WriteEndObject();
    }

    static LinuxIntelRdt IJsonObject<LinuxIntelRdt>.Read(ref JsonInput json)
    {
        var read = new LinuxIntelRdt();
        while (json.NextMember())
        {
            if (json.Is("closID"u8))
                read.ClosId = json.Text();
            else if (json.Is("schemata"u8))
                read.Schemata = json.Texts();
            else if (json.Is("l3CacheSchema"u8))
                read.L3CacheSchema = json.Text();
            else if (json.Is("memBwSchema"u8))
                read.MemBwSchema = json.Text();
            else if (json.Is("enableMonitoring"u8))
                read.EnableMonitoring = json.Flag() ?? false;
            else
                json.Skip();
        }
        return read;
    }
}
