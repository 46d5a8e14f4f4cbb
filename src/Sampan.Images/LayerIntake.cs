using Sampan.Oci;
using Sampan.Storage.Content;

namespace Sampan.Images;

/// <summary>A layer that comes from somewhere: a registry, an archive, a layout.</summary>
/// <param name="Descriptor">What the source says it is; the digest is not valid, and the size -1, where the source does not promise them.</param>
/// <param name="DiffId">The digest of the uncompressed archive.</param>
/// <param name="Open">Opens the stored bytes from an offset on, which is 0 for a source that does not promise a digest.</param>
internal sealed record IncomingLayer(Descriptor Descriptor, Digest DiffId, Func<ContentIngest, CancellationToken, Task<Stream>> Open);

/// <summary>
/// Brings the layers of an image into the store, several at a time, each in one pass: stored as it comes, hashed, decompressed and unpacked. What an
/// earlier attempt has left is gone on with. A layer that is there is not read.
/// </summary>
internal sealed class LayerIntake(ImageStore store, ContentLease lease, int parallel, IProgress<LayerProgress>? progress)
{
    /// <summary>Brings in the layers of one image, the lowest first.</summary>
    /// <returns>Their descriptors, with digest and size.</returns>
    public async Task<IReadOnlyList<Descriptor>> RunAsync(IReadOnlyList<IncomingLayer> layers, CancellationToken cancellationToken)
    {
        var stored = new Descriptor[layers.Count];
        foreach (IncomingLayer layer in layers)
            progress?.Report(new LayerProgress(NameOf(layer), LayerStage.Waiting, 0, layer.Descriptor.Size));
        // The largest first, so that none of them is left for the end alone.
        int[] order = [.. Enumerable.Range(0, layers.Count).OrderByDescending(index => layers[index].Descriptor.Size)];
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Parallel.ForEachAsync(order, new ParallelOptions { MaxDegreeOfParallelism = parallel, CancellationToken = stop.Token }, async (index, token) =>
            stored[index] = await BringAsync(layers[index], token).ConfigureAwait(false)).ConfigureAwait(false);
        return stored;
    }

    private async Task<Descriptor> BringAsync(IncomingLayer layer, CancellationToken cancellationToken)
    {
        Descriptor descriptor = layer.Descriptor;
        if (descriptor.Digest.IsValid)
        {
            lease.Add(descriptor.Digest);
            if (store.Content.Contains(descriptor.Digest))
            {
                progress?.Report(new LayerProgress(NameOf(layer), LayerStage.Exists, descriptor.Size, descriptor.Size));
                return descriptor;
            }
        }
        using ContentIngest ingest = store.Content.Ingest(descriptor.Digest, descriptor.Size, lease);
        await using Stream rest = await layer.Open(ingest, cancellationToken).ConfigureAwait(false);
        byte[] buffer = new byte[256 * 1024];
        int read;
        while ((read = await rest.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
        {
            ingest.Write(buffer.AsSpan(0, read));
            progress?.Report(new LayerProgress(NameOf(layer), LayerStage.Transferring, ingest.Offset, descriptor.Size));
        }
        Digest digest = ingest.Commit();
        progress?.Report(new LayerProgress(NameOf(layer), LayerStage.Done, ingest.Offset, ingest.Offset));
        return new Descriptor { MediaType = descriptor.MediaType, Digest = digest, Size = ingest.Offset };
    }

    private static Digest NameOf(IncomingLayer layer) => layer.Descriptor.Digest.IsValid ? layer.Descriptor.Digest : layer.DiffId;
}
