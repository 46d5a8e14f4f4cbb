using Sampan.Oci;
using Sampan.Storage;
using Sampan.Storage.Content;

namespace Sampan.Images.Archives;

/// <summary>Reads an OCI image layout: <c>oci-layout</c>, <c>index.json</c>, <c>blobs/ALGORITHM/HEX</c> (image-spec image-layout.md).</summary>
internal static class OciLayout
{
    private const int MaxIndexDepth = 4;

    public static ArchivedImage Read(ImageFiles files, string? tag) => Read(files, Select(Index(files), tag));

    public static IReadOnlyList<ArchivedImage> ReadAll(ImageFiles files)
    {
        List<Descriptor> entries = Index(files).Manifests ?? [];
        if (entries.Count == 0)
            throw new StorageException(StorageErrorKind.InvalidContent, "the OCI layout holds no image");
        // One image can stand there once for each of its names.
        return [.. entries.GroupBy(static one => one.Digest).Select(group =>
            Read(files, group.First()) with { Names = [.. group.Select(NameOf).OfType<string>()] })];
    }

    private static ImageIndex Index(ImageFiles files)
    {
        if (files.TryReadDocument("oci-layout") is null)
            throw new StorageException(StorageErrorKind.InvalidContent, "this is no image: it is neither an OCI layout (which has the file \"oci-layout\") nor what docker save writes (\"manifest.json\")");
        byte[] index = files.TryReadDocument("index.json") ?? throw new StorageException(StorageErrorKind.InvalidContent, "the OCI layout lacks its \"index.json\"");
        return ImageIndex.Parse(index, "index.json");
    }

    private static ArchivedImage Read(ImageFiles files, Descriptor descriptor)
    {
        string? name = NameOf(descriptor);
        for (int depth = 0; MediaTypes.IsIndex(descriptor.MediaType); depth++)
        {
            if (depth == MaxIndexDepth)
                throw new StorageException(StorageErrorKind.InvalidContent, $"the image's indexes are nested more than {MaxIndexDepth} deep");
            descriptor = ForThisMachine(ImageIndex.Parse(ReadBlob(files, descriptor, "index"), "image index"));
        }
        byte[] manifest = ReadBlob(files, descriptor, "manifest");
        Descriptor configDescriptor = ImageManifest.Parse(manifest, "image manifest").Config ?? throw new StorageException(StorageErrorKind.InvalidContent, "the image's manifest names no configuration");
        byte[] config = ReadBlob(files, configDescriptor, "configuration");
        ImageContent content = ImageContent.Check(descriptor, manifest, config);
        List<ArchivedLayer> layers = [.. content.Layers.Select(static layer => new ArchivedLayer(BlobName(layer.Digest), layer))];
        return new ArchivedImage(name is null ? [] : [name], config, content.Config, configDescriptor.Digest, descriptor, manifest, layers);
    }

    /// <summary>The full name that containerd and docker write where they know one, else OCI's, which may be a bare tag.</summary>
    private static string? NameOf(Descriptor descriptor) =>
        descriptor.Annotations?.GetValueOrDefault("io.containerd.image.name") ?? descriptor.Annotations?.GetValueOrDefault(ImageAnnotations.RefName);

    private static Descriptor Select(ImageIndex index, string? tag)
    {
        List<Descriptor> manifests = index.Manifests ?? [];
        if (tag is null)
        {
            return manifests.Count switch
            {
                1 => manifests[0],
                0 => throw new StorageException(StorageErrorKind.InvalidContent, "the OCI layout holds no image"),
                _ => manifests.Find(static one => NameOf(one) == "latest") ?? ForThisMachine(index),
            };
        }
        return manifests.Find(one => NameOf(one) is { } name && (name == tag || name.EndsWith($":{tag}", StringComparison.Ordinal)))
            ?? throw new StorageException(
                StorageErrorKind.NotFound,
                $"the OCI layout has no image tagged \"{Printable.Escape(tag)}\"; it has: {Printable.Escape(string.Join(", ", manifests.Select(static one => NameOf(one) ?? "(untagged)")))}");
    }

    private static Descriptor ForThisMachine(ImageIndex index)
    {
        // Best takes an entry without a platform when nothing else fits; an index of several such says nothing of which.
        return PlatformChoice.Host.Best(index)
            ?? throw new StorageException(StorageErrorKind.InvalidContent, $"the image has no manifest for {PlatformChoice.Host}; name one by its tag (oci:DIR:TAG)");
    }

    private static byte[] ReadBlob(ImageFiles files, Descriptor descriptor, string what)
    {
        if (descriptor.Size > ImageFiles.MaxDocument)
            throw new StorageException(StorageErrorKind.InvalidContent, $"the image's {what} claims {descriptor.Size} bytes; more than {ImageFiles.MaxDocument} are not read");
        using Stream raw = files.Open(BlobName(descriptor.Digest));
        using var verified = new VerifiedStream(raw, descriptor.Digest, descriptor.Size, $"the image's {what}");
        byte[] bytes = new byte[descriptor.Size];
        if (verified.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length || raw.Length != descriptor.Size)
            throw new StorageException(StorageErrorKind.InvalidContent, $"the image's {what} has {raw.Length} bytes where {descriptor.Size} are promised");
        verified.Finish();
        return bytes;
    }

    private static string BlobName(Digest digest) => $"blobs/{digest.Algorithm}/{digest.Hex}";
}
