using Sampan.Oci;
using Sampan.Storage.Content;

namespace Sampan.Images;

/// <summary>Writes the manifest of an image that comes without one, or is made here.</summary>
internal static class ManifestWriter
{
    private const string LayerType = "application/vnd.oci.image.layer.v1.tar";

    /// <summary>A layer's media type by how it is compressed.</summary>
    /// <param name="compression">Empty, <c>gzip</c> or <c>zstd</c>.</param>
    public static string LayerMediaType(string compression) => compression.Length == 0 ? LayerType : $"{LayerType}+{compression}";

    /// <summary>Whether a layer is a plain tar archive.</summary>
    public static bool IsPlain(Descriptor layer) => layer.MediaType is LayerType or "application/vnd.docker.image.rootfs.diff.tar";

    /// <summary>Stores a configuration and the manifest over it.</summary>
    public static ImageContent Store(ContentStore content, ContentLease lease, ReadOnlySpan<byte> config, IReadOnlyList<Descriptor> layers)
    {
        var manifest = new ImageManifest
        {
            SchemaVersion = 2,
            MediaType = MediaTypes.ImageManifest,
            Config = content.Add(config, MediaTypes.ImageConfig, lease),
            Layers = [.. layers],
        };
        byte[] document = manifest.ToJson(indented: false);
        return ImageContent.Check(content.Add(document, MediaTypes.ImageManifest, lease), document, config);
    }
}
