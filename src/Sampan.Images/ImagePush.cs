using Sampan.Oci;
using Sampan.Registry;
using Sampan.Storage;
using Sampan.Storage.Content;

namespace Sampan.Images;

/// <summary>
/// Sends images to registries: blobs that the registry has are skipped, those that another of its repositories is known to have are mounted, the rest goes
/// several at a time; the manifest last.
/// </summary>
/// <param name="client">The registries.</param>
/// <param name="store">Where the images are.</param>
public sealed class ImagePush(RegistryClient client, ImageStore store)
{
    private const int ParallelLayers = 4;

    /// <summary>Pushes an image, or a list of images with all of them.</summary>
    /// <param name="image">The image.</param>
    /// <param name="destination">Where to, with a tag.</param>
    /// <param name="progress">Told of each layer's steps, from several threads.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The manifest as it is in the registry.</returns>
    /// <exception cref="RegistryException">The registry refuses it.</exception>
    /// <exception cref="StorageException">Its content is not whole here.</exception>
    public async Task<Descriptor> RunAsync(ImageEntry image, ImageReference destination, IProgress<LayerProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        using ContentLease lease = store.Content.Lease();
        foreach (Digest digest in store.Content.Reach([image.Target.Digest]))
            lease.Add(digest);
        Descriptor sent = await SendAsync(image.Target, destination, byTag: true, progress, cancellationToken).ConfigureAwait(false);
        if (image.Name is { } name && name == destination.ToString())
            store.Content.Tag(name, (image with { Origin = sent.Digest }).ToDescriptor());
        return sent;
    }

    private async Task<Descriptor> SendAsync(Descriptor target, ImageReference destination, bool byTag, IProgress<LayerProgress>? progress, CancellationToken cancellationToken)
    {
        byte[] document = store.Content.ReadDocument(target.Digest);
        if (MediaTypes.IsIndex(target.MediaType))
        {
            foreach (Descriptor one in ImageIndex.Parse(document).Manifests ?? [])
                _ = await SendAsync(one, destination, byTag: false, progress, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            ImageManifest manifest = ImageManifest.Parse(document);
            await SendBlobsAsync(manifest, destination, progress, cancellationToken).ConfigureAwait(false);
        }
        ImageReference name = byTag ? destination : destination.WithDigest(target.Digest);
        Digest digest = await client.PutManifestAsync(name, target.MediaType, document, cancellationToken).ConfigureAwait(false);
        return new Descriptor { MediaType = target.MediaType, Digest = digest, Size = document.Length };
    }

    private async Task SendBlobsAsync(ImageManifest manifest, ImageReference destination, IProgress<LayerProgress>? progress, CancellationToken cancellationToken)
    {
        List<Descriptor> layers = [.. (manifest.Layers ?? []).DistinctBy(static layer => layer.Digest)];
        foreach (Descriptor layer in layers)
            progress?.Report(new LayerProgress(layer.Digest, LayerStage.Waiting, 0, layer.Size));
        Dictionary<Digest, string> elsewhere = Elsewhere(destination);
        await Parallel.ForEachAsync(layers, new ParallelOptions { MaxDegreeOfParallelism = ParallelLayers, CancellationToken = cancellationToken }, async (layer, token) =>
            await SendLayerAsync(layer, destination, elsewhere.GetValueOrDefault(layer.Digest), progress, token).ConfigureAwait(false)).ConfigureAwait(false);
        if (manifest.Config is { } config)
            _ = await client.UploadBlobAsync(destination, config, (offset, _) => Task.FromResult(From(config.Digest, offset)), cancellationToken: cancellationToken).ConfigureAwait(false);
    }

    private async Task SendLayerAsync(Descriptor layer, ImageReference destination, string? mountFrom, IProgress<LayerProgress>? progress, CancellationToken cancellationToken)
    {
        IProgress<long>? bytes = progress is null ? null : new ByteProgress(layer, progress);
        UploadOutcome outcome = await client.UploadBlobAsync(destination, layer, (offset, _) => Task.FromResult(From(layer.Digest, offset)), mountFrom, bytes, cancellationToken).ConfigureAwait(false);
        LayerStage stage = outcome switch
        {
            UploadOutcome.Existed => LayerStage.Exists,
            UploadOutcome.Mounted => LayerStage.Mounted,
            _ => LayerStage.Done,
        };
        progress?.Report(new LayerProgress(layer.Digest, stage, layer.Size, layer.Size));
    }

    /// <summary>Which blobs other repositories of the same registry have, as far as it is known here: those of images that were pulled from it or pushed to it.</summary>
    private Dictionary<Digest, string> Elsewhere(ImageReference destination)
    {
        var known = new Dictionary<Digest, string>();
        foreach (ImageEntry image in store.List())
        {
            if (image.Origin is null || !ImageReference.TryParse(image.Name, out ImageReference? name) || name.Registry != destination.Registry || name.Repository == destination.Repository)
                continue;
            foreach (Digest digest in store.Content.Reach([image.Target.Digest]))
                known[digest] = name.Repository;
        }
        return known;
    }

    private Stream From(Digest digest, long offset)
    {
        Stream blob = store.Content.Open(digest);
        blob.Position = offset;
        return blob;
    }

    /// <summary>Not <see cref="Progress{T}"/>, which would report later, on another thread.</summary>
    private sealed class ByteProgress(Descriptor layer, IProgress<LayerProgress> progress) : IProgress<long>
    {
        public void Report(long value) => progress.Report(new LayerProgress(layer.Digest, LayerStage.Transferring, value, layer.Size));
    }
}
