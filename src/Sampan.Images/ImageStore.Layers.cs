using System.Globalization;
using Sampan.Oci;
using Sampan.Storage;
using Sampan.Storage.Layers;

namespace Sampan.Images;

/// <summary>One step of how an image came to be.</summary>
/// <param name="Created">When; the epoch where the image does not say.</param>
/// <param name="CreatedBy">By which command.</param>
/// <param name="Comment">A remark.</param>
/// <param name="Size">Bytes on the disk of the layer that it made; 0 for a step without one.</param>
public sealed record HistoryStep(DateTimeOffset Created, string CreatedBy, string Comment, long Size);

/// <summary>A layer of the store with the layers that lie upon it.</summary>
/// <param name="Key">Its name in the store.</param>
/// <param name="DiffId">The digest of its uncompressed archive.</param>
/// <param name="Size">Bytes that it takes on the disk.</param>
/// <param name="Images">The images whose uppermost layer it is.</param>
/// <param name="Children">What lies upon it.</param>
public sealed record LayerNode(string Key, Digest DiffId, long Size, IReadOnlyList<ImageEntry> Images, IReadOnlyList<LayerNode> Children)
{
    /// <summary>How many images have this layer.</summary>
    public int Users => Images.Select(static one => one.Id).Distinct().Count() + Children.Sum(static one => one.Users);
}

public sealed partial class ImageStore
{
    /// <summary>The steps by which an image came to be, the newest first. Layers of which the image tells nothing are steps too.</summary>
    /// <exception cref="StorageException">Its documents are missing or damaged.</exception>
    public IReadOnlyList<HistoryStep> History(ImageEntry image)
    {
        ImageContent content = Read(image);
        List<long> sizes = [.. LayerStore.KeysOf(content.DiffIds).Select(key => Layers.SizeOf(key) ?? 0)];
        List<ImageHistory> history = content.Config.History ?? [];
        // The lowest layers are those of which an image tells nothing: what was built upon it later tells of itself.
        int untold = Math.Max(0, sizes.Count - history.Count(static step => !step.EmptyLayer)), layer = untold;
        List<HistoryStep> steps = [.. sizes.Take(untold).Select(static size => new HistoryStep(DateTimeOffset.UnixEpoch, "", "", size))];
        foreach (ImageHistory step in history)
        {
            DateTimeOffset created = DateTimeOffset.TryParse(step.Created, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time) ? time : DateTimeOffset.UnixEpoch;
            steps.Add(new HistoryStep(created, step.CreatedBy ?? "", step.Comment ?? "", !step.EmptyLayer && layer < sizes.Count ? sizes[layer++] : 0));
        }
        steps.Reverse();
        return steps;
    }

    /// <summary>The layers of all images as a forest: what two images share stands there once.</summary>
    /// <param name="wanted">Which images; null for all. Lists of images and damaged images have no place in it.</param>
    public IReadOnlyList<LayerNode> Forest(Func<ImageEntry, bool>? wanted = null)
    {
        var branches = new Dictionary<string, Branch>(StringComparer.Ordinal);
        var roots = new List<Branch>();
        foreach (ImageEntry image in List().Where(one => !one.IsList && wanted?.Invoke(one) != false))
        {
            if (Content.TryReadConfig(image.Id)?.RootFs.DiffIds is not { Count: > 0 } diffIds)
                continue;
            List<Branch> siblings = roots;
            Branch? top = null;
            foreach ((string key, Digest diffId) in LayerStore.KeysOf(diffIds).Zip(diffIds))
            {
                if (!branches.TryGetValue(key, out top))
                {
                    branches[key] = top = new Branch(key, diffId);
                    siblings.Add(top);
                }
                siblings = top.Children;
            }
            top!.Images.Add(image);
        }
        return roots.ConvertAll(Node);
    }

    private LayerNode Node(Branch branch) => new(branch.Key, branch.DiffId, Layers.SizeOf(branch.Key) ?? 0, branch.Images, branch.Children.ConvertAll(Node));

    private sealed record Branch(string Key, Digest DiffId)
    {
        public List<ImageEntry> Images { get; } = [];

        public List<Branch> Children { get; } = [];
    }
}
