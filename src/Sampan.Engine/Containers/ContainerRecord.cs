using System.Buffers;
using System.Text.Json;
using Sampan.Kernel;
using Sampan.Oci;

namespace Sampan.Engine.Containers;

/// <summary>
/// What a container is, as it was made: the file <c>container.json</c> in its directory. It does not change; what the container does is in
/// <c>state.json</c>, which its monitor writes, and how it runs in the runtime's <c>config.json</c> beside them.
/// </summary>
public sealed class ContainerRecord
{
    private const int FormatVersion = 1;

    internal const string FileName = "container.json";

    private ImageExecution? _config;

    /// <summary>64 hexadecimal digits.</summary>
    public required string Id { get; init; }

    /// <summary>The name, unique in the root.</summary>
    public required string Name { get; init; }

    /// <summary>The image as the user named it; empty with a root file system of the user's own.</summary>
    public required string Image { get; init; }

    /// <summary>The digest of the image's configuration; empty with a root file system of the user's own.</summary>
    public string ImageId { get; init; } = "";

    /// <summary>When it was made.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>The program and its arguments.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>How it is run, as an image would say it: the image's defaults under the user's options. What <c>commit</c> gives the new image.</summary>
    public ImageExecution Config => _config ??= ImageExecution.Parse(ConfigJson.Span, FileName);

    /// <summary>The same as JSON: most that load a record do not ask for it.</summary>
    internal ReadOnlyMemory<byte> ConfigJson { get; init; } = "{}"u8.ToArray();

    /// <summary>Free text by key, the image's and the user's.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>The layers' directories, the uppermost first; none with a root file system of the user's own.</summary>
    public IReadOnlyList<string> Layers { get; init; } = [];

    /// <summary>The root file system's path on the host.</summary>
    public required string RootFs { get; init; }

    /// <summary>The OCI runtime's program.</summary>
    public required string Runtime { get; init; }

    /// <summary>Whether the process has a terminal.</summary>
    public bool Terminal { get; init; }

    /// <summary>Whether standard input stays open.</summary>
    public bool Interactive { get; init; }

    /// <summary>Whether it is removed when it ends.</summary>
    public bool Remove { get; init; }

    /// <summary>The network: none, host, container:ID.</summary>
    public string Network { get; init; } = "none";

    /// <summary>The signal that asks it to stop.</summary>
    public int StopSignal { get; init; } = Signal.Term;

    /// <summary>Seconds that <c>stop</c> waits.</summary>
    public int StopTimeout { get; init; } = 10;

    /// <summary>Whether the file could not be understood, as after a power cut: then all but id and name is unknown, and the container can only be removed.</summary>
    public bool IsDamaged { get; private init; }

    /// <summary>The short id that people see.</summary>
    public string ShortId => Id[..12];

    internal void Save(FileDescriptor directory)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("formatVersion"u8, FormatVersion);
            json.WriteString("id"u8, Id);
            json.WriteString("name"u8, Name);
            json.WriteString("image"u8, Image);
            json.WriteString("imageId"u8, ImageId);
            json.WriteString("created"u8, Created);
            WriteList(json, "command"u8, Command);
            json.WritePropertyName("config"u8);
            json.WriteRawValue(ConfigJson.Span, skipInputValidation: true);
            json.WriteStartObject("labels"u8);
            foreach ((string key, string value) in Labels)
                json.WriteString(key, value);
            json.WriteEndObject();
            WriteList(json, "layers"u8, Layers);
            json.WriteString("rootfs"u8, RootFs);
            json.WriteString("runtime"u8, Runtime);
            json.WriteBoolean("terminal"u8, Terminal);
            json.WriteBoolean("interactive"u8, Interactive);
            json.WriteBoolean("remove"u8, Remove);
            json.WriteString("network"u8, Network);
            json.WriteNumber("stopSignal"u8, StopSignal);
            json.WriteNumber("stopTimeout"u8, StopTimeout);
            json.WriteEndObject();
        }
        AtomicFile.Write(directory, FileName, buffer.WrittenSpan, durable: false);
    }

    /// <summary>What stands for a damaged file.</summary>
    internal static ContainerRecord Damaged(string id, string name, DateTimeOffset written, string rootFs) =>
        new() { Id = id, Name = name, Image = "", Created = written, Command = [], RootFs = rootFs, Runtime = "", IsDamaged = true };

    internal static ContainerRecord Load(byte[] content)
    {
        using JsonDocument document = JsonDocument.Parse(content);
        JsonElement json = document.RootElement;
        if (json.GetProperty("formatVersion").GetInt32() > FormatVersion)
            throw new EngineException(ErrorKind.Failed, "the container was made by a newer Sampan; use that one, or another --root");
        return new ContainerRecord
        {
            Id = Text(json, "id"),
            Name = Text(json, "name"),
            Image = Text(json, "image"),
            ImageId = Text(json, "imageId"),
            Created = json.GetProperty("created").GetDateTimeOffset(),
            Command = List(json, "command"),
            ConfigJson = json.TryGetProperty("config", out JsonElement config) ? System.Text.Encoding.UTF8.GetBytes(config.GetRawText()) : "{}"u8.ToArray(),
            Labels = json.GetProperty("labels").EnumerateObject().ToDictionary(static label => label.Name, static label => label.Value.GetString() ?? ""),
            Layers = List(json, "layers"),
            RootFs = Text(json, "rootfs"),
            Runtime = Text(json, "runtime"),
            Terminal = json.GetProperty("terminal").GetBoolean(),
            Interactive = json.GetProperty("interactive").GetBoolean(),
            Remove = json.GetProperty("remove").GetBoolean(),
            Network = Text(json, "network"),
            StopSignal = json.GetProperty("stopSignal").GetInt32(),
            StopTimeout = json.GetProperty("stopTimeout").GetInt32(),
        };
    }

    private static void WriteList(Utf8JsonWriter json, ReadOnlySpan<byte> name, IReadOnlyList<string> list)
    {
        json.WriteStartArray(name);
        foreach (string one in list)
            json.WriteStringValue(one);
        json.WriteEndArray();
    }

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString() ?? "";

    private static List<string> List(JsonElement json, string name) => [.. json.GetProperty(name).EnumerateArray().Select(static one => one.GetString() ?? "")];
}
