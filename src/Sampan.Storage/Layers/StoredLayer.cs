using System.Text.Json;
using Sampan.Oci;

namespace Sampan.Storage.Layers;

/// <summary>An unpacked layer of the store, as its record <c>KEY.json</c> describes it.</summary>
/// <param name="Key">Its name in the store: the first 32 digits of its chain id.</param>
/// <param name="ChainId">Its chain id (image-spec config.md, Layer ChainID).</param>
/// <param name="DiffId">The digest of its uncompressed archive.</param>
/// <param name="Parent">The key of the layer below it, null for the lowest of an image.</param>
/// <param name="HidesLower">Whether it hides everything below it.</param>
/// <param name="Size">What it occupies on the disk, in bytes; measured when it was unpacked. Null in records of before that was kept.</param>
public sealed record StoredLayer(string Key, Digest ChainId, Digest DiffId, string? Parent, bool HidesLower, long? Size)
{
    private const int FormatVersion = 1;

    /// <summary>The record as its file holds it.</summary>
    internal byte[] ToJson()
    {
        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            json.WriteNumber("formatVersion", FormatVersion);
            json.WriteString("chainId", ChainId.ToString());
            json.WriteString("diffId", DiffId.ToString());
            json.WriteString("parent", Parent);
            json.WriteBoolean("hidesLower", HidesLower);
            if (Size is { } size)
                json.WriteNumber("size", size);
            json.WriteEndObject();
        }
        text.WriteByte((byte)'\n');
        return text.ToArray();
    }

    /// <summary>Reads a record.</summary>
    /// <exception cref="StorageException">A newer Sampan wrote it, or it is damaged.</exception>
    internal static StoredLayer Parse(string key, byte[] record)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(record);
            JsonElement root = document.RootElement;
            if (root.GetProperty("formatVersion").GetInt32() > FormatVersion)
                throw new StorageException(StorageErrorKind.Failed, $"the layer {key} was unpacked by a newer Sampan; use that one, or another --root");
            return new StoredLayer(
                key, Digest.Parse(root.GetProperty("chainId").GetString()!), Digest.Parse(root.GetProperty("diffId").GetString()!),
                root.TryGetProperty("parent", out JsonElement parent) ? parent.GetString() : null,
                root.GetProperty("hidesLower").GetBoolean(),
                root.TryGetProperty("size", out JsonElement size) ? size.GetInt64() : null);
        }
        catch (Exception damaged) when (JsonFault.Is(damaged))
        {
            throw new StorageException(StorageErrorKind.Failed, $"the record \"{key}.json\" of a layer is damaged ({JsonFault.Describe(damaged)}); remove the file, and the layer is unpacked anew", damaged);
        }
    }
}
