using System.Globalization;
using System.Text.Json;
using Sampan.Oci;
using Sampan.Runtime.Cgroups;

namespace Sampan.Runtime.State;

/// <summary>state.json, written and read by hand: a serialiser's start-up (0.7 ms, PEERS.md) would be paid by every command.</summary>
internal static class ContainerStateJson
{
    public static byte[] Write(ContainerState state)
    {
        var writer = new JsonWriter();
        writer.WriteLineFeed();
        writer.WriteStartObject();
        writer.WriteNumber("formatVersion"u8, ContainerState.CurrentFormat);
        writer.WriteString("id"u8, state.Id.Text);
        writer.WriteString("bundle"u8, state.Bundle);
        writer.WriteString("rootfs"u8, state.RootFs);
        writer.WriteNumber("pid"u8, state.Pid);
        writer.WriteNumber("pidStartTime"u8, state.PidStartTime);
        writer.WriteBoolean("creating"u8, state.IsCreating);
        writer.WriteString("created"u8, state.Created.ToString("O", CultureInfo.InvariantCulture));
        writer.WriteNumber("ownerUid"u8, state.OwnerUid);
        writer.WriteString("ociVersion"u8, state.OciVersion);
        writer.WriteBoolean("userNamespace"u8, state.HasUserNamespace);
        writer.WriteBoolean("rootless"u8, state.IsRootless);
        if (state.IntelRdtPath is not null)
            writer.WriteString("intelRdtPath"u8, state.IntelRdtPath);
        if (state.MountBelow != 0)
            writer.WriteNumber("mountBelow"u8, state.MountBelow);
        if (state.OwnsIntelRdt)
            writer.WriteBoolean("ownsIntelRdt"u8, true);
        WriteMap(writer, "annotations", state.Annotations);
        WriteMap(writer, "namespaces", state.Namespaces);
        if (state.Cgroup is not null)
        {
            writer.WritePropertyName("cgroup"u8);
            state.Cgroup.Write(writer);
        }

        writer.WriteEndObject();
        writer.WriteLineFeed();
        return writer.ToArray();
    }

    public static ContainerState Parse(ReadOnlySpan<byte> json, string path)
    {
        try
        {
            ContainerState state = Read(new Utf8JsonReader(json));
            if (state.FormatVersion > ContainerState.CurrentFormat)
                throw new RuntimeException($"{path} has format {state.FormatVersion} of a newer Sampan, this one knows {ContainerState.CurrentFormat}: use the newer one");
            return state;
        }
        catch (Exception error) when (JsonFault.Is(error))
        {
            throw new RuntimeException($"{path} is not a container's state ({JsonFault.Describe(error)}): \"delete --force\" removes what can be found of the container", RuntimeErrorKind.Failed, error);
        }
    }

    private static ContainerState Read(Utf8JsonReader reader)
    {
        var state = new ContainerState { Id = default };
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw new FormatException("no JSON object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            _ = reader.Read();
            state = ReadMember(state, name, ref reader);
        }

        return state.Id.Text.Length > 0 ? state : throw new FormatException("no id");
    }

    private static ContainerState ReadMember(ContainerState state, string name, ref Utf8JsonReader reader)
    {
        switch (name)
        {
            case "formatVersion": return state with { FormatVersion = reader.GetInt32() };
            case "id": return state with { Id = ContainerId.TryParse(reader.GetString() ?? "", out ContainerId id) ? id : throw new FormatException("its id is no id") };
            case "bundle": return state with { Bundle = reader.GetString() ?? "" };
            case "rootfs": return state with { RootFs = reader.GetString() ?? "" };
            case "pid": return state with { Pid = reader.GetInt32() };
            case "pidStartTime": return state with { PidStartTime = reader.GetUInt64() };
            case "creating": return state with { IsCreating = reader.GetBoolean() };
            case "created": return state with { Created = reader.GetDateTimeOffset() };
            case "ownerUid": return state with { OwnerUid = reader.GetUInt32() };
            case "ociVersion": return state with { OciVersion = reader.GetString() ?? "" };
            case "userNamespace": return state with { HasUserNamespace = reader.GetBoolean() };
            case "rootless": return state with { IsRootless = reader.GetBoolean() };
            case "mountBelow": return state with { MountBelow = reader.GetUInt64() };
            case "ownsIntelRdt": return state with { OwnsIntelRdt = reader.GetBoolean() };
            case "intelRdtPath": return state with { IntelRdtPath = reader.GetString() };
            case "annotations": return state with { Annotations = ReadMap(ref reader) };
            case "namespaces": return state with { Namespaces = ReadMap(ref reader) };
            case "cgroup": return state with { Cgroup = CgroupState.Read(ref reader) };
            default:
                reader.Skip();
                return state;
        }
    }

    private static void WriteMap(JsonWriter writer, string name, IReadOnlyDictionary<string, string> map)
    {
        writer.WriteStartObject(name);
        foreach ((string key, string value) in map)
            writer.WriteString(key, value);
        writer.WriteEndObject();
    }

    private static Dictionary<string, string> ReadMap(ref Utf8JsonReader reader)
    {
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            _ = reader.Read();
            map[key] = reader.GetString() ?? "";
        }

        return map;
    }
}
