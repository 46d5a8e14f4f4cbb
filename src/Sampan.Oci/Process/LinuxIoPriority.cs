namespace Sampan.Oci;

/// <summary>The input and output priority of a process (ioprio_set(2)).</summary>
public sealed class LinuxIoPriority : SpecObject, IJsonObject<LinuxIoPriority>
{
    /// <summary><c>IOPRIO_CLASS_RT</c>, <c>IOPRIO_CLASS_BE</c> or <c>IOPRIO_CLASS_IDLE</c>.</summary>
    public string Class { get; set; } = "";

    /// <summary>From 0 (first) to 7 (last).</summary>
    public int Priority { get; set; }

    /// <inheritdoc/>
    public override void Write(JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("class"u8, Class);
        writer.WriteNumber("priority"u8, Priority);
        writer.WriteEndObject();
    }

    static LinuxIoPriority IJsonObject<LinuxIoPriority>.Read(ref JsonInput json)
    {
        var read = new LinuxIoPriority();
        while (json.NextMember())
        {
            if (json.Is("class"u8))
                read.Class = json.Text() ?? "";
            else if (json.Is("priority"u8))
                read.Priority = json.Int32(int.MinValue, int.MaxValue) ?? 0;
            else
                json.Skip();
        }
        return read;
    }
}
