using Sampan.Oci;
using Sampan.Storage.Content;

namespace Sampan.Engine.Images;

/// <summary>Reads an OCI image layout: <c>oci-layout</c>, <c>index.json</c>, <c>blobs/ALGORITHM/HEX</c> (image-spec image-layout.md).</summary>
internal static class OciLayout
{
    private const int MaxIndexDepth = 4;

    public static ImageSource Read(ImageFiles files, string? tag)
    {
        if (files.TryReadDocument("oci-layout") is null)
            throw new EngineException(ErrorKind.InvalidImage, "the image is no OCI layout: it lacks the file \"oci-layout\"");
        byte[] index = files.TryReadDocument("index.json") ?? throw new EngineException(ErrorKind.InvalidImage, "the OCI layout lacks its \"index.json\"");
        Descriptor descriptor = Select(ImageIndex.Parse(index, "index.json"), tag);
        for (int depth = 0; MediaTypes.IsIndex(descriptor.MediaType); depth++)
        {
            if (depth == MaxIndexDepth)
                throw new EngineException(ErrorKind.InvalidImage, $"the image's indexes are nested more than {MaxIndexDepth} deep");
            descriptor = ForThisMachine(ImageIndex.Parse(ReadBlob(files, descriptor, "index"), "image index"));
        }
        ImageManifest manifest = ImageManifest.Parse(ReadBlob(files, descriptor, "manifest"), "image manifest");
        Descriptor configDescriptor = manifest.Config ?? throw new EngineException(ErrorKind.InvalidImage, "the image's manifest names no configuration");
        ImageConfig config = ImageConfig.Parse(ReadBlob(files, configDescriptor, "configuration"));
        var stored = new List<(string, Digest, long)>();
        foreach (Descriptor layer in manifest.Layers ?? [])
        {
            if (layer.MediaType.Contains("encrypted", StringComparison.Ordinal))
                throw new EngineException(ErrorKind.InvalidImage, "a layer of the image is encrypted, which this version cannot read");
            stored.Add((BlobName(layer.Digest), layer.Digest, layer.Size));
        }
        return new ImageSource(files, config, configDescriptor.Digest, ImageSource.Join(config, stored));
    }

    private static Descriptor Select(ImageIndex index, string? tag)
    {
        List<Descriptor> manifests = index.Manifests ?? [];
        if (tag is null)
        {
            return manifests.Count switch
            {
                1 => manifests[0],
                0 => throw new EngineException(ErrorKind.InvalidImage, "the OCI layout holds no image"),
                _ => manifests.Find(static one => one.Annotations?.GetValueOrDefault(ImageAnnotations.RefName) == "latest") ?? ForThisMachine(index),
            };
        }
        return manifests.Find(one => one.Annotations?.GetValueOrDefault(ImageAnnotations.RefName) is { } name && (name == tag || name.EndsWith($":{tag}", StringComparison.Ordinal)))
            ?? throw new EngineException(
                ErrorKind.NotFound,
                $"the OCI layout has no image tagged \"{Printable.Escape(tag)}\"; it has: {Printable.Escape(string.Join(", ", manifests.Select(static one => one.Annotations?.GetValueOrDefault(ImageAnnotations.RefName) ?? "(untagged)")))}");
    }

    private static Descriptor ForThisMachine(ImageIndex index)
    {
        string machine = PlatformChoice.Host.Wanted.Architecture;
        return index.Manifests?.Find(one => one.Platform is { Os: "linux" } platform && platform.Architecture == machine)
            ?? throw new EngineException(ErrorKind.InvalidImage, $"the image has no manifest for linux on {machine}; name one by its tag (oci:DIR:TAG)");
    }

    private static byte[] ReadBlob(ImageFiles files, Descriptor descriptor, string what)
    {
        if (descriptor.Size > ImageFiles.MaxDocument)
            throw new EngineException(ErrorKind.InvalidImage, $"the image's {what} claims {descriptor.Size} bytes; more than {ImageFiles.MaxDocument} are not read");
        using Stream raw = files.Open(BlobName(descriptor.Digest));
        using var verified = new VerifiedStream(raw, descriptor.Digest, descriptor.Size, $"the image's {what}");
        byte[] bytes = new byte[descriptor.Size];
        if (verified.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length || raw.Length != descriptor.Size)
            throw new EngineException(ErrorKind.InvalidImage, $"the image's {what} has {raw.Length} bytes where {descriptor.Size} are promised");
        verified.Finish();
        return bytes;
    }

    private static string BlobName(Digest digest) => $"blobs/{digest.Algorithm}/{digest.Hex}";
}
