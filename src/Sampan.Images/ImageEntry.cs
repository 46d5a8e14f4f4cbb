using System.Globalization;
using Sampan.Oci;
using Sampan.Storage.Content;

namespace Sampan.Images;

/// <summary>
/// An image of the store as its index tells it, without a look into its documents: what <c>images</c> prints for hundreds of them. The store keeps
/// it in annotations of the index's descriptor.
/// </summary>
/// <param name="Name">The full reference, as <c>docker.io/library/debian:12</c>; null for an image that lost its name to a newer one or never had one.</param>
/// <param name="Target">The manifest, or the index of a manifest list made here.</param>
/// <param name="Id">The digest of the configuration, by which the image is known; the target's own for a manifest list.</param>
/// <param name="Created">When it was built, as its configuration says.</param>
/// <param name="Size">Bytes that its unpacked layers take on the disk, each counted once.</param>
/// <param name="Origin">What the registry has under the name it was pulled or pushed by: the index's digest, or the manifest's; null for an image that no registry is known to have.</param>
public sealed record ImageEntry(string? Name, Descriptor Target, Digest Id, DateTimeOffset Created, long Size, Digest? Origin)
{
    private const string IdKey = "io.sampan.image.id";
    private const string CreatedKey = "io.sampan.image.created";
    private const string SizeKey = "io.sampan.image.size";
    private const string OriginKey = "io.sampan.image.origin";

    /// <summary>Twelve digits of the id, as people see it.</summary>
    public string ShortId => Id.Hex[..12];

    /// <summary>Whether it is a list of manifests and not one image.</summary>
    public bool IsList => MediaTypes.IsIndex(Target.MediaType);

    /// <summary>Reads an entry of the index. What is missing, because another tool wrote the entry, is empty.</summary>
    internal static ImageEntry Of(StoredImage image)
    {
        Dictionary<string, string> notes = image.Target.Annotations ?? [];
        return new ImageEntry(
            image.Name,
            image.Target,
            Digest.TryParse(notes.GetValueOrDefault(IdKey), out Digest id) ? id : image.Target.Digest,
            DateTimeOffset.TryParse(notes.GetValueOrDefault(CreatedKey), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset created) ? created : DateTimeOffset.UnixEpoch,
            long.TryParse(notes.GetValueOrDefault(SizeKey), CultureInfo.InvariantCulture, out long size) ? size : 0,
            Digest.TryParse(notes.GetValueOrDefault(OriginKey), out Digest origin) ? origin : null);
    }

    /// <summary>The descriptor that stands in the index.</summary>
    internal Descriptor ToDescriptor()
    {
        var notes = new Dictionary<string, string>
        {
            [IdKey] = Id.ToString(),
            [CreatedKey] = Created.ToString("O", CultureInfo.InvariantCulture),
            [SizeKey] = Size.ToString(CultureInfo.InvariantCulture),
        };
        if (Origin is { } origin)
            notes[OriginKey] = origin.ToString();
        return new Descriptor { MediaType = Target.MediaType, Digest = Target.Digest, Size = Target.Size, Platform = Target.Platform, ArtifactType = Target.ArtifactType, Annotations = notes };
    }
}
