using Sampan.Oci;
using Sampan.Storage;

namespace Sampan.Images;

/// <summary>The documents of one image, checked against each other.</summary>
/// <param name="Target">The manifest's descriptor.</param>
/// <param name="Manifest">The manifest.</param>
/// <param name="Config">The configuration.</param>
public sealed record ImageContent(Descriptor Target, ImageManifest Manifest, ImageConfig Config)
{
    /// <summary>As many layers as overlayfs takes (OVL_MAX_STACK).</summary>
    public const int MaxLayers = 500;

    /// <summary>The digest of the configuration, by which the image is known.</summary>
    public Digest Id => Manifest.Config!.Digest;

    /// <summary>The layers' descriptors, the lowest first.</summary>
    public IReadOnlyList<Descriptor> Layers => Manifest.Layers!;

    /// <summary>The digests of the uncompressed layers, the lowest first.</summary>
    public IReadOnlyList<Digest> DiffIds => Config.RootFs.DiffIds!;

    /// <summary>The platform of the configuration.</summary>
    public Platform Platform => new() { Os = Config.Os.Length == 0 ? "linux" : Config.Os, Architecture = Config.Architecture, Variant = Config.Variant };

    /// <summary>When the image was built, as it says; the epoch where it does not.</summary>
    public DateTimeOffset Created =>
        DateTimeOffset.TryParse(Config.Created, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out DateTimeOffset created) ? created : DateTimeOffset.UnixEpoch;

    /// <summary>Reads the documents and checks that they belong together and to an image that Linux runs.</summary>
    /// <exception cref="StorageException">They do not.</exception>
    public static ImageContent Check(Descriptor target, ReadOnlySpan<byte> manifest, ReadOnlySpan<byte> config)
    {
        try
        {
            return Check(target, ImageManifest.Parse(manifest), ImageConfig.Parse(config));
        }
        catch (SpecException cause)
        {
            throw Invalid($"the image is malformed: {cause.Message}", cause);
        }
    }

    /// <summary>Checks that a configuration can be an image's of so many layers.</summary>
    /// <exception cref="StorageException">It cannot.</exception>
    internal static void CheckLayers(ImageConfig config, int layers)
    {
        int diffIds = config.RootFs.DiffIds?.Count ?? 0;
        if (config.Os is not ("linux" or ""))
            throw Invalid($"the image is for \"{Printable.Escape(config.Os)}\" and not for linux");
        if (diffIds != layers)
            throw Invalid($"the image's configuration names {diffIds} layers and its manifest {layers}");
        if (layers > MaxLayers)
            throw Invalid($"the image has {layers} layers; more than {MaxLayers} are not accepted");
    }

    private static ImageContent Check(Descriptor target, ImageManifest manifest, ImageConfig config)
    {
        if (manifest.Config is null)
            throw Invalid("the image's manifest names no configuration");
        manifest.Layers ??= [];
        config.RootFs.DiffIds ??= [];
        CheckLayers(config, manifest.Layers.Count);
        foreach (Descriptor layer in manifest.Layers)
        {
            if (layer.MediaType.Contains("encrypted", StringComparison.Ordinal))
                throw Invalid("a layer of the image is encrypted, which this version cannot read");
        }
        return new ImageContent(target, manifest, config);
    }

    private static StorageException Invalid(string message, Exception? cause = null) => new(StorageErrorKind.InvalidContent, message, cause);
}
