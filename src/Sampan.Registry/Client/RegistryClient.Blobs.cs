using System.Net;
using System.Security.Cryptography;
using Sampan.Oci;

namespace Sampan.Registry;

/// <content>Blobs (distribution-spec, Pulling blobs).</content>
public sealed partial class RegistryClient
{
    /// <summary>Whether the registry has a blob in the reference's repository.</summary>
    /// <exception cref="RegistryException">The registry did not answer.</exception>
    public async Task<bool> BlobExistsAsync(ImageReference reference, Digest digest, CancellationToken cancellationToken = default)
    {
        RegistryRequest request = new(HttpMethod.Head, $"blob {digest} of {reference.Name}")
        {
            Path = $"{reference.Repository}/blobs/{digest}",
            Repository = reference.Repository,
            Expected = [HttpStatusCode.NotFound],
        };
        using HttpResponseMessage response = await Endpoint(reference.Registry).SendAsync(request, cancellationToken).ConfigureAwait(false);
        return response.IsSuccessStatusCode;
    }

    /// <summary>Opens a blob. It waits while as many transfers are under way at the registry as <see cref="RegistrySettings.ParallelTransfers"/> allows.</summary>
    /// <param name="reference">Any reference to the repository.</param>
    /// <param name="descriptor">The blob's digest and length: what is read is held to them.</param>
    /// <param name="offset">The first byte that is wanted; what lies before is stored already.</param>
    /// <param name="prefix">The hash of what lies before <paramref name="offset"/>, in the descriptor's algorithm; the download goes on with it and disposes it. Without an offset null.</param>
    /// <param name="cancellationToken">Ends the opening.</param>
    /// <exception cref="RegistryException">No source has it, or what it has is of another length.</exception>
    public async Task<BlobStream> OpenBlobAsync(ImageReference reference, Descriptor descriptor, long offset = 0, IncrementalHash? prefix = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, descriptor.Size);
        if (offset > 0 && prefix?.AlgorithmName != descriptor.Digest.HashAlgorithm)
            throw new ArgumentException("Without the hash of what lies before the offset, the whole cannot be verified.", nameof(prefix));
        BlobStream download = new(Sources(reference.Registry), reference.Repository, descriptor, offset, prefix, _settings.Retries);
        try
        {
            if (offset < descriptor.Size)
                await download.OpenAsync(cancellationToken).ConfigureAwait(false);
            return download;
        }
        catch
        {
            await download.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Reads a small blob whole, such as an image's configuration.</summary>
    /// <param name="reference">Any reference to the repository.</param>
    /// <param name="descriptor">The blob's digest and length.</param>
    /// <param name="maximum">The most bytes that it may have.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="RegistryException">It is longer, no source has it, or it is not what its digest says.</exception>
    public async Task<byte[]> ReadBlobAsync(ImageReference reference, Descriptor descriptor, int maximum = MaximumManifest, CancellationToken cancellationToken = default)
    {
        if (descriptor.Size > maximum)
            throw new RegistryException(RegistryErrorKind.InvalidContent, $"blob {descriptor.Digest} of {reference.Name} has {descriptor.Size} bytes, more than the {maximum} that such a document may have");
        await using BlobStream download = await OpenBlobAsync(reference, descriptor, cancellationToken: cancellationToken).ConfigureAwait(false);
        byte[] bytes = new byte[descriptor.Size];
        await download.ReadExactlyAsync(bytes, cancellationToken).ConfigureAwait(false);
        // An empty blob is verified by its end.
        await download.CopyToAsync(Stream.Null, cancellationToken).ConfigureAwait(false);
        return bytes;
    }
}
