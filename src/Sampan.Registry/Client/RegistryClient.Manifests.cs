using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using Sampan.Oci;

namespace Sampan.Registry;

/// <content>Manifests (distribution-spec, Pulling manifests, Pushing Manifests).</content>
public sealed partial class RegistryClient
{
    /// <summary>The longest manifest, in bytes: what registries must take (distribution-spec, Pushing Manifests).</summary>
    public const int MaximumManifest = 4 << 20;

    private const int MaximumNesting = 4;
    private static readonly string[] ManifestTypes = [MediaTypes.ImageIndex, MediaTypes.ImageManifest, MediaTypes.DockerManifestList, MediaTypes.DockerManifest];

    /// <summary>What a reference stands for at this moment, without its content.</summary>
    /// <exception cref="RegistryException">The registry does not have it or did not answer.</exception>
    public Task<Descriptor> ResolveAsync(ImageReference reference, CancellationToken cancellationToken = default) => ReadAsync(reference.Registry, async source =>
    {
        RegistryRequest request = ManifestRequest(HttpMethod.Head, source, reference, reference.Target) with { Expected = [HttpStatusCode.MethodNotAllowed] };
        using (HttpResponseMessage response = await source.SendAsync(request, cancellationToken).ConfigureAwait(false))
        {
            string? type = response.Content.Headers.ContentType?.MediaType;
            if (response.IsSuccessStatusCode && HeaderDigest(response) is { } digest && type is not null && response.Content.Headers.ContentLength is { } size)
            {
                if (MediaTypes.IsSchema1(type))
                    throw Schema1(request.What);
                if (reference.Digest is { } wanted && wanted.Algorithm == digest.Algorithm && wanted != digest)
                    throw WrongDigest(request.What, digest, wanted);
                return new Descriptor { MediaType = type, Digest = reference.Digest ?? digest, Size = size };
            }
        }
        // Registries need not say the digest, nor answer HEAD: then the content itself says it.
        return (await GetFromAsync(source, reference, reference.Target, reference.Digest, cancellationToken).ConfigureAwait(false)).Descriptor;
    });

    /// <summary>Gets the manifest or index of a reference, verified against the reference's digest, or else the one the registry says.</summary>
    /// <exception cref="RegistryException">The registry does not have it, or what it sends is not it.</exception>
    public Task<ManifestContent> GetManifestAsync(ImageReference reference, CancellationToken cancellationToken = default) =>
        ReadAsync(reference.Registry, source => GetFromAsync(source, reference, reference.Target, reference.Digest, cancellationToken));

    /// <summary>
    /// Gets the manifest of the image of a reference for a platform: through the index, and the indexes in it, to what fits best.
    /// A manifest that stands for itself is returned whatever its platform is: its configuration tells.
    /// </summary>
    /// <exception cref="RegistryException">No image fits, or the registry does not have it, or what it sends is not it.</exception>
    public async Task<ManifestContent> GetManifestAsync(ImageReference reference, PlatformChoice platform, CancellationToken cancellationToken = default)
    {
        ManifestContent content = await GetManifestAsync(reference, cancellationToken).ConfigureAwait(false);
        for (int depth = 0; content.IsIndex; depth++)
        {
            if (depth == MaximumNesting)
                throw new RegistryException(RegistryErrorKind.InvalidContent, $"{reference}: its indexes are nested more than {MaximumNesting} deep");
            ImageIndex index = ReadIndex(content.Bytes.Span, $"{reference}");
            Descriptor chosen = platform.Best(index) ?? throw NoneFits(reference, platform, index);
            content = await GetManifestAsync(reference.WithDigest(chosen.Digest), cancellationToken).ConfigureAwait(false);
            if (content.Bytes.Length != chosen.Size)
                throw new RegistryException(RegistryErrorKind.InvalidContent, $"{reference}: the manifest {chosen.Digest} has {content.Bytes.Length} bytes where the index says {chosen.Size}");
        }
        return content;
    }

    /// <summary>
    /// Puts a manifest under a reference's tag or digest; its blobs must be there before. Where the registry does not keep referrers
    /// itself, a manifest with a subject is entered in the subject's tag of referrers too.
    /// </summary>
    /// <returns>The manifest's digest.</returns>
    /// <exception cref="RegistryException">The registry refuses it.</exception>
    public async Task<Digest> PutManifestAsync(ImageReference reference, string mediaType, ReadOnlyMemory<byte> manifest, CancellationToken cancellationToken = default)
    {
        Digest digest = Hash(manifest.Span, reference.Digest);
        if (reference.Digest is { } named && named != digest)
            throw WrongDigest($"manifest for {reference}", digest, named);
        RegistryEndpoint endpoint = Endpoint(reference.Registry);
        RegistryRequest request = ManifestRequest(HttpMethod.Put, endpoint, reference, reference.Target) with
        {
            Accept = [],
            Scope = RegistryRequest.PushScope(reference.Repository),
            Content = (_, _) => Task.FromResult<HttpContent>(new ReadOnlyMemoryContent(manifest) { Headers = { ContentType = new MediaTypeHeaderValue(mediaType) } }),
        };
        using HttpResponseMessage response = await endpoint.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (HeaderDigest(response) is { } said && said.Algorithm == digest.Algorithm && said != digest)
            throw WrongDigest(request.What, said, digest);
        if (!response.Headers.Contains("OCI-Subject") && mediaType is MediaTypes.ImageManifest or MediaTypes.ImageIndex)
            await AddReferrerAsync(reference, mediaType, digest, manifest, cancellationToken).ConfigureAwait(false);
        return digest;
    }

    private static RegistryRequest ManifestRequest(HttpMethod method, RegistryEndpoint source, ImageReference reference, string target)
    {
        string repository = source.Prefix + reference.Repository;
        return new RegistryRequest(method, $"manifest {target} of {source.Registry}/{repository}")
        {
            Path = $"{repository}/manifests/{target}",
            Repository = repository,
            Accept = ManifestTypes,
        };
    }

    private static async Task<ManifestContent> GetFromAsync(RegistryEndpoint source, ImageReference reference, string target, Digest? wanted, CancellationToken cancellationToken)
    {
        RegistryRequest request = ManifestRequest(HttpMethod.Get, source, reference, target);
        (HttpResponseMessage response, byte[] bytes) = await source.SendWholeAsync(request, MaximumManifest, cancellationToken).ConfigureAwait(false);
        if (ResponseErrors.IsWebPage(response))
            throw new RegistryException(RegistryErrorKind.InvalidContent, $"{request.What}: {source.Registry} answered with a web page: it may be no registry, or a proxy or a login page stands between");
        Digest? promised = wanted ?? HeaderDigest(response);
        Digest actual = Hash(bytes, promised);
        string type = MediaTypeOf(bytes, response.Content.Headers.ContentType?.MediaType, request.What);
        if (promised is { } digest && digest != actual)
            throw WrongDigest(request.What, actual, digest);
        return new ManifestContent(type, actual, bytes);
    }

    private static string MediaTypeOf(byte[] bytes, string? header, string what)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes);
            JsonElement root = document.RootElement;
            if (MediaTypes.IsSchema1(header) || (root.TryGetProperty("schemaVersion", out JsonElement version) && version.ValueKind == JsonValueKind.Number && version.TryGetInt32(out int number) && number == 1))
                throw Schema1(what);
            string? type = root.TryGetProperty("mediaType", out JsonElement own) && own.ValueKind == JsonValueKind.String ? own.GetString() : header;
            if (MediaTypes.IsIndex(type) || MediaTypes.IsManifest(type))
            {
                // A document that can be read as both is refused (image-spec manifest.md; CVE-2021-41190).
                bool asOther = root.TryGetProperty(MediaTypes.IsIndex(type) ? "layers" : "manifests", out _);
                if (!asOther && (header is null || header == type || !(MediaTypes.IsIndex(header) || MediaTypes.IsManifest(header))))
                    return type!;
                throw new RegistryException(RegistryErrorKind.InvalidContent, $"{what}: it can be read as a manifest and as an index, or its type is not what the registry says: it is refused as ambiguous");
            }
            throw new RegistryException(RegistryErrorKind.InvalidContent, $"{what}: its type \"{Printable.Excerpt(type ?? "", 80)}\" is neither an image's manifest nor an index");
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            throw new RegistryException(RegistryErrorKind.InvalidContent, $"{what}: what the registry sent is not a JSON object", malformed);
        }
    }

    /// <summary>The digest of some bytes, in the algorithm of the one it is to be compared with.</summary>
    private static Digest Hash(ReadOnlySpan<byte> bytes, Digest? like) =>
        Digest.FromHash(CryptographicOperations.HashData(like?.HashAlgorithm ?? HashAlgorithmName.SHA256, bytes));

    private static Digest? HeaderDigest(HttpResponseMessage response) =>
        response.Headers.TryGetValues("Docker-Content-Digest", out IEnumerable<string>? values) && Digest.TryParse(values.FirstOrDefault(), out Digest digest) ? digest : null;

    private static RegistryException WrongDigest(string what, Digest actual, Digest expected) =>
        new(RegistryErrorKind.InvalidContent, $"{what} has the digest {actual} and not {expected}: it was damaged or exchanged");

    private static RegistryException Schema1(string what) =>
        new(RegistryErrorKind.Unsupported, $"{what}: it is in Docker's schema 1, which was given up in 2017: have its owner push it again with any engine of today");

    private static RegistryException NoneFits(ImageReference reference, PlatformChoice platform, ImageIndex index)
    {
        IEnumerable<string> offered = (index.Manifests ?? []).Where(m => m.Platform is { Os: not "unknown" }).Select(m => PlatformChoice.Name(m.Platform!)).Distinct().Take(12);
        return new RegistryException(RegistryErrorKind.NotFound, $"{reference} has no image for {platform}; it has {string.Join(", ", offered)}");
    }
}
