namespace Sampan.Oci;

/// <summary>How a process is scheduled (config.md, Linux Process; sched_setattr(2)).</summary>
public sealed class Scheduler : SpecObject, IJsonObject<Scheduler>
{
    /// <summary>The policy, for instance <c>SCHED_FIFO</c>.</summary>
    public string Policy { get; set; } = "";

    /// <summary>The nice value, from -20 (most time) to 19; 0 when absent.</summary>
    public int Nice { get; set; }

    /// <summary>The static priority of SCHED_FIFO and SCHED_RR; 0 when absent.</summary>
    public int Priority { get; set; }

    /// <summary>Flags, for instance <c>SCHED_FLAG_RESET_ON_FORK</c>.</summary>
    public List<string>? Flags { get; set; }

    /// <summary>SCHED_DEADLINE: time to run in each period, in nanoseconds.</summary>
    public ulong Runtime { get; set; }

    /// <summary>SCHED_DEADLINE: until when in each period, in nanoseconds.</summary>
    public ulong Deadline { get; set; }

    /// <summary>SCHED_DEADLINE: the length of the period, in nanoseconds.</summary>
    public ulong Period { get; set; }

    /// <inheritdoc/>
    public override void Write(JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("policy"u8, Policy);
        writer.Number("nice"u8, Nice == 0 ? null : Nice);
        writer.Number("priority"u8, Priority == 0 ? null : Priority);
        writer.Texts("flags"u8, Flags);
        writer.Number("runtime"u8, Runtime == 0 ? null : Runtime);
        writer.Number("deadline"u8, Deadline == 0 ? null : Deadline);
        writer.Number("period"u8, Period == 0 ? null : Period);
        writer.WriteEndObject();
    }

    static Scheduler IJsonObject<Scheduler>.Read(ref JsonInput json)
    {
        var read = new Scheduler();
        while (json.NextMember())
        {
            if (json.Is("policy"u8))
                read.Policy = json.Text() ?? "";
            else if (json.Is("nice"u8))
                read.Nice = json.Int32(int.MinValue, int.MaxValue) ?? 0;
            else if (json.Is("priority"u8))
                read.Priority = json.Int32(int.MinValue, int.MaxValue) ?? 0;
            else if (json.Is("flags"u8))
                read.Flags = json.Texts();
            else if (json.Is("runtime"u8))
                read.Runtime = json.UInt64() ?? 0;
            else if (json.Is("deadline"u8))
                read.Deadline = json.UInt64() ?? 0;
            else if (json.Is("period"u8))
                read.Period = json.UInt64() ?? 0;
            else
                json.Skip();
        }
        return read;
    }
}
