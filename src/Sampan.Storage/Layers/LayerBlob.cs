using Sampan.Oci;
using Sampan.Storage.Archives;
using Sampan.Storage.Content;

namespace Sampan.Storage.Layers;

/// <summary>One layer of an image as it lies in its source: a tar archive, plain or compressed.</summary>
/// <param name="DiffId">The digest of the uncompressed archive.</param>
/// <param name="Stored">The digest of the stored, perhaps compressed, bytes; not valid where the source does not promise one.</param>
/// <param name="Size">The stored bytes' number, or -1 where the source does not promise it.</param>
/// <param name="Name">What the layer is called in a message.</param>
/// <param name="Open">Opens the stored bytes; they are read once, from front to back.</param>
public sealed record LayerBlob(Digest DiffId, Digest Stored, long Size, string Name, Func<Stream> Open)
{
    /// <summary>
    /// Feeds the uncompressed archive to <paramref name="unpack"/> in one pass: one thread reads, hashes what is stored and decompresses, the
    /// calling thread hashes what comes out and unpacks. Both digests are compared before this returns.
    /// </summary>
    /// <exception cref="StorageException">The layer is not what the image promises, is damaged, or exceeds <paramref name="limits"/>.</exception>
    public void Read(Action<TarReader> unpack, LayerLimits? limits = null)
    {
        using Stream raw = Open();
        if (Size >= 0 && raw.CanSeek && raw.Length != Size)
            throw new StorageException(StorageErrorKind.InvalidContent, $"{Name} has {raw.Length} bytes where the manifest promises {Size}");
        using VerifiedStream? stored = Stored.IsValid ? new VerifiedStream(raw, Stored, Size, Name) : null;
        using Stream inflated = Decompression.Open(stored ?? raw);
        try
        {
            using (var ahead = new ReadAheadStream(inflated))
            using (var verified = new VerifiedStream(ahead, DiffId, -1, $"{Name}, uncompressed,", (limits ?? LayerLimits.Default).MaxBytes))
            {
                unpack(new TarReader(verified));
                verified.Finish();
            }
            stored?.Finish();
        }
        catch (InvalidDataException cause)
        {
            throw new StorageException(StorageErrorKind.InvalidContent, $"{Name} is damaged: {cause.Message}", cause);
        }
    }
}

/// <summary>What a layer may cost: a few kilobytes of an archive can name terabytes.</summary>
/// <param name="MaxBytes">The most bytes of the uncompressed archive.</param>
/// <param name="MaxEntries">The most members of the archive.</param>
public sealed record LayerLimits(long MaxBytes, long MaxEntries)
{
    /// <summary>128 GiB and five million members: beyond every image that is known, and within what a host survives.</summary>
    public static LayerLimits Default { get; } = new(128L << 30, 5_000_000);
}
