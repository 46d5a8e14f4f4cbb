using System.Buffers;
using System.Text.Json;
using Sampan.Images.Archives;
using Sampan.Oci;
using Sampan.Registry;
using Sampan.Storage;
using Sampan.Storage.Archives;
using Sampan.Storage.Content;

namespace Sampan.Images;

/// <summary>One image to save, under the names that it has in the archive; none where it was named by its id.</summary>
/// <param name="Image">The image.</param>
/// <param name="Names">Full references.</param>
public sealed record SavedImage(ImageEntry Image, IReadOnlyList<ImageReference> Names);

/// <summary>
/// Writes images to archives and layouts, their blobs as they are stored. Docker's form is an OCI layout with Docker's <c>manifest.json</c> over the same
/// blobs, as docker itself writes since version 25: every engine reads one of the two, and layers need not be unpacked to be saved.
/// </summary>
/// <param name="store">Where the images are.</param>
/// <param name="scratch">A directory for layers that Docker's form cannot hold as they are stored (zstd).</param>
public sealed class ImageSave(ImageStore store, string scratch)
{
    private const string ContainerdName = "io.containerd.image.name";

    /// <summary>The images that the words name, each once: by name, by id, or all tags of a repository whose name stands alone, as in <c>docker save</c>.</summary>
    /// <exception cref="StorageException">There is no such image, or it is a list of images.</exception>
    public IReadOnlyList<SavedImage> Select(IEnumerable<string> words)
    {
        var names = new Dictionary<Digest, (ImageEntry Image, List<ImageReference> Names)>();
        foreach (string word in words)
        {
            IReadOnlyList<ImageEntry> repository = store.OfRepository(word);
            foreach (ImageEntry entry in repository.Count > 0 ? repository : [store.Find(word)])
            {
                _ = store.Read(entry); // whole, and no list
                if (!names.TryGetValue(entry.Target.Digest, out (ImageEntry, List<ImageReference> Names) known))
                    names[entry.Target.Digest] = known = (entry, []);
                if ((repository.Count > 0 || store.IsNamed(word, entry)) && ImageReference.Parse(entry.Name!) is { Tag: not null } name && !known.Names.Contains(name))
                    known.Names.Add(name);
            }
        }
        return [.. names.Values.Select(static one => new SavedImage(one.Image, one.Names))];
    }

    /// <summary>Writes images to a tar archive.</summary>
    /// <param name="images">The images.</param>
    /// <param name="archive">Where to; read by nobody else until it is done. It stays open.</param>
    /// <param name="docker">Whether Docker's <c>manifest.json</c> is in it.</param>
    /// <exception cref="StorageException">An image's content is not whole.</exception>
    public void ToArchive(IReadOnlyList<SavedImage> images, Stream archive, bool docker) => Write(images, new TarSink(archive), docker);

    /// <summary>Writes images to a new OCI layout.</summary>
    /// <exception cref="StorageException">The directory is not empty, or an image's content is not whole.</exception>
    public void ToLayout(IReadOnlyList<SavedImage> images, string directory)
    {
        using var sink = new DirectorySink(directory);
        Write(images, sink, docker: false);
    }

    private void Write(IReadOnlyList<SavedImage> images, ArchiveSink sink, bool docker)
    {
        using ContentLease lease = store.Content.Lease();
        var index = new ImageIndex { SchemaVersion = 2, MediaType = MediaTypes.ImageIndex, Manifests = [] };
        var manifest = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(manifest))
        {
            json.WriteStartArray();
            foreach (SavedImage image in images)
            {
                foreach (Digest digest in store.Content.Reach([image.Image.Target.Digest]))
                    lease.Add(digest);
                ImageContent content = store.Read(image.Image);
                Descriptor target = WriteBlobs(content, sink, docker, out IReadOnlyList<Descriptor> layers);
                index.Manifests.AddRange(image.Names.Count == 0 ? [Named(target, content.Platform, null)] : image.Names.Select(name => Named(target, content.Platform, name)));
                WriteEntry(json, image, content, layers);
            }
            json.WriteEndArray();
        }
        sink.Add("oci-layout", """{"imageLayoutVersion":"1.0.0"}"""u8.ToArray());
        sink.Add("index.json", index.ToJson(indented: false));
        if (docker)
            sink.Add("manifest.json", manifest.WrittenSpan.ToArray());
        sink.Finish();
    }

    /// <summary>Writes an image's blobs.</summary>
    /// <returns>The manifest as it is in the archive.</returns>
    private Descriptor WriteBlobs(ImageContent image, ArchiveSink sink, bool docker, out IReadOnlyList<Descriptor> layers)
    {
        layers = [.. image.Layers.Select((layer, index) => WriteLayer(layer, image.DiffIds[index], sink, docker))];
        Copy(image.Manifest.Config!, sink);
        if (layers.SequenceEqual(image.Layers))
        {
            Copy(image.Target, sink);
            return image.Target;
        }
        byte[] document = new ImageManifest { SchemaVersion = 2, MediaType = MediaTypes.ImageManifest, Config = image.Manifest.Config, Layers = [.. layers], Annotations = image.Manifest.Annotations }.ToJson(indented: false);
        Digest digest = Digest.FromHash(System.Security.Cryptography.SHA256.HashData(document));
        sink.Add(BlobName(digest), document);
        return new Descriptor { MediaType = MediaTypes.ImageManifest, Digest = digest, Size = document.Length };
    }

    /// <summary>A layer as it is stored; plain where Docker's form needs it so, because docker before version 23 loads gzip and not zstd.</summary>
    private Descriptor WriteLayer(Descriptor layer, Digest diffId, ArchiveSink sink, bool docker)
    {
        if (!docker || !IsZstd(layer))
        {
            Copy(layer, sink);
            return layer;
        }
        using FileStream plain = ArchiveFile.Scratch(scratch);
        using (Stream stored = store.Content.Open(layer.Digest))
        using (Stream inflated = Decompression.Open(stored))
            inflated.CopyTo(plain, 1 << 20);
        plain.Position = 0;
        sink.Add(BlobName(diffId), plain, plain.Length);
        return new Descriptor { MediaType = ManifestWriter.LayerMediaType(""), Digest = diffId, Size = plain.Length };
    }

    private bool IsZstd(Descriptor layer)
    {
        using Stream stored = store.Content.Open(layer.Digest);
        return Decompression.Kind(stored) == "zstd";
    }

    private void Copy(Descriptor blob, ArchiveSink sink)
    {
        if (sink.Has(BlobName(blob.Digest)))
            return;
        using Stream stored = store.Content.Open(blob.Digest);
        sink.Add(BlobName(blob.Digest), stored, stored.Length);
    }

    private static void WriteEntry(Utf8JsonWriter json, SavedImage image, ImageContent content, IReadOnlyList<Descriptor> layers)
    {
        json.WriteStartObject();
        json.WriteString("Config", BlobName(content.Id));
        if (image.Names.Count == 0)
            json.WriteNull("RepoTags");
        else
            WriteList(json, "RepoTags", image.Names.Select(static name => name.Familiar));
        WriteList(json, "Layers", layers.Select(static layer => BlobName(layer.Digest)));
        json.WriteEndObject();
    }

    private static void WriteList(Utf8JsonWriter json, string name, IEnumerable<string> list)
    {
        json.WriteStartArray(name);
        foreach (string one in list)
            json.WriteStringValue(one);
        json.WriteEndArray();
    }

    private static Descriptor Named(Descriptor target, Platform platform, ImageReference? name) => new()
    {
        MediaType = target.MediaType,
        Digest = target.Digest,
        Size = target.Size,
        Platform = platform,
        Annotations = name is null ? null : new Dictionary<string, string> { [ContainerdName] = name.ToString(), [ImageAnnotations.RefName] = name.Tag! },
    };

    private static string BlobName(Digest digest) => $"blobs/{digest.Algorithm}/{digest.Hex}";
}
