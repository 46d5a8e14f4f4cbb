using Sampan.Oci;

namespace Sampan.Registry;

/// <summary>How a blob came to be in a registry.</summary>
public enum UploadOutcome
{
    /// <summary>It was there.</summary>
    Existed,

    /// <summary>The registry took it from another of its repositories.</summary>
    Mounted,

    /// <summary>It was sent.</summary>
    Uploaded,
}

/// <content>Uploads (distribution-spec, Pushing blobs): in one piece where a blob is short, else in chunks; what breaks goes on where the registry says.</content>
public sealed partial class RegistryClient
{
    /// <summary>Sees to it that a registry has a blob in the reference's repository.</summary>
    /// <param name="reference">Any reference to the repository.</param>
    /// <param name="descriptor">The blob's digest and length; the registry checks the digest.</param>
    /// <param name="open">Opens the blob at an offset; called once for each request that is made, and what it gives is disposed.</param>
    /// <param name="mountFrom">Another repository of the same registry that may have it, or null.</param>
    /// <param name="progress">Told how many bytes the registry has, after each chunk; or null.</param>
    /// <param name="cancellationToken">Ends it. What the registry has by then it will forget by itself.</param>
    /// <exception cref="RegistryException">The registry refuses it.</exception>
    public async Task<UploadOutcome> UploadBlobAsync(ImageReference reference, Descriptor descriptor, Func<long, CancellationToken, Task<Stream>> open, string? mountFrom = null, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        RegistryEndpoint endpoint = Endpoint(reference.Registry);
        await endpoint.Transfers.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (await BlobExistsAsync(reference, descriptor.Digest, cancellationToken).ConfigureAwait(false))
                return UploadOutcome.Existed;
            UploadSession session = new(endpoint, reference, descriptor, open, _settings.ChunkSize, progress);
            if (await session.BeginAsync(mountFrom, cancellationToken).ConfigureAwait(false))
                return UploadOutcome.Mounted;
            for (int attempt = 0; ;)
            {
                long before = session.Offset;
                try
                {
                    await session.SendAsync(cancellationToken).ConfigureAwait(false);
                    return UploadOutcome.Uploaded;
                }
                catch (RegistryException failure) when (failure.MayPass && (attempt < _settings.Retries || session.Offset > before))
                {
                    attempt = session.Offset > before ? 0 : attempt;
                    await endpoint.PauseAsync(attempt++, session.What, failure.RetryAfter, cancellationToken).ConfigureAwait(false);
                }
                // The answer to the last request may be what was lost.
                if (!await session.RecoverAsync(cancellationToken).ConfigureAwait(false))
                {
                    if (await BlobExistsAsync(reference, descriptor.Digest, cancellationToken).ConfigureAwait(false))
                        return UploadOutcome.Uploaded;
                    await session.BeginAsync(null, cancellationToken).ConfigureAwait(false);
                }
            }
        }
        finally
        {
            endpoint.Transfers.Release();
        }
    }
}
