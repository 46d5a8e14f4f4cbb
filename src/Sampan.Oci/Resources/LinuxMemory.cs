namespace Sampan.Oci;

/// <summary>Memory limits in bytes; -1 is no limit (config-linux.md, Memory).</summary>
public sealed class LinuxMemory : SpecObject, IJsonObject<LinuxMemory>
{
    /// <summary>The limit of memory use, in bytes.</summary>
    public long? Limit { get; set; }

    /// <summary>The soft limit, in bytes.</summary>
    public long? Reservation { get; set; }

    /// <summary>The limit of memory and swap together, in bytes.</summary>
    public long? Swap { get; set; }

    /// <summary>Deprecated: the limit of kernel memory, in bytes; kernels since 5.4 have none.</summary>
    public long? Kernel { get; set; }

    /// <summary>The limit of memory for TCP buffers, in bytes (cgroup v1).</summary>
    public long? KernelTcp { get; set; }

    /// <summary>How readily pages are swapped out, from 0 to 100 (cgroup v1).</summary>
    public ulong? Swappiness { get; set; }

    /// <summary>Whether processes wait for memory and are not killed (cgroup v1).</summary>
    public bool? DisableOomKiller { get; set; }

    /// <summary>Whether descendants are counted too (cgroup v1).</summary>
    public bool? UseHierarchy { get; set; }

    /// <summary>Whether an update below the present use is refused.</summary>
    public bool? CheckBeforeUpdate { get; set; }

    /// <inheritdoc/>
    public override void Write(JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.Number("limit"u8, Limit);
        writer.Number("reservation"u8, Reservation);
        writer.Number("swap"u8, Swap);
        writer.Number("kernel"u8, Kernel);
        writer.Number("kernelTCP"u8, KernelTcp);
        writer.Number("swappiness"u8, Swappiness);
        writer.Flag("disableOOMKiller"u8, DisableOomKiller);
        writer.Flag("useHierarchy"u8, UseHierarchy);
        writer.Flag("checkBeforeUpdate"u8, CheckBeforeUpdate);
        writer.WriteEndObject();
    }

    static LinuxMemory IJsonObject<LinuxMemory>.Read(ref JsonInput json)
    {
        var read = new LinuxMemory();
        while (json.NextMember())
        {
            if (json.Is("limit"u8))
                read.Limit = json.Integer(-1, long.MaxValue);
            else if (json.Is("reservation"u8))
                read.Reservation = json.Integer(-1, long.MaxValue);
            else if (json.Is("swap"u8))
                read.Swap = json.Integer(-1, long.MaxValue);
            else if (json.Is("kernel"u8))
                read.Kernel = json.Integer(-1, long.MaxValue);
            else if (json.Is("kernelTCP"u8))
                read.KernelTcp = json.Integer(-1, long.MaxValue);
            else if (json.Is("swappiness"u8))
                read.Swappiness = json.UInt64();
            else if (json.Is("disableOOMKiller"u8))
                read.DisableOomKiller = json.Flag();
            else if (json.Is("useHierarchy"u8))
                read.UseHierarchy = json.Flag();
            else if (json.Is("checkBeforeUpdate"u8))
                read.CheckBeforeUpdate = json.Flag();
            else
                json.Skip();
        }
        return read;
    }
}
