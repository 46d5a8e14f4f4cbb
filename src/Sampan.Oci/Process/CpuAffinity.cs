namespace Sampan.Oci;

/// <summary>The processors of a process that exec adds, as lists such as <c>0-3,7</c> (config.md, execCPUAffinity).</summary>
public sealed class CpuAffinity : SpecObject, IJsonObject<CpuAffinity>
{
    /// <summary>Those of the runtime before it enters the container's cgroup.</summary>
    public string? Initial { get; set; }

    /// <summary>Those of the process afterwards; absent leaves them to the kernel.</summary>
    public string? Final { get; set; }

    /// <inheritdoc/>
    public override void Write(JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.Text("initial"u8, Initial);
        writer.Text("final"u8, Final);
        writer.WriteEndObject();
    }

    static CpuAffinity IJsonObject<CpuAffinity>.Read(ref JsonInput json)
    {
        var read = new CpuAffinity();
        while (json.NextMember())
        {
            if (json.Is("initial"u8))
                read.Initial = json.Text();
            else if (json.Is("final"u8))
                read.Final = json.Text();
            else
                json.Skip();
        }
        return read;
    }
}
