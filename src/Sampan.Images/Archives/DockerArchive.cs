using System.Security.Cryptography;
using System.Text.Json;
using Sampan.Oci;
using Sampan.Storage;

namespace Sampan.Images.Archives;

/// <summary>
/// Reads what <c>docker save</c> writes: <c>manifest.json</c>, a list of <c>{"Config", "RepoTags", "Layers"}</c> that name members of the archive.
/// The layers are verified by the configuration's diff ids, the configuration by its own name where that is a digest.
/// </summary>
internal static class DockerArchive
{
    private sealed record Entry(string Config, IReadOnlyList<string> Tags, IReadOnlyList<string> Layers);

    public static ArchivedImage Read(ImageFiles files, string? tag)
    {
        List<Entry> entries = Entries(files);
        if ((tag is null ? entries.Count == 1 ? entries[0] : null : entries.Find(entry => HasTag(entry, tag))) is { } found)
            return Read(files, found);
        string tags = Printable.Escape(string.Join(", ", entries.SelectMany(static entry => entry.Tags)));
        throw tag is null
            ? new StorageException(StorageErrorKind.InvalidArgument, $"the archive holds several images; name one of: {tags}")
            : new StorageException(StorageErrorKind.NotFound, $"the archive has no image \"{Printable.Escape(tag)}\"; name one of: {tags}");
    }

    public static IReadOnlyList<ArchivedImage> ReadAll(ImageFiles files) => Entries(files).ConvertAll(entry => Read(files, entry));

    private static ArchivedImage Read(ImageFiles files, Entry entry)
    {
        string name = entry.Config;
        byte[] bytes = files.TryReadDocument(name) ?? throw new StorageException(StorageErrorKind.InvalidContent, $"the archive lacks the configuration \"{Printable.Escape(name)}\"");
        Digest id = Digest.FromHash(SHA256.HashData(bytes));
        string stem = name.EndsWith(".json", StringComparison.Ordinal) ? name[..^5] : name[(name.LastIndexOf('/') + 1)..];
        if (Digest.TryParse($"sha256:{stem}", out Digest promised) && promised != id)
            throw new StorageException(StorageErrorKind.InvalidContent, $"the image's configuration has the digest {id} and not {promised}: it was damaged or exchanged");
        ImageConfig config = ImageConfig.Parse(bytes);
        ImageContent.CheckLayers(config, entry.Layers.Count);
        List<ArchivedLayer> layers = [.. entry.Layers.Select(static layer => new ArchivedLayer(layer, new Descriptor { Size = -1 }))];
        return new ArchivedImage(entry.Tags, bytes, config, id, null, null, layers);
    }

    private static List<Entry> Entries(ImageFiles files)
    {
        byte[] manifest = files.TryReadDocument("manifest.json") ?? throw Malformed();
        try
        {
            using JsonDocument document = JsonDocument.Parse(manifest, new JsonDocumentOptions { MaxDepth = 16 });
            List<Entry> entries = [.. document.RootElement.EnumerateArray().Select(static image => new Entry(
                image.GetProperty("Config").GetString() ?? throw Malformed(), Texts(image, "RepoTags"), Texts(image, "Layers")))];
            return entries.Count > 0 ? entries : throw Malformed();
        }
        catch (Exception cause) when (cause is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw Malformed(cause);
        }
    }

    private static List<string> Texts(JsonElement image, string name) =>
        image.TryGetProperty(name, out JsonElement list) && list.ValueKind != JsonValueKind.Null
            ? [.. list.EnumerateArray().Select(static one => one.GetString() ?? throw Malformed())]
            : [];

    private static bool HasTag(Entry entry, string tag) => entry.Tags.Any(one => one == tag || one.EndsWith($":{tag}", StringComparison.Ordinal) || one == $"{tag}:latest");

    private static StorageException Malformed(Exception? cause = null) => new(StorageErrorKind.InvalidContent, "the archive's manifest.json is not what docker save writes", cause);
}
