using System.Text.Json;
using Sampan.Oci;

namespace Sampan.Runtime.Cgroups;

/// <summary>
/// Where a container's cgroup is: what must be kept in the container's state to find it again. Holds paths only; nothing has to be looked up to
/// open it.
/// </summary>
public sealed record CgroupState
{
    /// <summary>The layout in which the cgroup was made.</summary>
    public CgroupVersion Version { get; init; }

    /// <summary>Version 1: the directory for each joined controller or named hierarchy (<c>memory</c>, <c>name=systemd</c>). Controllers mounted together have the same one.</summary>
    public Dictionary<string, string> Paths { get; init; } = [];

    /// <summary>The directory in the version 2 hierarchy, or null where there is none.</summary>
    public string? UnifiedPath { get; init; }

    /// <summary>The systemd unit (<c>sampan-ID.scope</c>) that owns the cgroup, or null with the cgroupfs driver.</summary>
    public string? SystemdUnit { get; init; }

    /// <summary>True where the unit belongs to the user's own systemd and not to the machine's.</summary>
    public bool SystemdUser { get; init; }

    /// <summary>True where hierarchies without permission were left out.</summary>
    public bool Rootless { get; init; }

    /// <summary>Writes the state as one JSON object.</summary>
    public void Write(JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("version"u8, Version switch { CgroupVersion.V1 => "v1", CgroupVersion.V2 => "v2", _ => "hybrid" });
        writer.WriteStartObject("paths"u8);
        foreach ((string controller, string path) in Paths)
            writer.WriteString(controller, path);
        writer.WriteEndObject();
        if (UnifiedPath is not null)
            writer.WriteString("unifiedPath"u8, UnifiedPath);
        if (SystemdUnit is not null)
            writer.WriteString("systemdUnit"u8, SystemdUnit);
        if (SystemdUser)
            writer.WriteBoolean("systemdUser"u8, true);
        if (Rootless)
            writer.WriteBoolean("rootless"u8, true);
        writer.WriteEndObject();
    }

    /// <summary>Reads what <see cref="Write"/> wrote; the reader stands on the object's start before and on its end after. Members it does not know are skipped.</summary>
    /// <exception cref="JsonException">The text is not that of a cgroup's state.</exception>
    public static CgroupState Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.None)
            _ = reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("the cgroup state is not an object");
        var state = new CgroupState();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string? name = reader.GetString();
            _ = reader.Read();
            switch (name)
            {
                case "version":
                    state = state with { Version = reader.GetString() switch { "v1" => CgroupVersion.V1, "v2" => CgroupVersion.V2, "hybrid" => CgroupVersion.Hybrid, _ => throw new JsonException("unknown cgroup version") } };
                    break;
                case "paths":
                    while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                    {
                        string controller = reader.GetString()!;
                        _ = reader.Read();
                        state.Paths[controller] = reader.GetString() ?? throw new JsonException("a cgroup path is null");
                    }
                    break;
                case "unifiedPath":
                    state = state with { UnifiedPath = reader.GetString() };
                    break;
                case "systemdUnit":
                    state = state with { SystemdUnit = reader.GetString() };
                    break;
                case "systemdUser":
                    state = state with { SystemdUser = reader.GetBoolean() };
                    break;
                case "rootless":
                    state = state with { Rootless = reader.GetBoolean() };
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
        return state;
    }
}
