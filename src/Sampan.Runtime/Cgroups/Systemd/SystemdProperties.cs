using System.Globalization;
using Sampan.Oci;

namespace Sampan.Runtime.Cgroups.Systemd;

/// <summary>A property of a unit: a <see cref="bool"/>, <see cref="string"/>, <see cref="ulong"/>, array of <see cref="uint"/> or of <see cref="byte"/>.</summary>
/// <param name="Name">The property's name on D-Bus.</param>
/// <param name="Value">Its value.</param>
public readonly record struct SystemdProperty(string Name, object Value);

/// <summary>
/// Tells systemd the limits that it would otherwise undo at its next reload (systemd.resource-control(5)). The exact values are written to the
/// cgroup by the same code as without systemd; these are what systemd can express of them.
/// </summary>
public static class SystemdProperties
{
    private const ulong DefaultPeriod = 100_000;

    /// <summary>The properties of a new scope that holds a process.</summary>
    public static List<SystemdProperty> ForScope(SystemdScope scope, string containerId, uint pid, bool unified) =>
    [
        new("Description", $"Sampan container {containerId}"),
        new("Slice", scope.Slice),
        new("PIDs", new uint[] { pid }),
        new("Delegate", true),
        new("DefaultDependencies", false),
        new("MemoryAccounting", true),
        new("CPUAccounting", true),
        new(unified ? "IOAccounting" : "BlockIOAccounting", true),
        new("TasksAccounting", true),
    ];

    /// <summary>The properties for limits; what is not set is not named.</summary>
    public static List<SystemdProperty> From(LinuxResources resources, bool unified)
    {
        var properties = new List<SystemdProperty>();
        if (resources.Memory is { } memory)
            AddMemory(properties, memory, unified);
        if (resources.Cpu is { } cpu)
            AddCpu(properties, cpu, unified);
        if (resources.Pids?.Limit is long pids)
            properties.Add(new("TasksMax", pids > 0 ? (ulong)pids : ulong.MaxValue));
        if (resources.BlockIo?.Weight is > 0)
            properties.Add(unified ? new("IOWeight", UnifiedPlan.IoWeightFromBlockIo(resources.BlockIo.Weight.Value)) : new("BlockIOWeight", (ulong)resources.BlockIo.Weight.Value));
        return properties;
    }

    private static void AddMemory(List<SystemdProperty> properties, LinuxMemory memory, bool unified)
    {
        if (memory.Limit is not (null or 0))
            properties.Add(new(unified ? "MemoryMax" : "MemoryLimit", Bytes(memory.Limit.Value)));
        if (!unified)
            return;
        if (memory.Reservation is not (null or 0))
            properties.Add(new("MemoryLow", Bytes(memory.Reservation.Value)));
        if (memory.Limit is > 0 && UnifiedPlan.SwapMax(memory.Limit, memory.Swap) is string swap)
            properties.Add(new("MemorySwapMax", swap == "max" ? ulong.MaxValue : ulong.Parse(swap, CultureInfo.InvariantCulture)));
    }

    /// <summary>systemd counts the quota per second, in steps of 10 ms.</summary>
    private static void AddCpu(List<SystemdProperty> properties, LinuxCpu cpu, bool unified)
    {
        if (cpu.Shares is > 0)
            properties.Add(unified ? new("CPUWeight", UnifiedPlan.WeightFromShares(cpu.Shares.Value)) : new("CPUShares", Math.Clamp(cpu.Shares.Value, 2, 262_144)));
        if (cpu.Quota is not (null or 0))
        {
            ulong perSecond = ulong.MaxValue;
            if (cpu.Quota > 0)
            {
                ulong exact = (ulong)cpu.Quota.Value * 1_000_000 / (cpu.Period is > 0 ? cpu.Period.Value : DefaultPeriod);
                perSecond = (exact + 9_999) / 10_000 * 10_000;
            }
            properties.Add(new("CPUQuotaPerSecUSec", perSecond));
        }
        if (cpu.Period is > 0)
            properties.Add(new("CPUQuotaPeriodUSec", cpu.Period.Value));
        if (!unified)
            return;
        if (!string.IsNullOrEmpty(cpu.Cpus))
            properties.Add(new("AllowedCPUs", Mask(cpu.Cpus, "cpu.cpus")));
        if (!string.IsNullOrEmpty(cpu.Mems))
            properties.Add(new("AllowedMemoryNodes", Mask(cpu.Mems, "cpu.mems")));
    }

    /// <summary>A list like <c>0-3,7</c> as a bit mask, lowest first.</summary>
    private static byte[] Mask(string list, string field)
    {
        byte[] mask = [];
        foreach (string part in list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            int dash = part.IndexOf('-', StringComparison.Ordinal);
            if (!ushort.TryParse(dash < 0 ? part : part[..dash], out ushort first) || !ushort.TryParse(dash < 0 ? part : part[(dash + 1)..], out ushort last) || last < first)
                throw new RuntimeException($"linux.resources.{field}: \"{list}\" is not a list like 0-3,7", RuntimeErrorKind.InvalidArgument);
            if (mask.Length <= last / 8)
                Array.Resize(ref mask, (last / 8) + 1);
            for (int number = first; number <= last; number++)
                mask[number / 8] |= (byte)(1 << (number % 8));
        }
        return mask;
    }

    private static ulong Bytes(long bytes) => bytes < 0 ? ulong.MaxValue : (ulong)bytes;
}
