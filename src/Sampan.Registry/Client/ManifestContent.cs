using Sampan.Oci;

namespace Sampan.Registry;

/// <summary>A manifest or an index as a registry holds it: its bytes are those of its digest.</summary>
/// <param name="MediaType">What it is, as its own text says it, or the registry where it does not.</param>
/// <param name="Digest">The digest of <paramref name="Bytes"/>.</param>
/// <param name="Bytes">The document, byte for byte.</param>
public sealed record ManifestContent(string MediaType, Digest Digest, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Whether it is an index (or Docker's manifest list) and not one image's manifest.</summary>
    public bool IsIndex => MediaTypes.IsIndex(MediaType);

    /// <summary>How an index names it.</summary>
    public Descriptor Descriptor => new() { MediaType = MediaType, Digest = Digest, Size = Bytes.Length };

    /// <summary>Reads it as an image's manifest.</summary>
    /// <exception cref="SpecException">It is not one.</exception>
    public ImageManifest Manifest() => ImageManifest.Parse(Bytes.Span);
}
