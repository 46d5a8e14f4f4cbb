using Sampan.Oci;
using Sampan.Registry;
using Sampan.Storage;
using Sampan.Storage.Content;

namespace Sampan.Images;

/// <summary>What a pull has brought.</summary>
/// <param name="Image">The image, as it is in the store now.</param>
/// <param name="Digest">What the registry has under the reference: the index's digest, or the manifest's.</param>
/// <param name="IsNew">False where all of it was there already.</param>
public sealed record PulledImage(ImageEntry Image, Digest Digest, bool IsNew);

/// <summary>
/// Gets images from registries. Layers come several at a time and are unpacked while they come; nothing has a name before all of it is there, verified and on the
/// disk. A pull that was cut or killed leaves what it had, and the next one goes on with it.
/// </summary>
/// <param name="client">The registries.</param>
/// <param name="store">Where the images go.</param>
public sealed class ImagePull(RegistryClient client, ImageStore store)
{
    /// <summary>How many layers are unpacked at a time: each keeps up to two threads busy.</summary>
    private const int ParallelLayers = 3;

    /// <summary>Pulls the image of a reference for a platform.</summary>
    /// <param name="reference">The image.</param>
    /// <param name="platform">The platform; null for this machine's.</param>
    /// <param name="progress">Told of each layer's steps, from several threads.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="RegistryException">The registry does not have it, or what it sends is not it.</exception>
    /// <exception cref="StorageException">A layer is malformed or hostile, or the disk is full.</exception>
    public async Task<PulledImage> RunAsync(ImageReference reference, PlatformChoice? platform = null, IProgress<LayerProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        PlatformChoice wanted = platform ?? PlatformChoice.Host;
        using ContentLease lease = store.Content.Lease();
        Descriptor top = await client.ResolveAsync(reference, cancellationToken).ConfigureAwait(false);
        if (Present(reference, top.Digest, wanted) is { } there)
            return new PulledImage(there, top.Digest, IsNew: false);
        ImageReference exact = reference.WithDigest(top.Digest);
        ManifestContent content = await client.GetManifestAsync(exact, wanted, cancellationToken).ConfigureAwait(false);
        Descriptor target = store.Content.Add(content.Bytes.Span, content.MediaType, lease);
        ImageContent image = await DocumentsAsync(exact, content, target, lease, cancellationToken).ConfigureAwait(false);
        if (platform is not null && wanted.Distance(image.Platform) < 0)
            throw new StorageException(StorageErrorKind.NotFound, $"the image {reference.Familiar} is for {PlatformChoice.Name(image.Platform)} and not for {wanted}");
        using var intake = new LayerIntake(store, lease, ParallelLayers, progress);
        _ = await intake.RunAsync([.. image.Layers.Select((layer, index) => Incoming(exact, layer, image.DiffIds[index]))], cancellationToken).ConfigureAwait(false);
        // A reference by digest alone names nothing that could move: the image is known as REPOSITORY@DIGEST.
        return new PulledImage(store.Enter(image, NameFor(reference), top.Digest), top.Digest, IsNew: true);
    }

    /// <summary>The name that an image has after it was pulled by a reference: with a tag and a digest, the digest decides and the tag is not given.</summary>
    public static ImageReference NameFor(ImageReference reference) => reference.Digest is { } digest ? reference.WithDigest(digest) : reference;

    private ImageEntry? Present(ImageReference reference, Digest origin, PlatformChoice wanted)
    {
        string name = NameFor(reference).ToString();
        ImageEntry? entry = store.List().FirstOrDefault(one => one.Name == name && one.Origin == origin && !one.IsList);
        return entry is not null && (entry.Target.Platform is not { } its || wanted.Distance(its) >= 0) && store.IsComplete(entry) ? entry : null;
    }

    private async Task<ImageContent> DocumentsAsync(ImageReference reference, ManifestContent content, Descriptor target, ContentLease lease, CancellationToken cancellationToken)
    {
        Descriptor config;
        try
        {
            config = content.Manifest().Config ?? throw new StorageException(StorageErrorKind.InvalidContent, $"the manifest of {reference.Familiar} names no configuration: it is not an image that can be run");
        }
        catch (SpecException cause)
        {
            throw new StorageException(StorageErrorKind.InvalidContent, $"the manifest of {reference.Familiar} is malformed: {cause.Message}", cause);
        }
        byte[] bytes = await client.ReadBlobAsync(reference, config, cancellationToken: cancellationToken).ConfigureAwait(false);
        // Checked before it is stored: one bad image must not break those that are here.
        ImageContent image = ImageContent.Check(target, content.Bytes.Span, bytes);
        _ = store.Content.Add(bytes, config.MediaType, lease);
        return image;
    }

    private IncomingLayer Incoming(ImageReference reference, Descriptor layer, Digest diffId) => new(layer, diffId, async (ingest, token) =>
        await client.OpenBlobAsync(reference, layer, ingest.Offset, ingest.Offset > 0 ? ingest.HashSoFar() : null, token).ConfigureAwait(false));
}
