using System.Security.Cryptography;
using System.Text.Json;
using Sampan.Oci;

namespace Sampan.Engine.Images;

/// <summary>
/// Reads what <c>docker save</c> writes: <c>manifest.json</c>, a list of <c>{"Config", "RepoTags", "Layers"}</c> that name members of the archive.
/// The layers are verified by the configuration's diff ids, the configuration by its own name where that is a digest.
/// </summary>
internal static class DockerArchive
{
    public static ImageSource Read(ImageFiles files, string? tag)
    {
        byte[] bytes = files.TryReadDocument("manifest.json")!;
        (string configName, List<string> layerNames) = Select(bytes, tag);
        byte[] configBytes = files.TryReadDocument(configName) ?? throw new EngineException(ErrorKind.InvalidImage, $"the archive lacks the configuration \"{Printable.Escape(configName)}\"");
        Digest id = Digest.FromHash(SHA256.HashData(configBytes));
        string stem = configName.EndsWith(".json", StringComparison.Ordinal) ? configName[..^5] : configName[(configName.LastIndexOf('/') + 1)..];
        if (Digest.TryParse($"sha256:{stem}", out Digest promised) && promised != id)
            throw new EngineException(ErrorKind.InvalidImage, $"the image's configuration has the digest {id} and not {promised}: it was damaged or exchanged");
        ImageConfig config = ImageConfig.Parse(configBytes);
        return new ImageSource(files, config, id, ImageSource.Join(config, layerNames.ConvertAll(static name => (name, default(Digest), -1L))));
    }

    private static (string Config, List<string> Layers) Select(byte[] manifest, string? tag)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(manifest, new JsonDocumentOptions { MaxDepth = 16 });
            JsonElement images = document.RootElement;
            if (images.ValueKind != JsonValueKind.Array || images.GetArrayLength() == 0)
                throw Malformed();
            foreach (JsonElement image in images.EnumerateArray())
            {
                if (tag is null ? images.GetArrayLength() == 1 : HasTag(image, tag))
                    return (Required(image, "Config"), [.. image.GetProperty("Layers").EnumerateArray().Select(static layer => layer.GetString() ?? throw Malformed())]);
            }
            string tags = string.Join(", ", images.EnumerateArray().SelectMany(Tags));
            throw new EngineException(
                tag is null ? ErrorKind.InvalidArgument : ErrorKind.NotFound,
                $"{(tag is null ? "the archive holds several images" : $"the archive has no image \"{Printable.Escape(tag)}\"")}; name one of: {Printable.Escape(tags)}");
        }
        catch (Exception cause) when (cause is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw Malformed(cause);
        }
    }

    private static bool HasTag(JsonElement image, string tag) => Tags(image).Any(one => one == tag || one.EndsWith($":{tag}", StringComparison.Ordinal) || one == $"{tag}:latest");

    private static IEnumerable<string> Tags(JsonElement image) =>
        image.TryGetProperty("RepoTags", out JsonElement tags) && tags.ValueKind == JsonValueKind.Array
            ? tags.EnumerateArray().Select(static one => one.GetString() ?? "")
            : [];

    private static string Required(JsonElement image, string name) => image.GetProperty(name).GetString() ?? throw Malformed();

    private static EngineException Malformed(Exception? cause = null) => new(ErrorKind.InvalidImage, "the archive's manifest.json is not what docker save writes", cause);
}
