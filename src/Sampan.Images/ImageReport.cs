using System.Text.Json;
using Sampan.Oci;
using Sampan.Registry;
using Sampan.Storage;
using Sampan.Storage.Layers;

namespace Sampan.Images;

/// <summary>What <c>inspect</c> prints of an image: Docker's members.</summary>
public static class ImageReport
{
    /// <summary>Writes one image as a JSON object.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="store">The image's store.</param>
    /// <param name="image">The image, under any of its names.</param>
    /// <exception cref="StorageException">Its documents are missing or damaged.</exception>
    public static void Write(Utf8JsonWriter json, ImageStore store, ImageEntry image)
    {
        ImageContent content = store.Read(image);
        ImageConfig config = content.Config;
        IReadOnlyList<ImageEntry> entries = store.EntriesOf(image.Id);
        json.WriteStartObject();
        json.WriteString("Id", content.Id.ToString());
        List(json, "RepoTags", entries.Select(static one => one.Name).OfType<string>().Where(static name => !name.Contains('@', StringComparison.Ordinal)).Select(ImageStore.Familiar));
        List(json, "RepoDigests", entries.Where(static one => one.Name is not null && one.Origin is not null).Select(static one => Repository(one.Name!) + "@" + one.Origin).Distinct());
        json.WriteString("Digest", image.Target.Digest.ToString());
        json.WriteString("Parent", "");
        json.WriteString("Comment", config.History is { Count: > 0 } history ? history[^1].Comment ?? "" : "");
        json.WriteString("Created", config.Created ?? "");
        json.WriteString("Author", config.Author ?? "");
        json.WritePropertyName("Config");
        WriteExecution(json, config.Config ?? new ImageExecution());
        json.WriteString("Architecture", config.Architecture);
        if (config.Variant is { Length: > 0 } variant)
            json.WriteString("Variant", variant);
        json.WriteString("Os", content.Platform.Os);
        json.WriteNumber("Size", store.SizeOf(content));
        WriteLayers(json, store, content);
        json.WriteEndObject();
    }

    /// <summary>Writes how an image or a container is run; the members that Docker's programs look for are there even where they are empty.</summary>
    public static void WriteExecution(Utf8JsonWriter json, ImageExecution config)
    {
        json.WriteStartObject();
        json.WriteString("User", config.User ?? "");
        Member(json, "Env", config.Env);
        Member(json, "Entrypoint", config.Entrypoint);
        Member(json, "Cmd", config.Cmd);
        json.WriteString("WorkingDir", config.WorkingDir ?? "");
        json.WriteStartObject("Labels");
        foreach ((string key, string value) in config.Labels ?? [])
            json.WriteString(key, value);
        json.WriteEndObject();
        Keys(json, "ExposedPorts", config.ExposedPorts);
        Keys(json, "Volumes", config.Volumes);
        Member(json, "OnBuild", config.OnBuild);
        if (config.StopSignal is { Length: > 0 } signal)
            json.WriteString("StopSignal", signal);
        if (config.Shell is not null)
            Member(json, "Shell", config.Shell);
        if (config.Healthcheck is { } check)
            WriteHealthcheck(json, check);
        json.WriteEndObject();
    }

    private static void WriteHealthcheck(Utf8JsonWriter json, ImageHealthcheck check)
    {
        json.WriteStartObject("Healthcheck");
        Member(json, "Test", check.Test);
        json.WriteNumber("Interval", check.Interval);
        json.WriteNumber("Timeout", check.Timeout);
        json.WriteNumber("StartPeriod", check.StartPeriod);
        json.WriteNumber("Retries", check.Retries);
        json.WriteEndObject();
    }

    private static void WriteLayers(Utf8JsonWriter json, ImageStore store, ImageContent image)
    {
        json.WriteStartObject("GraphDriver");
        json.WriteStartObject("Data");
        List<string> directories = [.. LayerStore.KeysOf(image.DiffIds).Reverse().Select(store.Layers.PathOf)];
        if (directories.Count > 0)
            json.WriteString("UpperDir", directories[0]);
        if (directories.Count > 1)
            json.WriteString("LowerDir", string.Join(':', directories.Skip(1)));
        json.WriteEndObject();
        json.WriteString("Name", "overlay2");
        json.WriteEndObject();
        json.WriteStartObject("RootFS");
        json.WriteString("Type", "layers");
        List(json, "Layers", image.DiffIds.Select(static one => one.ToString()));
        json.WriteEndObject();
    }

    private static string Repository(string name) => ImageReference.TryParse(name, out ImageReference? reference) ? reference.FamiliarName : Printable.Escape(name);

    private static void Keys(Utf8JsonWriter json, string name, List<string>? keys)
    {
        if (keys is null)
            return;
        json.WriteStartObject(name);
        foreach (string key in keys)
        {
            json.WriteStartObject(key);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private static void Member(Utf8JsonWriter json, string name, List<string>? list)
    {
        if (list is null)
            json.WriteNull(name);
        else
            List(json, name, list);
    }

    private static void List(Utf8JsonWriter json, string name, IEnumerable<string> list)
    {
        json.WriteStartArray(name);
        foreach (string one in list)
            json.WriteStringValue(one);
        json.WriteEndArray();
    }
}
