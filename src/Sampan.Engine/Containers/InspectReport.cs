using System.Globalization;
using System.Text.Json;
using Sampan.Oci;

namespace Sampan.Engine.Containers;

/// <summary>What <c>inspect</c> prints of a container: Docker's members where there is one of that meaning.</summary>
public static class InspectReport
{
    private const string Overlay = "overlay2";

    /// <summary>Writes one container as a JSON object.</summary>
    public static void Write(Utf8JsonWriter json, StoredContainer container)
    {
        ContainerRecord record = container.Record;
        Spec spec = Spec.Parse(File.ReadAllBytes(Path.Combine(container.Directory, "config.json")));
        json.WriteStartObject();
        json.WriteString("Id", record.Id);
        json.WriteString("Created", Time(record.Created));
        json.WriteString("Path", record.Command[0]);
        WriteList(json, "Args", record.Command.Skip(1));
        WriteState(json, container.State());
        json.WriteString("Image", record.ImageId);
        json.WriteString("ResolvConfPath", Path.Combine(container.Directory, "resolv.conf"));
        json.WriteString("HostnamePath", Path.Combine(container.Directory, "hostname"));
        json.WriteString("HostsPath", Path.Combine(container.Directory, "hosts"));
        json.WriteString("LogPath", ContainerLog.PathOf(container));
        json.WriteString("Name", "/" + record.Name);
        json.WriteString("Driver", DriverOf(container));
        WriteHostConfig(json, record, spec);
        WriteGraphDriver(json, container);
        WriteMounts(json, container, spec);
        WriteConfig(json, record, spec);
        json.WriteEndObject();
    }

    private static void WriteState(Utf8JsonWriter json, ContainerState state)
    {
        json.WriteStartObject("State");
        json.WriteString("Status", state.Status.ToString().ToLowerInvariant());
        json.WriteBoolean("Running", state.Status == ContainerStatus.Running);
        json.WriteBoolean("Paused", false);
        json.WriteBoolean("Restarting", false);
        json.WriteBoolean("OOMKilled", state.OomKilled);
        json.WriteBoolean("Dead", false);
        json.WriteBoolean("MonitorLost", state.MonitorLost);
        json.WriteNumber("Pid", state.Pid);
        json.WriteNumber("ExitCode", state.ExitCode);
        json.WriteString("Error", state.Error);
        json.WriteString("StartedAt", Time(state.Started ?? DateTimeOffset.MinValue));
        json.WriteString("FinishedAt", Time(state.Finished ?? DateTimeOffset.MinValue));
        json.WriteEndObject();
    }

    private static void WriteHostConfig(Utf8JsonWriter json, ContainerRecord record, Spec spec)
    {
        LinuxResources? resources = spec.Linux?.Resources;
        json.WriteStartObject("HostConfig");
        json.WriteString("NetworkMode", record.Network);
        json.WriteBoolean("AutoRemove", record.Remove);
        json.WriteBoolean("ReadonlyRootfs", spec.Root?.Readonly ?? false);
        json.WriteNumber("Memory", resources?.Memory?.Limit ?? 0);
        json.WriteNumber("MemorySwap", resources?.Memory?.Swap ?? 0);
        json.WriteNumber("MemoryReservation", resources?.Memory?.Reservation ?? 0);
        json.WriteNumber("NanoCpus", (resources?.Cpu?.Quota ?? 0) * 10_000);
        json.WriteNumber("CpuShares", resources?.Cpu?.Shares ?? 0);
        json.WriteString("CpusetCpus", resources?.Cpu?.Cpus ?? "");
        json.WriteString("CpusetMems", resources?.Cpu?.Mems ?? "");
        json.WriteNumber("PidsLimit", resources?.Pids?.Limit ?? 0);
        json.WriteNumber("OomScoreAdj", spec.Process?.OomScoreAdj ?? 0);
        json.WriteString("CgroupPath", spec.Linux?.CgroupsPath ?? "");
        json.WriteString("Runtime", record.Runtime);
        WriteList(json, "Capabilities", spec.Process?.Capabilities?.Bounding ?? []);
        WriteList(json, "MaskedPaths", spec.Linux?.MaskedPaths ?? []);
        WriteList(json, "ReadonlyPaths", spec.Linux?.ReadonlyPaths ?? []);
        json.WriteEndObject();
    }

    private static void WriteGraphDriver(Utf8JsonWriter json, StoredContainer container)
    {
        json.WriteStartObject("GraphDriver");
        json.WriteStartObject("Data");
        json.WriteString("MergedDir", container.Record.RootFs);
        if (DriverOf(container) == Overlay)
        {
            json.WriteString("LowerDir", string.Join(':', container.Record.Layers));
            json.WriteString("UpperDir", Path.Combine(container.Directory, "upper"));
            json.WriteString("WorkDir", Path.Combine(container.Directory, "work"));
        }
        json.WriteEndObject();
        json.WriteString("Name", DriverOf(container));
        json.WriteEndObject();
    }

    /// <summary>The storage driver as Docker calls it: programs look for "overlay2".</summary>
    private static string DriverOf(StoredContainer container) => container.Record.Layers.Count == 0 ? "rootfs" : ContainerRootFs.DriverOf(container.Directory) == "overlay" ? Overlay : "copy";

    private static void WriteMounts(Utf8JsonWriter json, StoredContainer container, Spec spec)
    {
        json.WriteStartArray("Mounts");
        foreach (Mount mount in spec.Mounts ?? [])
        {
            if (mount.Type != "bind" || mount.Source?.StartsWith(container.Directory, StringComparison.Ordinal) != false)
                continue;
            json.WriteStartObject();
            json.WriteString("Type", "bind");
            json.WriteString("Source", mount.Source);
            json.WriteString("Destination", mount.Destination);
            json.WriteBoolean("RW", mount.Options?.Contains("ro") != true);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteConfig(Utf8JsonWriter json, ContainerRecord record, Spec spec)
    {
        json.WriteStartObject("Config");
        json.WriteString("Hostname", spec.Hostname ?? "");
        ImageExecution config = record.Config;
        json.WriteString("User", config.User ?? "");
        json.WriteBoolean("Tty", record.Terminal);
        json.WriteBoolean("OpenStdin", record.Interactive);
        WriteList(json, "Env", spec.Process?.Env ?? []);
        WriteList(json, "Cmd", config.Cmd ?? []);
        WriteList(json, "Entrypoint", config.Entrypoint ?? []);
        json.WriteString("Image", record.Image);
        json.WriteString("WorkingDir", spec.Process?.Cwd ?? "");
        json.WriteStartObject("Labels");
        foreach ((string key, string value) in record.Labels)
            json.WriteString(key, value);
        json.WriteEndObject();
        json.WriteNumber("StopSignal", record.StopSignal);
        json.WriteNumber("StopTimeout", record.StopTimeout);
        json.WriteEndObject();
    }

    private static void WriteList(Utf8JsonWriter json, string name, IEnumerable<string> list)
    {
        json.WriteStartArray(name);
        foreach (string one in list)
            json.WriteStringValue(one);
        json.WriteEndArray();
    }

    private static string Time(DateTimeOffset time) => time.ToString("yyyy-MM-ddTHH:mm:ss.fffffff00Z", CultureInfo.InvariantCulture);
}
