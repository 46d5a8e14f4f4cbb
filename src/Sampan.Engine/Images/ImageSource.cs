using Sampan.Oci;
using Sampan.Storage.Layers;

namespace Sampan.Engine.Images;

/// <summary>One layer of an image as it lies in its source.</summary>
/// <param name="File">Its name among the source's files.</param>
/// <param name="DiffId">The digest of the uncompressed archive.</param>
/// <param name="Stored">The digest of the stored, perhaps compressed, bytes; not valid where the source does not promise one.</param>
/// <param name="Size">The stored bytes' number, or -1 where the source does not promise it.</param>
public sealed record LayerSource(string File, Digest DiffId, Digest Stored, long Size);

/// <summary>
/// An image that can be read: its configuration, verified, and its layers, which are verified while they are read. Dispose it when the layers
/// have been unpacked.
/// </summary>
public sealed class ImageSource : IDisposable
{
    /// <summary>As many as overlayfs takes (OVL_MAX_STACK).</summary>
    public const int MaxLayers = 500;

    private readonly ImageFiles _files;

    internal ImageSource(ImageFiles files, ImageConfig config, Digest id, IReadOnlyList<LayerSource> layers)
    {
        _files = files;
        Config = config;
        Id = id;
        Layers = layers;
    }

    /// <summary>The configuration.</summary>
    public ImageConfig Config { get; }

    /// <summary>The digest of the configuration, by which the image is known.</summary>
    public Digest Id { get; }

    /// <summary>The layers, the lowest first.</summary>
    public IReadOnlyList<LayerSource> Layers { get; }

    /// <summary>Opens what a reference names.</summary>
    /// <param name="reference">The image.</param>
    /// <param name="scratch">A directory for a compressed archive's plain form; the file has no name in it.</param>
    /// <exception cref="EngineException">There is no such image, or it is malformed.</exception>
    public static ImageSource Open(ImageReference reference, string scratch)
    {
        ImageFiles files = reference.Transport switch
        {
            ImageTransport.Embedded => EmbeddedImage.Open(),
            ImageTransport.OciLayout => new DirectoryFiles(reference.Path),
            _ => new TarFiles(ArchiveFile.Open(reference.Path, scratch)),
        };
        try
        {
            bool docker = reference.Transport == ImageTransport.DockerArchive && files.TryOpen("manifest.json") is not null;
            return docker ? DockerArchive.Read(files, reference.Tag) : OciLayout.Read(files, reference.Tag);
        }
        catch (SpecException cause)
        {
            files.Dispose();
            throw new EngineException(ErrorKind.InvalidImage, $"the image is malformed: {cause.Message}", cause);
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    /// <summary>The layers as the store unpacks them, the lowest first. They can be opened until this object is disposed.</summary>
    public IReadOnlyList<LayerBlob> Blobs =>
        [.. Layers.Select((layer, index) => new LayerBlob(layer.DiffId, layer.Stored, layer.Size, $"layer {index + 1}", () => _files.Open(layer.File)))];

    /// <inheritdoc/>
    public void Dispose() => _files.Dispose();

    /// <summary>The layers of a configuration joined with what the manifest says of their files.</summary>
    internal static List<LayerSource> Join(ImageConfig config, IReadOnlyList<(string File, Digest Stored, long Size)> stored)
    {
        List<Digest> diffIds = config.RootFs.DiffIds ?? [];
        if (config.Os is not ("linux" or ""))
            throw new EngineException(ErrorKind.InvalidImage, $"the image is for \"{Printable.Escape(config.Os)}\" and not for linux");
        if (diffIds.Count != stored.Count || diffIds.Count == 0)
            throw new EngineException(ErrorKind.InvalidImage, $"the image's configuration names {diffIds.Count} layers and its manifest {stored.Count}");
        if (diffIds.Count > MaxLayers)
            throw new EngineException(ErrorKind.InvalidImage, $"the image has {diffIds.Count} layers; more than {MaxLayers} are not accepted");
        var layers = new List<LayerSource>(stored.Count);
        for (int i = 0; i < stored.Count; i++)
            layers.Add(new LayerSource(stored[i].File, diffIds[i], stored[i].Stored, stored[i].Size));
        return layers;
    }
}
