using System.Text.Json;

namespace Sampan.Runtime.Cgroups.Statistics;

/// <summary>
/// The statistics in the JSON of <c>runc events --stats</c>, whose readers (containerd's shim, Docker, Podman) know these names; what runc does
/// not report (OOM kills, RDMA, bursts) comes as further members.
/// </summary>
public static class StatisticsJson
{
    /// <summary>Writes the members <c>cpu</c>, <c>cpuset</c>, <c>memory</c>, <c>pids</c>, <c>blkio</c>, <c>hugetlb</c> and, where there are devices, <c>rdma</c> into the object that the writer is in.</summary>
    public static void WriteMembers(CgroupStatistics statistics, Utf8JsonWriter writer)
    {
        WriteCpu(statistics.Cpu, writer);
        WriteCpuset(statistics.Cpuset, writer);
        WriteMemory(statistics.Memory, writer);
        writer.WriteStartObject("pids"u8);
        Number(writer, "current"u8, statistics.Pids.Current);
        Number(writer, "limit"u8, statistics.Pids.Limit);
        writer.WriteEndObject();
        WriteBlockIo(statistics.BlockIo, writer);
        writer.WriteStartObject("hugetlb"u8);
        foreach ((string size, HugetlbStatistics pages) in statistics.Hugetlb)
        {
            writer.WriteStartObject(size);
            Number(writer, "usage"u8, pages.Usage);
            Number(writer, "max"u8, pages.Max);
            writer.WriteNumber("failcnt"u8, pages.FailCount);
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
        if (statistics.Rdma.Count == 0)
            return;
        writer.WriteStartArray("rdma"u8);
        foreach (RdmaStatistics device in statistics.Rdma)
        {
            writer.WriteStartObject();
            writer.WriteString("device"u8, device.Device);
            writer.WriteNumber("hca_handles"u8, device.HcaHandles);
            writer.WriteNumber("hca_objects"u8, device.HcaObjects);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private static void WriteCpu(CpuStatistics cpu, Utf8JsonWriter writer)
    {
        writer.WriteStartObject("cpu"u8);
        writer.WriteStartObject("usage"u8);
        Number(writer, "total"u8, cpu.Total);
        Numbers(writer, "percpu"u8, cpu.PerCpu);
        Numbers(writer, "percpu_kernel"u8, cpu.PerCpuKernel);
        Numbers(writer, "percpu_user"u8, cpu.PerCpuUser);
        writer.WriteNumber("kernel"u8, cpu.Kernel);
        writer.WriteNumber("user"u8, cpu.User);
        writer.WriteEndObject();
        writer.WriteStartObject("throttling"u8);
        Number(writer, "periods"u8, cpu.Periods);
        Number(writer, "throttledPeriods"u8, cpu.ThrottledPeriods);
        Number(writer, "throttledTime"u8, cpu.ThrottledTime);
        writer.WriteEndObject();
        if (cpu.BurstPeriods > 0)
        {
            writer.WriteStartObject("burst"u8);
            writer.WriteNumber("burstsPeriods"u8, cpu.BurstPeriods);
            writer.WriteNumber("burstTime"u8, cpu.BurstTime);
            writer.WriteEndObject();
        }
        WritePressure(cpu.Pressure, writer);
        writer.WriteEndObject();
    }

    private static void WriteCpuset(CpusetStatistics cpuset, Utf8JsonWriter writer)
    {
        writer.WriteStartObject("cpuset"u8);
        WriteList(writer, "cpus"u8, cpuset.Cpus);
        WriteList(writer, "mems"u8, cpuset.Mems);
        foreach ((string setting, long value) in cpuset.Settings)
            writer.WriteNumber(setting, value);
        writer.WriteEndObject();
    }

    private static void WriteMemory(MemoryStatistics memory, Utf8JsonWriter writer)
    {
        writer.WriteStartObject("memory"u8);
        Number(writer, "cache"u8, memory.Cache);
        WriteUse(writer, "usage"u8, memory.Usage);
        WriteUse(writer, "swap"u8, memory.Swap);
        WriteUse(writer, "kernel"u8, memory.Kernel);
        WriteUse(writer, "kernelTCP"u8, memory.KernelTcp);
        if (memory.Raw.Count > 0)
        {
            writer.WriteStartObject("raw"u8);
            foreach ((string name, ulong value) in memory.Raw)
                writer.WriteNumber(name, value);
            writer.WriteEndObject();
        }
        Number(writer, "oomKills"u8, memory.OomKills);
        WritePressure(memory.Pressure, writer);
        writer.WriteEndObject();
    }

    private static void WriteUse(Utf8JsonWriter writer, ReadOnlySpan<byte> name, MemoryUse use)
    {
        writer.WriteStartObject(name);
        writer.WriteNumber("limit"u8, use.Limit);
        Number(writer, "usage"u8, use.Usage);
        Number(writer, "max"u8, use.Max);
        writer.WriteNumber("failcnt"u8, use.FailCount);
        writer.WriteEndObject();
    }

    private static void WriteBlockIo(BlockIoStatistics io, Utf8JsonWriter writer)
    {
        writer.WriteStartObject("blkio"u8);
        WriteTable(writer, "ioServiceBytesRecursive"u8, io.ServiceBytes);
        WriteTable(writer, "ioServicedRecursive"u8, io.Serviced);
        WriteTable(writer, "ioQueueRecursive"u8, io.Queued);
        WriteTable(writer, "ioServiceTimeRecursive"u8, io.ServiceTime);
        WriteTable(writer, "ioWaitTimeRecursive"u8, io.WaitTime);
        WriteTable(writer, "ioMergedRecursive"u8, io.Merged);
        WriteTable(writer, "ioTimeRecursive"u8, io.Time);
        WriteTable(writer, "sectorsRecursive"u8, io.Sectors);
        WritePressure(io.Pressure, writer);
        writer.WriteEndObject();
    }

    private static void WriteTable(Utf8JsonWriter writer, ReadOnlySpan<byte> name, List<BlockIoEntry> entries)
    {
        if (entries.Count == 0)
            return;
        writer.WriteStartArray(name);
        foreach (BlockIoEntry entry in entries)
        {
            writer.WriteStartObject();
            Number(writer, "major"u8, entry.Major);
            Number(writer, "minor"u8, entry.Minor);
            if (entry.Operation.Length > 0)
                writer.WriteString("op"u8, entry.Operation);
            Number(writer, "value"u8, entry.Value);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private static void WritePressure(PressureStatistics? pressure, Utf8JsonWriter writer)
    {
        if (pressure is null)
            return;
        writer.WriteStartObject("psi"u8);
        WriteLine(writer, "some"u8, pressure.Some);
        WriteLine(writer, "full"u8, pressure.Full);
        writer.WriteEndObject();
    }

    private static void WriteLine(Utf8JsonWriter writer, ReadOnlySpan<byte> name, PressureLine line)
    {
        writer.WriteStartObject(name);
        writer.WriteNumber("avg10"u8, line.Avg10);
        writer.WriteNumber("avg60"u8, line.Avg60);
        writer.WriteNumber("avg300"u8, line.Avg300);
        writer.WriteNumber("total"u8, line.Total);
        writer.WriteEndObject();
    }

    /// <summary>runc leaves these members out where they are 0.</summary>
    private static void Number(Utf8JsonWriter writer, ReadOnlySpan<byte> name, ulong value)
    {
        if (value != 0)
            writer.WriteNumber(name, value);
    }

    private static void Numbers(Utf8JsonWriter writer, ReadOnlySpan<byte> name, List<ulong> values)
    {
        if (values.Count == 0)
            return;
        writer.WriteStartArray(name);
        foreach (ulong value in values)
            writer.WriteNumberValue(value);
        writer.WriteEndArray();
    }

    private static void WriteList(Utf8JsonWriter writer, ReadOnlySpan<byte> name, List<ushort> values)
    {
        if (values.Count == 0)
            return;
        writer.WriteStartArray(name);
        foreach (ushort value in values)
            writer.WriteNumberValue(value);
        writer.WriteEndArray();
    }
}
