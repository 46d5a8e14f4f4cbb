using System.Globalization;
using Sampan.Oci;
using Sampan.Registry;
using Sampan.Storage;
using Sampan.Storage.Archives;
using Sampan.Storage.Content;
using Sampan.Storage.Layers;

namespace Sampan.Images;

/// <summary>What is said of an image that is made here.</summary>
/// <param name="Name">What it is called; null for no name.</param>
/// <param name="Author">Who made it, or null.</param>
/// <param name="Comment">A remark in its history, or null.</param>
/// <param name="CreatedBy">By which command its new layer came to be.</param>
/// <param name="Changes">Instructions for how it is run (<see cref="ImageChanges"/>).</param>
public sealed record ImageMaking(ImageReference? Name, string? Author, string? Comment, string CreatedBy, IReadOnlyList<string> Changes);

/// <summary>Makes images: of an archive of a whole file system (<c>import</c>), or of an image and a layer more (<c>commit</c>).</summary>
/// <param name="store">Where they go.</param>
public sealed class ImageBuild(ImageStore store)
{
    /// <summary>Makes an image of one layer out of the archive of a file system, plain or compressed.</summary>
    /// <param name="archive">The archive.</param>
    /// <param name="platform">The platform; null for this machine's.</param>
    /// <param name="making">What is said of it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="StorageException">The archive is malformed or hostile, a change cannot be made, or the disk is full.</exception>
    public ImageEntry Import(Stream archive, Platform? platform, ImageMaking making, CancellationToken cancellationToken = default)
    {
        platform ??= Host;
        var config = new ImageConfig { Architecture = platform.Architecture, Os = platform.Os, Variant = platform.Variant };
        return Make([], config, new ImageExecution(), making, target =>
        {
            try
            {
                using Stream plain = Decompression.Open(archive);
                byte[] buffer = new byte[256 * 1024];
                int read;
                while ((read = plain.Read(buffer)) > 0)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    target.Write(buffer.AsSpan(0, read));
                }
            }
            catch (InvalidDataException damaged)
            {
                throw new StorageException(StorageErrorKind.InvalidContent, $"the archive is damaged: {damaged.Message}", damaged);
            }
        });
    }

    /// <summary>Makes an image of another one and one layer more.</summary>
    /// <param name="below">The image below; null for none.</param>
    /// <param name="execution">How the new one is run, before the changes.</param>
    /// <param name="making">What is said of it.</param>
    /// <param name="write">Writes the layer's plain archive.</param>
    /// <exception cref="StorageException">A change cannot be made, or the disk is full.</exception>
    public ImageEntry Commit(ImageContent? below, ImageExecution execution, ImageMaking making, Action<Stream> write)
    {
        Platform host = Host;
        ImageConfig old = below?.Config ?? new ImageConfig { Architecture = host.Architecture, Os = host.Os, Variant = host.Variant };
        var config = new ImageConfig
        {
            Architecture = old.Architecture,
            Os = old.Os,
            OsVersion = old.OsVersion,
            OsFeatures = old.OsFeatures,
            Variant = old.Variant,
            Author = old.Author,
            RootFs = new ImageRootFs { Type = "layers", DiffIds = [.. old.RootFs.DiffIds ?? []] },
            History = [.. old.History ?? []],
        };
        return Make(below?.Layers ?? [], config, execution, making, write);
    }

    private ImageEntry Make(IReadOnlyList<Descriptor> below, ImageConfig config, ImageExecution execution, ImageMaking making, Action<Stream> write)
    {
        foreach (string change in making.Changes)
            ImageChanges.Apply(execution, change); // before the work, for a mistake is found at once
        using ContentLease lease = store.Content.Lease();
        foreach (Descriptor layer in below)
            lease.Add(layer.Digest);
        Descriptor added;
        using (ContentIngest ingest = store.Content.Ingest(default, -1, lease))
        {
            using var target = new BufferedStream(new IngestStream(ingest), 256 * 1024);
            write(target);
            target.Flush();
            long size = ingest.Offset;
            added = new Descriptor { MediaType = ManifestWriter.LayerMediaType(""), Digest = ingest.Commit(), Size = size };
        }
        string now = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);
        config.Created = now;
        config.Author = making.Author ?? config.Author;
        config.Config = execution;
        config.RootFs.Type = "layers";
        (config.RootFs.DiffIds ??= []).Add(added.Digest);
        (config.History ??= []).Add(new ImageHistory { Created = now, CreatedBy = making.CreatedBy, Author = making.Author, Comment = making.Comment });
        ImageContent image = ManifestWriter.Store(store.Content, lease, config.ToJson(indented: false), [.. below, added]);
        using LayerLease layers = store.Use(image);
        return store.Enter(image, making.Name);
    }

    /// <summary>Writes go to the store.</summary>
    private sealed class IngestStream(ContentIngest ingest) : OutwardStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => ingest.Write(buffer);
    }

    /// <summary>This machine's platform as images name it: amd64 goes without a variant, for an image says what it needs and not what the machine has.</summary>
    private static Platform Host => PlatformChoice.Host.Wanted is { Architecture: "amd64" } wanted ? new Platform { Os = wanted.Os, Architecture = "amd64" } : PlatformChoice.Host.Wanted;
}
