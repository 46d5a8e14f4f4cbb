using Sampan.Oci;
using Sampan.Registry;
using Sampan.Storage;
using Sampan.Storage.Content;
using Sampan.Storage.Layers;

namespace Sampan.Images;

/// <summary>
/// The images of one root: their documents and layers by digest (<see cref="ContentStore"/>), the unpacked layers by chain id
/// (<see cref="LayerStore"/>), and what they are called. An image that loses its name to a newer one stays, nameless, until it is pruned.
/// </summary>
public sealed partial class ImageStore
{
    /// <summary>The registry of names that belong to no registry: what was built, committed, imported or built in.</summary>
    public const string LocalRegistry = "localhost";

    private readonly Func<IReadOnlyList<string>>? _searchRegistries;

    /// <summary>Opens the store in <paramref name="root"/> and makes it where it is missing.</summary>
    /// <param name="root">The directory that holds <c>content/</c> and <c>layers/</c>.</param>
    /// <param name="searchRegistries">Tells, when the first name without a registry comes, where such are looked for; none is Docker Hub alone.</param>
    public ImageStore(string root, Func<IReadOnlyList<string>>? searchRegistries = null)
    {
        Content = new ContentStore(root);
        Layers = new LayerStore(root);
        _searchRegistries = searchRegistries;
    }

    /// <summary>The blobs and the index.</summary>
    public ContentStore Content { get; }

    /// <summary>The unpacked layers.</summary>
    public LayerStore Layers { get; }

    /// <summary>All images, one entry for each name, in the order of the index.</summary>
    /// <exception cref="StorageException">The index is malformed.</exception>
    public IReadOnlyList<ImageEntry> List() => [.. Content.Images().Select(ImageEntry.Of)];

    /// <summary>
    /// The image that a user means: by name (with Docker's defaults, the search list, and <c>localhost/</c> last), by name and digest, or by
    /// digits of its id, with or without <c>sha256:</c>.
    /// </summary>
    /// <returns>Null where there is none.</returns>
    /// <exception cref="StorageException">The digits fit several images.</exception>
    public ImageEntry? TryFind(string text)
    {
        IReadOnlyList<ImageEntry> all = List();
        if (!text.StartsWith("sha256:", StringComparison.Ordinal) && ImageReference.TryParse(text, out _))
        {
            foreach (ImageReference candidate in Names(text))
            {
                if (ByName(all, candidate) is { } found)
                    return found;
            }
        }
        return ById(all, text);
    }

    /// <summary>All images of the repository that a name without tag and digest means; none where the text is no such name, or there are none.</summary>
    internal IReadOnlyList<ImageEntry> OfRepository(string text)
    {
        bool isBare = ImageReference.TryParse(text, out ImageReference? parsed) && parsed.Digest is null && !text[(text.LastIndexOf('/') + 1)..].Contains(':', StringComparison.Ordinal);
        if (!isBare)
            return [];
        IReadOnlyList<ImageEntry> all = List();
        return Names(text).ConvertAll(name => all.Where(one => !one.IsList && one.Name is { } its && RepositoryOf(its) == name.Name).ToList()).Find(static some => some.Count > 0) ?? [];
    }

    /// <summary>As <see cref="TryFind"/>, and an error where there is none.</summary>
    /// <exception cref="StorageException">There is none, or the digits fit several.</exception>
    public ImageEntry Find(string text) => TryFind(text) ?? throw new StorageException(StorageErrorKind.NotFound, $"there is no image \"{Printable.Excerpt(text, 200)}\" here; \"sampan images\" lists what there is, \"sampan pull\" gets one");

    /// <summary>What a name of an image that is made here stands for: Docker's reading, with <c>localhost/</c> for a name without a registry only where <paramref name="local"/> says so.</summary>
    /// <exception cref="RegistryException">The text is not a reference, or has a digest.</exception>
    public static ImageReference NewName(string text, bool local = false)
    {
        ImageReference name = ImageReference.Parse(text);
        if (name.Digest is not null)
            throw new RegistryException(RegistryErrorKind.InvalidArgument, $"\"{Printable.Excerpt(text, 200)}\" cannot be given to an image: a digest is not chosen; leave it out");
        return local && !ImageReference.HasRegistry(text) ? ImageReference.Parse($"{LocalRegistry}/{text}") : name;
    }

    /// <summary>Reads an image's documents.</summary>
    /// <exception cref="StorageException">It is a list of images, or its documents are missing or damaged.</exception>
    public ImageContent Read(ImageEntry image) => image.IsList
        ? throw new StorageException(StorageErrorKind.InvalidArgument, $"{image.Name} is a list of images for several platforms; \"sampan manifest inspect\" shows it, \"sampan pull\" gets the one for this machine")
        : Read(image.Target);

    /// <summary>Reads the documents of the image of a manifest.</summary>
    /// <exception cref="StorageException">They are missing or damaged.</exception>
    public ImageContent Read(Descriptor target)
    {
        byte[] manifest = Content.ReadDocument(target.Digest);
        try
        {
            Digest config = ImageManifest.Parse(manifest).Config?.Digest ?? throw new StorageException(StorageErrorKind.InvalidContent, $"the manifest {target.Digest} names no configuration");
            return ImageContent.Check(target, manifest, Content.ReadDocument(config));
        }
        catch (SpecException cause)
        {
            throw new StorageException(StorageErrorKind.InvalidContent, $"the manifest {target.Digest} is malformed: {cause.Message}", cause);
        }
    }

    /// <summary>The directories of an image's layers, unpacked from the content where they are missing, and held until the lease is disposed.</summary>
    /// <exception cref="StorageException">The content is missing or damaged.</exception>
    public LayerLease Use(ImageContent image) => Layers.Use(
        [.. image.Layers.Select((layer, index) => new LayerBlob(image.DiffIds[index], layer.Digest, layer.Size, $"layer {index + 1}", () => Content.Open(layer.Digest)))]);

    /// <summary>Gives an image of the store one more name; the name leaves the image that had it.</summary>
    public void Tag(ImageEntry image, ImageReference name) =>
        Content.Tag(name.ToString(), (image with { Name = name.ToString(), Origin = SameRepository(image.Name, name) ? image.Origin : null }).ToDescriptor());

    /// <summary>Enters an image whose content is in the store.</summary>
    /// <param name="image">The image.</param>
    /// <param name="name">What it is called from now on, or null.</param>
    /// <param name="origin">What the registry has under this name, or null.</param>
    public ImageEntry Enter(ImageContent image, ImageReference? name, Digest? origin = null)
    {
        var entry = new ImageEntry(name?.ToString(), image.Target, image.Id, image.Created, SizeOf(image), origin);
        Descriptor descriptor = entry.ToDescriptor();
        descriptor.Platform = image.Platform;
        if (name is null)
            Content.Keep(descriptor);
        else
            Content.Tag(name.ToString(), descriptor);
        return entry;
    }

    /// <summary>Bytes that an image's unpacked layers take on the disk, each counted once.</summary>
    public long SizeOf(ImageContent image) => LayerStore.KeysOf(image.DiffIds).Sum(key => Layers.SizeOf(key) ?? 0);

    /// <summary>The full names that a text can mean here, in the order in which they are looked for.</summary>
    private List<ImageReference> Names(string text)
    {
        bool isWhole = ImageReference.HasRegistry(text);
        List<ImageReference> names = [.. ShortNames.Candidates(text, isWhole ? [] : _searchRegistries?.Invoke() ?? [])];
        if (!isWhole)
            names.Add(ImageReference.Parse($"{LocalRegistry}/{text}"));
        return names;
    }

    private static ImageEntry? ByName(IReadOnlyList<ImageEntry> all, ImageReference name)
    {
        if (name.Digest is not { } digest)
            return all.FirstOrDefault(one => one.Name == name.ToString());
        // By digest the repository counts and the tag does not.
        return all.FirstOrDefault(one => one.Name is { } its && RepositoryOf(its) == name.Name && (one.Origin == digest || one.Target.Digest == digest));
    }

    private static ImageEntry? ById(IReadOnlyList<ImageEntry> all, string text)
    {
        string digits = text.StartsWith("sha256:", StringComparison.Ordinal) ? text[7..] : text;
        if (digits.Length is 0 or > 64 || !digits.All(char.IsAsciiHexDigitLower))
            return null;
        List<ImageEntry> fitting = [.. all.Where(one => one.Id.Hex.StartsWith(digits, StringComparison.Ordinal))];
        if (fitting.Select(static one => one.Id).Distinct().Count() > 1)
            throw new StorageException(StorageErrorKind.InvalidArgument, $"several images begin with \"{digits}\"; give more digits");
        return fitting.Count > 0 ? fitting[0] : null;
    }

    private static bool SameRepository(string? old, ImageReference name) => old is not null && RepositoryOf(old) == name.Name;

    /// <summary>Registry and path of a full reference.</summary>
    internal static string RepositoryOf(string name) => ImageReference.TryParse(name, out ImageReference? reference) ? reference.Name : name;
}
