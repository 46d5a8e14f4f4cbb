using Sampan.Oci;

namespace Sampan.Registry;

/// <content>What refers to a manifest: signatures, bills of materials (distribution-spec, Listing Referrers, and its tag schema for registries without).</content>
public sealed partial class RegistryClient
{
    /// <summary>The manifests whose subject is a manifest.</summary>
    /// <param name="reference">A reference with the subject's digest.</param>
    /// <param name="artifactType">Only those of this type, or null for all.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="RegistryException">The reference has no digest, or the registry did not answer.</exception>
    public async Task<IReadOnlyList<Descriptor>> ReferrersAsync(ImageReference reference, string? artifactType = null, CancellationToken cancellationToken = default)
    {
        Digest subject = reference.Digest ?? throw new RegistryException(RegistryErrorKind.InvalidArgument, $"{reference} needs a digest: what refers to a manifest refers to its digest");
        RegistryEndpoint endpoint = Endpoint(reference.Registry);
        string filter = artifactType is null ? "" : "?artifactType=" + Uri.EscapeDataString(artifactType);
        RegistryRequest request = new(HttpMethod.Get, $"what refers to {reference}")
        {
            Path = $"{reference.Repository}/referrers/{subject}{filter}",
            Repository = reference.Repository,
            Accept = [MediaTypes.ImageIndex],
        };
        List<Descriptor> found = [];
        try
        {
            await foreach (byte[] page in PagesAsync(endpoint, request, cancellationToken).ConfigureAwait(false))
                found.AddRange(ReadIndex(page, request.What).Manifests ?? []);
        }
        catch (RegistryException absent) when (absent.Kind is RegistryErrorKind.NotFound or RegistryErrorKind.Unsupported)
        {
            found = (await TaggedReferrersAsync(endpoint, reference, subject, cancellationToken).ConfigureAwait(false))?.Manifests ?? [];
        }
        // Registries may leave the filtering to the client.
        return artifactType is null ? found : [.. found.Where(d => d.ArtifactType == artifactType)];
    }

    /// <summary>The tag under which the referrers of a digest are kept where the registry has no list of its own.</summary>
    internal static string ReferrersTag(Digest subject) => $"{subject.Algorithm}-{subject.Hex[..64]}";

    private static async Task<ImageIndex?> TaggedReferrersAsync(RegistryEndpoint endpoint, ImageReference reference, Digest subject, CancellationToken cancellationToken)
    {
        try
        {
            ManifestContent content = await GetFromAsync(endpoint, reference, ReferrersTag(subject), null, cancellationToken).ConfigureAwait(false);
            return ReadIndex(content.Bytes.Span, $"what refers to {subject}");
        }
        catch (RegistryException absent) when (absent.Kind == RegistryErrorKind.NotFound)
        {
            return null;
        }
    }

    private async Task AddReferrerAsync(ImageReference reference, string mediaType, Digest digest, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        Descriptor entry = new() { MediaType = mediaType, Digest = digest, Size = bytes.Length };
        Digest subject;
        try
        {
            if (mediaType == MediaTypes.ImageIndex)
            {
                ImageIndex index = ImageIndex.Parse(bytes.Span);
                (entry.ArtifactType, entry.Annotations, subject) = (index.ArtifactType, index.Annotations, index.Subject?.Digest ?? default);
            }
            else
            {
                ImageManifest manifest = ImageManifest.Parse(bytes.Span);
                (entry.ArtifactType, entry.Annotations, subject) = (manifest.ArtifactType ?? manifest.Config?.MediaType, manifest.Annotations, manifest.Subject?.Digest ?? default);
            }
        }
        catch (SpecException)
        {
            // The registry took it; it is not for its client to judge it afterwards.
            return;
        }
        if (!subject.IsValid)
            return;
        ImageIndex list = await TaggedReferrersAsync(Endpoint(reference.Registry), reference, subject, cancellationToken).ConfigureAwait(false)
            ?? new ImageIndex { SchemaVersion = 2, MediaType = MediaTypes.ImageIndex };
        list.Manifests ??= [];
        if (list.Manifests.Exists(d => d.Digest == digest))
            return;
        list.Manifests.Add(entry);
        await PutManifestAsync(reference.WithTag(ReferrersTag(subject)), MediaTypes.ImageIndex, list.ToJson(indented: false), cancellationToken).ConfigureAwait(false);
    }

    private static ImageIndex ReadIndex(ReadOnlySpan<byte> json, string what)
    {
        try
        {
            return ImageIndex.Parse(json);
        }
        catch (SpecException malformed)
        {
            throw new RegistryException(RegistryErrorKind.InvalidContent, $"{what}: {malformed.Message}", malformed);
        }
    }
}
