using Sampan.Oci;
using Sampan.Storage;
using Sampan.Storage.Layers;

namespace Sampan.Images;

/// <summary>What one image costs, in bytes on the disk: its blobs and its unpacked layers.</summary>
/// <param name="Image">The image, under the first of its names.</param>
/// <param name="Size">All of it.</param>
/// <param name="Shared">What other images have too.</param>
/// <param name="Unique">What would be freed with it.</param>
public sealed record ImageCost(ImageEntry Image, long Size, long Shared, long Unique);

/// <summary>What all images cost together.</summary>
/// <param name="Images">Each of them.</param>
/// <param name="Total">All blobs and unpacked layers, each counted once, with those that nobody needs any more.</param>
/// <param name="Reclaimable">What would be free if every image that no container uses were removed.</param>
public sealed record ImagesCost(IReadOnlyList<ImageCost> Images, long Total, long Reclaimable);

public sealed partial class ImageStore
{
    /// <summary>What the images cost, what they share, and what could be freed.</summary>
    /// <param name="inUse">What containers need.</param>
    public ImagesCost DiskUsage(ImagesInUse inUse)
    {
        Dictionary<string, long> sizes = new(StringComparer.Ordinal);
        foreach (StoredLayer layer in Layers.List())
            sizes[layer.Key] = Layers.SizeOf(layer.Key) ?? 0;
        foreach ((Digest digest, long size) in Content.Blobs())
            sizes[digest.ToString()] = size;
        List<(ImageEntry Image, HashSet<string> Parts)> images = [.. List().GroupBy(static one => one.Target.Digest).Select(group => (group.First(), PartsOf(group.First())))];
        Dictionary<string, int> owners = images.SelectMany(static image => image.Parts).GroupBy(static part => part, StringComparer.Ordinal).ToDictionary(static one => one.Key, static one => one.Count(), StringComparer.Ordinal);
        HashSet<string> needed = [.. inUse.LayerKeys, .. images.Where(image => inUse.Images.Contains(image.Image.Id)).SelectMany(static image => image.Parts)];
        long Sum(IEnumerable<string> parts) => parts.Sum(part => sizes.GetValueOrDefault(part));
        return new ImagesCost(
            [.. images.Select(image => new ImageCost(image.Image, Sum(image.Parts), Sum(image.Parts.Where(part => owners[part] > 1)), Sum(image.Parts.Where(part => owners[part] == 1))))],
            sizes.Values.Sum(),
            sizes.Where(part => !needed.Contains(part.Key)).Sum(static part => part.Value));
    }

    /// <summary>The digests of an image's blobs and the keys of its unpacked layers.</summary>
    private HashSet<string> PartsOf(ImageEntry image)
    {
        HashSet<string> parts = [.. Content.Reach([image.Target.Digest]).Select(static digest => digest.ToString())];
        try
        {
            if (!image.IsList)
                parts.UnionWith(LayerStore.KeysOf(Read(image).DiffIds));
        }
        catch (StorageException)
        {
            // A damaged image costs what its blobs cost.
        }
        return parts;
    }
}
