using System.Text.Json;

namespace Sampan.Runtime.Cgroups;

/// <summary>Where a container's cgroups are: what a later command needs to find them again. Part of state.json.</summary>
public sealed class CgroupState
{
    /// <summary><c>cgroupfs</c> or <c>systemd</c>.</summary>
    public string Driver { get; set; } = "cgroupfs";

    /// <summary><c>v1</c>, <c>v2</c> or <c>hybrid</c>.</summary>
    public string Mode { get; set; } = "";

    /// <summary>v1 and hybrid: the absolute directory of each controller, by the controller's name (<c>memory</c>, <c>name=systemd</c>).</summary>
    public Dictionary<string, string> Paths { get; } = [];

    /// <summary>v2 and hybrid: the absolute directory in the unified hierarchy; null where there is none.</summary>
    public string? UnifiedPath { get; set; }

    /// <summary>The systemd unit that owns the cgroup; null for the cgroupfs driver.</summary>
    public string? SystemdUnit { get; set; }

    /// <summary>Writes the state as one JSON object.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("driver"u8, Driver);
        writer.WriteString("mode"u8, Mode);
        if (UnifiedPath is not null)
            writer.WriteString("unifiedPath"u8, UnifiedPath);
        if (SystemdUnit is not null)
            writer.WriteString("systemdUnit"u8, SystemdUnit);
        writer.WriteStartObject("paths"u8);
        foreach ((string controller, string path) in Paths)
            writer.WriteString(controller, path);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>Reads what <see cref="Write"/> wrote; the reader stands on the object's start and is left on its end. Unknown members are passed over.</summary>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public static CgroupState Read(ref Utf8JsonReader reader)
    {
        var state = new CgroupState();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            _ = reader.Read();
            switch (name)
            {
                case "driver": state.Driver = reader.GetString() ?? ""; break;
                case "mode": state.Mode = reader.GetString() ?? ""; break;
                case "unifiedPath": state.UnifiedPath = reader.GetString(); break;
                case "systemdUnit": state.SystemdUnit = reader.GetString(); break;
                case "paths":
                    while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                    {
                        string controller = reader.GetString()!;
                        _ = reader.Read();
                        state.Paths[controller] = reader.GetString() ?? "";
                    }

                    break;
                default: reader.Skip(); break;
            }
        }

        return state;
    }
}
