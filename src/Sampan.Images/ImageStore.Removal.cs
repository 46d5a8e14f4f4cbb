using Sampan.Oci;
using Sampan.Storage;
using Sampan.Storage.Content;
using Sampan.Storage.Layers;

namespace Sampan.Images;

/// <summary>What containers need of the store, so that nothing of it is taken away.</summary>
/// <param name="Images">The ids of their images.</param>
/// <param name="LayerKeys">The keys of the layers that they are mounted over.</param>
public sealed record ImagesInUse(IReadOnlySet<Digest> Images, IReadOnlySet<string> LayerKeys);

/// <summary>What was taken away.</summary>
/// <param name="Untagged">The names.</param>
/// <param name="Deleted">The ids of images, and then the digests of blobs.</param>
/// <param name="Bytes">Bytes freed.</param>
public sealed record ImageRemoval(IReadOnlyList<string> Untagged, IReadOnlyList<Digest> Deleted, long Bytes);

public sealed partial class ImageStore
{
    /// <summary>Whether everything of an image is here: its documents, its blobs, and its unpacked layers.</summary>
    public bool IsComplete(ImageEntry image)
    {
        try
        {
            ImageContent content = Read(image);
            return content.Layers.All(layer => Content.Contains(layer.Digest)) && LayersAreThere(content);
        }
        catch (StorageException)
        {
            return false;
        }
    }

    /// <summary>All names of the image that an entry stands for.</summary>
    public IReadOnlyList<ImageEntry> EntriesOf(Digest id) => [.. List().Where(one => one.Id == id)];

    /// <summary>Takes a name from an image, and the image with its last name, as <c>docker rmi</c> does. Works on a full disk.</summary>
    /// <param name="text">The image as the user names it.</param>
    /// <param name="force">Whether an image with several names goes with all of them when it is named by its id, and names are taken from images that stopped containers use.</param>
    /// <param name="inUse">Gives what containers need, while nothing new can be added to the store's index.</param>
    /// <param name="running">Whether a container of the image runs.</param>
    /// <exception cref="StorageException">There is no such image, or it is in use.</exception>
    public ImageRemoval Remove(string text, bool force, Func<ImagesInUse> inUse, Func<Digest, bool> running)
    {
        ImageEntry image = Find(text);
        List<ImageEntry> all = [.. EntriesOf(image.Id)];
        List<ImageEntry> named = [.. all.Where(static one => one.Name is not null)];
        bool byId = !IsNamed(text, image);
        if (byId && named.Select(static one => RepositoryOf(one.Name!)).Distinct().Count() > 1 && !force)
            throw Conflict($"the image {image.ShortId} has several names ({string.Join(", ", named.Select(static one => Familiar(one.Name!)))}); remove them one by one, or use rmi -f");
        List<ImageEntry> going = byId ? named : [image];
        bool isLast = going.Count == named.Count;
        bool used = inUse().Images.Contains(image.Id);
        if (isLast && used && running(image.Id))
            throw Conflict($"the image {Label(image)} cannot be removed: a running container uses it; stop and remove the container first");
        if (isLast && used && !force)
            throw Conflict($"the image {Label(image)} cannot be removed: a container uses it; remove the container first, or use rmi -f to take the name alone");
        foreach (ImageEntry one in going)
            _ = Content.Untag(one.Name!, keep: used);
        if (isLast && !used)
            _ = Content.Remove([.. all.Select(static one => one.Target.Digest)]);
        ImageRemoval swept = Sweep(inUse);
        return swept with
        {
            Untagged = [.. going.SelectMany(static one => NamesOf(one))],
            Deleted = isLast && !used ? [image.Id, .. swept.Deleted.Where(digest => digest != image.Id)] : [],
        };
    }

    /// <summary>Removes images that nobody uses: those without a name, or all that no container has.</summary>
    /// <param name="all">Whether images with a name go too.</param>
    /// <param name="wanted">Which of them; null for each.</param>
    /// <param name="inUse">Gives what containers need.</param>
    public ImageRemoval Prune(bool all, Func<ImageEntry, bool>? wanted, Func<ImagesInUse> inUse)
    {
        IReadOnlySet<Digest> used = inUse().Images;
        List<ImageEntry> going = [.. List().Where(one => (all || one.Name is null) && !used.Contains(one.Id) && wanted?.Invoke(one) != false)];
        foreach (ImageEntry one in going.Where(static one => one.Name is not null))
            _ = Content.Untag(one.Name!);
        _ = Content.Remove([.. going.Where(static one => one.Name is null).Select(static one => one.Target.Digest)]);
        ImageRemoval swept = Sweep(inUse);
        return swept with { Untagged = [.. going.SelectMany(static one => NamesOf(one))], Deleted = [.. going.Select(static one => one.Id).Concat(swept.Deleted).Distinct()] };
    }

    /// <summary>Removes the content and the layers that neither an image nor a container nor a command at work needs.</summary>
    public ImageRemoval Sweep(Func<ImagesInUse> inUse)
    {
        PruneReport blobs = Content.Prune(() => inUse().Images);
        LayerPruneReport layers = Layers.Prune(() => KeysOf(inUse()));
        return new ImageRemoval([], blobs.Blobs, blobs.Bytes + layers.Bytes);
    }

    private bool LayersAreThere(ImageContent image)
    {
        using LayerLease? lease = Layers.TryUse(image.DiffIds);
        return lease is not null;
    }

    /// <summary>The layers of every image that has an entry, and those of containers. What commands at work need they hold by themselves.</summary>
    private HashSet<string> KeysOf(ImagesInUse inUse)
    {
        var keys = new HashSet<string>(inUse.LayerKeys, StringComparer.Ordinal);
        foreach (ImageEntry image in List().Where(static one => !one.IsList).DistinctBy(static one => one.Target.Digest))
        {
            if (Content.TryReadConfig(image.Id) is { } config)
                keys.UnionWith(LayerStore.KeysOf(config.RootFs.DiffIds ?? []));
        }
        return keys;
    }

    /// <summary>A full reference as people write it.</summary>
    public static string Familiar(string name) => Registry.ImageReference.TryParse(name, out Registry.ImageReference? reference) ? reference.Familiar : Printable.Escape(name);

    private static IEnumerable<string> NamesOf(ImageEntry image)
    {
        if (image.Name is null)
            yield break;
        yield return Familiar(image.Name);
        if (image.Origin is { } origin && !image.Name.Contains('@', StringComparison.Ordinal))
            yield return Familiar($"{RepositoryOf(image.Name)}@{origin}");
    }

    /// <summary>Whether a text names an image by one of its names, and not by digits of its id.</summary>
    internal bool IsNamed(string text, ImageEntry image) =>
        image.Name is not null && !text.StartsWith("sha256:", StringComparison.Ordinal) && Registry.ImageReference.TryParse(text, out _) && Names(text).Any(name => ByName([image], name) is not null);

    private static string Label(ImageEntry image) => image.Name is null ? image.ShortId : Familiar(image.Name);

    private static StorageException Conflict(string message) => new(StorageErrorKind.Conflict, message);
}
