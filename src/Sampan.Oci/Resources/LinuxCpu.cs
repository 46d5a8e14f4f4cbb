namespace Sampan.Oci;

/// <summary>Processor time (config-linux.md, CPU).</summary>
public sealed class LinuxCpu : SpecObject, IJsonObject<LinuxCpu>
{
    /// <summary>The weight against other groups, 2 to 262144; 1024 is usual.</summary>
    public ulong? Shares { get; set; }

    /// <summary>How long the group may run in each period, in microseconds; negative is no limit.</summary>
    public long? Quota { get; set; }

    /// <summary>How much unused time it may save up, in microseconds.</summary>
    public ulong? Burst { get; set; }

    /// <summary>The length of the period, in microseconds.</summary>
    public ulong? Period { get; set; }

    /// <summary>How long real-time tasks may run in each real-time period, in microseconds (cgroup v1).</summary>
    public long? RealtimeRuntime { get; set; }

    /// <summary>The length of the real-time period, in microseconds (cgroup v1).</summary>
    public ulong? RealtimePeriod { get; set; }

    /// <summary>The processors, as a list such as <c>0-3,7</c>.</summary>
    public string? Cpus { get; set; }

    /// <summary>The memory nodes, as a list.</summary>
    public string? Mems { get; set; }

    /// <summary>1 makes the group run only when nothing else does (SCHED_IDLE), 0 is the default.</summary>
    public long? Idle { get; set; }

    /// <inheritdoc/>
    public override void Write(JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.Number("shares"u8, Shares);
        writer.Number("quota"u8, Quota);
        writer.Number("burst"u8, Burst);
        writer.Number("period"u8, Period);
        writer.Number("realtimeRuntime"u8, RealtimeRuntime);
        writer.Number("realtimePeriod"u8, RealtimePeriod);
        writer.Text("cpus"u8, Cpus);
        writer.Text("mems"u8, Mems);
        writer.Number("idle"u8, Idle);
        writer.WriteEndObject();
    }

    static LinuxCpu IJsonObject<LinuxCpu>.Read(ref JsonInput json)
    {
        var read = new LinuxCpu();
        while (json.NextMember())
        {
            if (json.Is("shares"u8))
                read.Shares = json.UInt64();
            else if (json.Is("quota"u8))
                read.Quota = json.Int64();
            else if (json.Is("burst"u8))
                read.Burst = json.UInt64();
            else if (json.Is("period"u8))
                read.Period = json.UInt64();
            else if (json.Is("realtimeRuntime"u8))
                read.RealtimeRuntime = json.Int64();
            else if (json.Is("realtimePeriod"u8))
                read.RealtimePeriod = json.UInt64();
            else if (json.Is("cpus"u8))
                read.Cpus = json.Text();
            else if (json.Is("mems"u8))
                read.Mems = json.Text();
            else if (json.Is("idle"u8))
                read.Idle = json.Int64();
            else
                json.Skip();
        }
        return read;
    }
}
