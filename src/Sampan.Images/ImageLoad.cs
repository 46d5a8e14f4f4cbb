using Sampan.Images.Archives;
using Sampan.Oci;
using Sampan.Registry;
using Sampan.Storage.Archives;
using Sampan.Storage.Content;

namespace Sampan.Images;

/// <summary>Brings images from archives and layouts into the store: their blobs as they are, so that digests stay, and unpacked.</summary>
/// <param name="store">Where the images go.</param>
public sealed class ImageLoad(ImageStore store)
{
    /// <summary>How many layers are unpacked at a time, as in a pull.</summary>
    private const int ParallelLayers = 3;

    /// <summary>Loads every image of an archive under the names that it has there.</summary>
    /// <param name="archive">The archive.</param>
    /// <param name="progress">Told of each layer's steps; or null.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="Storage.StorageException">An image is malformed or hostile; those before it are loaded.</exception>
    public async Task<IReadOnlyList<ImageEntry>> RunAsync(ImageArchive archive, IProgress<LayerProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var loaded = new List<ImageEntry>();
        foreach (ArchivedImage image in archive.ReadAll())
        {
            using ContentLease lease = store.Content.Lease();
            using LayerIntake intake = Intake(lease, progress);
            loaded.AddRange(Enter(await StoreAsync(archive, image, intake, lease, cancellationToken).ConfigureAwait(false), NamesOf(image)));
        }
        return loaded;
    }

    /// <summary>Loads one image of an archive, and nothing of it that is here already.</summary>
    /// <param name="archive">The archive.</param>
    /// <param name="tag">Which image of several; null for the only one.</param>
    /// <param name="name">What it is called from now on; null for the names that it has there, if any.</param>
    /// <param name="lease">Holds it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="Storage.StorageException">There is none, there are several, or it is malformed or hostile.</exception>
    public async Task<ImageEntry> RunAsync(ImageArchive archive, string? tag, ImageReference? name, ContentLease lease, CancellationToken cancellationToken = default)
    {
        ArchivedImage image = archive.Read(tag);
        List<ImageReference> names = name is null ? NamesOf(image) : [name];
        IReadOnlyList<ImageEntry> known = store.EntriesOf(image.Id);
        if (known.Count > 0 && names.TrueForAll(one => known.Any(entry => entry.Name == one.ToString())) && store.IsComplete(known[0]))
            return known[0];
        using LayerIntake intake = Intake(lease, null);
        return Enter(await StoreAsync(archive, image, intake, lease, cancellationToken).ConfigureAwait(false), names)[0];
    }

    private LayerIntake Intake(ContentLease lease, IProgress<LayerProgress>? progress) => new(store, lease, ParallelLayers, progress);

    private List<ImageEntry> Enter(ImageContent image, List<ImageReference> names) => names.Count == 0 ? [store.Enter(image, null)] : names.ConvertAll(name => store.Enter(image, name));

    private async Task<ImageContent> StoreAsync(ImageArchive archive, ArchivedImage image, LayerIntake intake, ContentLease lease, CancellationToken cancellationToken)
    {
        List<IncomingLayer> incoming = [.. image.Layers.Select((layer, index) => Incoming(archive, layer, image.Config.RootFs.DiffIds![index]))];
        IReadOnlyList<Descriptor> layers = await intake.RunAsync(incoming, cancellationToken).ConfigureAwait(false);
        if (image is not { Target: { } target, ManifestBytes: { } manifest })
            return ManifestWriter.Store(store.Content, lease, image.ConfigBytes, layers);
        _ = store.Content.Add(image.ConfigBytes, MediaTypes.ImageConfig, lease);
        return ImageContent.Check(store.Content.Add(manifest, target.MediaType, lease), manifest, image.ConfigBytes);
    }

    private static IncomingLayer Incoming(ImageArchive archive, ArchivedLayer layer, Digest diffId)
    {
        if (layer.Stored.Digest.IsValid)
        {
            return new IncomingLayer(layer.Stored, diffId, (ingest, _) =>
            {
                Stream bytes = archive.Open(layer);
                bytes.Position = Math.Min(ingest.Offset, bytes.Length);
                return Task.FromResult(bytes);
            });
        }
        // Docker's archives promise the digest of the plain form alone, which is the blob's own where it is stored plain, as it mostly is.
        string compression;
        using (Stream first = archive.Open(layer))
            compression = Decompression.Kind(first);
        var descriptor = new Descriptor { MediaType = ManifestWriter.LayerMediaType(compression), Size = -1 };
        if (compression.Length == 0)
            descriptor.Digest = diffId;
        return new IncomingLayer(descriptor, diffId, (ingest, _) =>
        {
            Stream bytes = archive.Open(layer);
            bytes.Position = Math.Min(ingest.Offset, bytes.Length);
            return Task.FromResult(bytes);
        });
    }

    private static List<ImageReference> NamesOf(ArchivedImage image) => [.. image.Names.Select(NameOf).OfType<ImageReference>()];

    /// <summary>A name of an archive as a reference: whole where it has a repository; a bare tag, as OCI layouts have, names nothing by itself.</summary>
    private static ImageReference? NameOf(string name) =>
        (name.Contains('/', StringComparison.Ordinal) || name.Contains(':', StringComparison.Ordinal)) && ImageReference.TryParse(name, out ImageReference? reference) ? reference : null;
}
