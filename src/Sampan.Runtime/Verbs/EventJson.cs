using System.Text.Json;
using Sampan.Runtime.Cgroups.Statistics;

namespace Sampan.Runtime.Verbs;

/// <summary>The lines that <c>events</c> prints: one JSON object each, with runc's members. What runc does not report is beside it under names of the same style.</summary>
public static class EventJson
{
    /// <summary>The line that says that memory ran out.</summary>
    public static byte[] OutOfMemory(string id) => ContainerReport.ToJson(indented: false, writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "oom");
        writer.WriteString("id"u8, id);
        writer.WriteEndObject();
    });

    /// <summary>The line with the use of every resource.</summary>
    public static byte[] Statistics(string id, CgroupStatistics statistics) => ContainerReport.ToJson(indented: false, writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "stats");
        writer.WriteString("id"u8, id);
        writer.WriteStartObject("data"u8);
        WriteCpu(writer, statistics.Cpu);
        WriteCpuset(writer, statistics.Cpuset);
        WriteMemory(writer, statistics.Memory);
        writer.WriteStartObject("pids"u8);
        NotZero(writer, "current", statistics.Pids.Current);
        NotZero(writer, "limit", statistics.Pids.Limit);
        writer.WriteEndObject();
        WriteBlockIo(writer, statistics.BlockIo);
        writer.WriteStartObject("hugetlb"u8);
        foreach ((string size, HugetlbStatistics use) in statistics.Hugetlb)
        {
            writer.WriteStartObject(size);
            NotZero(writer, "usage", use.Usage);
            NotZero(writer, "max", use.Max);
            writer.WriteNumber("failcnt"u8, use.FailCount);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        WriteRdma(writer, statistics.Rdma);
        writer.WriteStartObject("intel_rdt"u8);
        writer.WriteEndObject();
        writer.WriteNull("network_interfaces"u8);
        writer.WriteEndObject();
        writer.WriteEndObject();
    });

    private static void WriteCpu(Utf8JsonWriter writer, CpuStatistics cpu)
    {
        writer.WriteStartObject("cpu"u8);
        writer.WriteStartObject("usage"u8);
        NotZero(writer, "total", cpu.Total);
        Numbers(writer, "percpu", cpu.PerCpu);
        Numbers(writer, "percpu_kernel", cpu.PerCpuKernel);
        Numbers(writer, "percpu_user", cpu.PerCpuUser);
        writer.WriteNumber("kernel"u8, cpu.Kernel);
        writer.WriteNumber("user"u8, cpu.User);
        writer.WriteEndObject();
        writer.WriteStartObject("throttling"u8);
        NotZero(writer, "periods", cpu.Periods);
        NotZero(writer, "throttledPeriods", cpu.ThrottledPeriods);
        NotZero(writer, "throttledTime", cpu.ThrottledTime);
        NotZero(writer, "burstPeriods", cpu.BurstPeriods);
        NotZero(writer, "burstTime", cpu.BurstTime);
        writer.WriteEndObject();
        Pressure(writer, cpu.Pressure);
        writer.WriteEndObject();
    }

    private static void WriteCpuset(Utf8JsonWriter writer, CpusetStatistics cpuset)
    {
        writer.WriteStartObject("cpuset"u8);
        if (cpuset.Cpus.Count > 0)
            Shorts(writer, "cpus", cpuset.Cpus);
        if (cpuset.Mems.Count > 0)
            Shorts(writer, "mems", cpuset.Mems);
        foreach ((string name, long value) in cpuset.Settings)
            writer.WriteNumber(name, value);
        writer.WriteEndObject();
    }

    private static void WriteMemory(Utf8JsonWriter writer, MemoryStatistics memory)
    {
        writer.WriteStartObject("memory"u8);
        NotZero(writer, "cache", memory.Cache);
        Use(writer, "usage", memory.Usage);
        Use(writer, "swap", memory.Swap);
        Use(writer, "kernel", memory.Kernel);
        Use(writer, "kernelTCP", memory.KernelTcp);
        if (memory.Raw.Count > 0)
        {
            writer.WriteStartObject("raw"u8);
            foreach ((string name, ulong value) in memory.Raw)
                writer.WriteNumber(name, value);
            writer.WriteEndObject();
        }

        NotZero(writer, "oomKills", memory.OomKills);
        Pressure(writer, memory.Pressure);
        writer.WriteEndObject();
    }

    private static void WriteBlockIo(Utf8JsonWriter writer, BlockIoStatistics io)
    {
        writer.WriteStartObject("blkio"u8);
        Entries(writer, "ioServiceBytesRecursive", io.ServiceBytes);
        Entries(writer, "ioServicedRecursive", io.Serviced);
        Entries(writer, "ioQueueRecursive", io.Queued);
        Entries(writer, "ioServiceTimeRecursive", io.ServiceTime);
        Entries(writer, "ioWaitTimeRecursive", io.WaitTime);
        Entries(writer, "ioMergedRecursive", io.Merged);
        Entries(writer, "ioTimeRecursive", io.Time);
        Entries(writer, "sectorsRecursive", io.Sectors);
        Pressure(writer, io.Pressure);
        writer.WriteEndObject();
    }

    private static void WriteRdma(Utf8JsonWriter writer, List<RdmaStatistics> devices)
    {
        if (devices.Count == 0)
            return;
        writer.WriteStartArray("rdma"u8);
        foreach (RdmaStatistics device in devices)
        {
            writer.WriteStartObject();
            writer.WriteString("device"u8, device.Device);
            writer.WriteNumber("hcaHandles"u8, device.HcaHandles);
            writer.WriteNumber("hcaObjects"u8, device.HcaObjects);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void Entries(Utf8JsonWriter writer, string name, List<BlockIoEntry> entries)
    {
        if (entries.Count == 0)
            return;
        writer.WriteStartArray(name);
        foreach (BlockIoEntry entry in entries)
        {
            writer.WriteStartObject();
            NotZero(writer, "major", entry.Major);
            NotZero(writer, "minor", entry.Minor);
            if (entry.Operation.Length > 0)
                writer.WriteString("op"u8, entry.Operation);
            NotZero(writer, "value", entry.Value);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void Use(Utf8JsonWriter writer, string name, MemoryUse use)
    {
        writer.WriteStartObject(name);
        writer.WriteNumber("limit"u8, use.Limit);
        NotZero(writer, "usage", use.Usage);
        NotZero(writer, "max", use.Max);
        writer.WriteNumber("failcnt"u8, use.FailCount);
        writer.WriteEndObject();
    }

    private static void Pressure(Utf8JsonWriter writer, PressureStatistics? pressure)
    {
        if (pressure is null)
            return;
        writer.WriteStartObject("psi"u8);
        PressureLine(writer, "some", pressure.Some);
        PressureLine(writer, "full", pressure.Full);
        writer.WriteEndObject();
    }

    private static void PressureLine(Utf8JsonWriter writer, string name, PressureLine line)
    {
        writer.WriteStartObject(name);
        writer.WriteNumber("avg10"u8, line.Avg10);
        writer.WriteNumber("avg60"u8, line.Avg60);
        writer.WriteNumber("avg300"u8, line.Avg300);
        writer.WriteNumber("total"u8, line.Total);
        writer.WriteEndObject();
    }

    private static void NotZero(Utf8JsonWriter writer, string name, ulong value)
    {
        if (value != 0)
            writer.WriteNumber(name, value);
    }

    private static void Numbers(Utf8JsonWriter writer, string name, List<ulong> values)
    {
        if (values.Count == 0)
            return;
        writer.WriteStartArray(name);
        foreach (ulong value in values)
            writer.WriteNumberValue(value);
        writer.WriteEndArray();
    }

    private static void Shorts(Utf8JsonWriter writer, string name, List<ushort> values)
    {
        writer.WriteStartArray(name);
        foreach (ushort value in values)
            writer.WriteNumberValue(value);
        writer.WriteEndArray();
    }
}
