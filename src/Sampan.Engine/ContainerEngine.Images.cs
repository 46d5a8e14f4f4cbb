using Sampan.Engine.Containers;
using Sampan.Engine.Images;
using Sampan.Images;
using Sampan.Images.Archives;
using Sampan.Oci;
using Sampan.Registry;
using Sampan.Storage.Content;
using Sampan.Storage.Layers;

namespace Sampan.Engine;

/// <summary>When an image is pulled for a new container.</summary>
public enum PullPolicy
{
    /// <summary>When it is not here.</summary>
    Missing,

    /// <summary>Always, so that the registry's newest is taken.</summary>
    Always,

    /// <summary>Never: an image that is not here is an error.</summary>
    Never,
}

public sealed partial class ContainerEngine : IDisposable
{
    private ImageStore? _images;
    private RegistryClient? _registries;

    /// <summary>Gives the settings of registries when they are first needed: most commands need none, and shall not wait for a file.</summary>
    public Func<RegistrySettings>? SettingsSource { get; init; }

    /// <summary>How registries are reached.</summary>
    /// <exception cref="EngineException">The settings are wrong.</exception>
    public RegistrySettings RegistrySettings { get => field ??= SettingsSource?.Invoke() ?? new RegistrySettings(); init; }

    /// <summary>The images of this root.</summary>
    public ImageStore Images => _images ??= new ImageStore(Places.Root, () => RegistrySettings.SearchRegistries);

    /// <summary>The registries, with the credentials of this process's user.</summary>
    public RegistryClient Registries => _registries ??= new RegistryClient(RegistrySettings, CredentialStore.OfUser());

    /// <inheritdoc/>
    public void Dispose() => _registries?.Dispose();

    /// <summary>Pulls the image that a user means: by the first registry of the search list that has it.</summary>
    /// <exception cref="RegistryException">No registry has it, or what it sends is not it.</exception>
    /// <exception cref="Storage.StorageException">A layer is malformed or hostile, or the disk is full.</exception>
    public async Task<PulledImage> PullAsync(string text, PlatformChoice? platform = null, IProgress<LayerProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        IReadOnlyList<ImageReference> candidates = ShortNames.Candidates(text, RegistrySettings.SearchRegistries);
        var pull = new ImagePull(Registries, Images);
        for (int i = 0; i < candidates.Count - 1; i++)
        {
            try
            {
                return await pull.RunAsync(candidates[i], platform, progress, cancellationToken).ConfigureAwait(false);
            }
            catch (RegistryException absent) when (absent.Kind is RegistryErrorKind.NotFound or RegistryErrorKind.Unauthorized)
            {
                // The next registry of the list; what the last one says is the error.
            }
        }
        return await pull.RunAsync(candidates[^1], platform, progress, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes a name from an image, and the image with its last name.</summary>
    /// <exception cref="Storage.StorageException">There is no such image, or it is in use.</exception>
    public ImageRemoval RemoveImage(string text, bool force) => Images.Remove(text, force, ImagesInUse, id =>
        Store.List().Exists(container => container.Record.ImageId == id.ToString() && container.State().Status == ContainerStatus.Running));

    /// <summary>Removes images that no container uses: those without a name, or all.</summary>
    /// <param name="all">Whether those with a name go too.</param>
    /// <param name="wanted">Which of them; null for each.</param>
    public ImageRemoval PruneImages(bool all, Func<ImageEntry, bool>? wanted = null) => Images.Prune(all, wanted, ImagesInUse);

    /// <summary>What the containers of this root need of its images.</summary>
    public ImagesInUse ImagesInUse()
    {
        var images = new HashSet<Digest>();
        var keys = new HashSet<string>(StringComparer.Ordinal);
        foreach (StoredContainer container in Store.List())
        {
            if (container.Record.IsDamaged)
                throw new EngineException(ErrorKind.Conflict, $"the record of the container {container.Record.Name} is damaged, so that nobody knows what it uses; remove it first: \"sampan rm -f {container.Record.ShortId}\"");
            if (Digest.TryParse(container.Record.ImageId, out Digest id))
                _ = images.Add(id);
            keys.UnionWith(container.Record.Layers.Select(static directory => Path.GetFileName(directory)));
        }
        return new ImagesInUse(images, keys);
    }

    /// <summary>An image for a container: found here, loaded from an archive or the program itself, or pulled.</summary>
    /// <param name="options">What the user wants.</param>
    /// <param name="lease">Holds it until the container has its record.</param>
    private (ImageContent Image, LayerLease Layers) OpenImage(ContainerOptions options, ContentLease lease)
    {
        string text = options.Image!;
        ImageEntry entry = ImageLocation.TryParse(text) is { } location ? Load(location, lease) : FindOrGet(text, options, lease);
        foreach (Digest digest in Images.Content.Reach([entry.Target.Digest]))
            lease.Add(digest);
        ImageContent image = Images.Read(entry);
        return (image, Images.Use(image));
    }

    private ImageEntry FindOrGet(string text, ContainerOptions options, ContentLease lease)
    {
        PlatformChoice? platform = options.Platform is { } wanted ? PlatformChoice.Parse(wanted) : null;
        ImageEntry? here = options.Pull == PullPolicy.Always ? null : Images.TryFind(text);
        if (here is { IsList: false } && (platform is null || platform.Distance(PlatformOf(here)) >= 0))
            return here;
        if (options.Pull != PullPolicy.Always && EmbeddedImage.IsNamedBy(text) && (platform is null || platform.Distance(EmbeddedImage.Platform) >= 0))
        {
            using ImageArchive archive = EmbeddedImage.Open();
            return Load(archive, null, ImageReference.Parse($"{ImageStore.LocalRegistry}/{EmbeddedImage.Name}"), lease);
        }
        if (options.Pull == PullPolicy.Never && here is { IsList: false })
            throw new EngineException(ErrorKind.NotFound, $"the image \"{Printable.Excerpt(text, 200)}\" is here for {PlatformChoice.Name(PlatformOf(here))} and not for {platform}; without --pull never that one is pulled");
        return options.Pull == PullPolicy.Never ? Images.Find(text) : PullAsync(text, platform, options.PullProgress, options.Cancellation).GetAwaiter().GetResult().Image;
    }

    /// <summary>What an image runs on: by its entry, which a registry's index has filled in, or by its configuration.</summary>
    private Platform PlatformOf(ImageEntry entry)
    {
        if (entry.Target.Platform is { } platform)
            return platform;
        ImageConfig config = Images.Read(entry).Config;
        return new Platform { Os = config.Os, Architecture = config.Architecture, Variant = config.Variant };
    }

    private ImageEntry Load(ImageLocation location, ContentLease lease)
    {
        Storage.HostDirectory.Ensure(Places.Scratch);
        using ImageArchive archive = ImageArchive.Open(location, Places.Scratch);
        return Load(archive, location.Tag, null, lease);
    }

    private ImageEntry Load(ImageArchive archive, string? tag, ImageReference? name, ContentLease lease) =>
        new ImageLoad(Images).RunAsync(archive, tag, name, lease).GetAwaiter().GetResult();
}
