using Sampan.Oci;
using Sampan.Storage;

namespace Sampan.Images.Archives;

/// <summary>An image archive or layout that is open: what images there are, and their layers. Dispose it when the layers have been read.</summary>
public sealed class ImageArchive : IDisposable
{
    private readonly ImageFiles _files;

    private ImageArchive(ImageFiles files) => _files = files;

    /// <summary>Opens what a location names.</summary>
    /// <param name="location">A layout or an archive.</param>
    /// <param name="scratch">A directory for a compressed archive's plain form; the file has no name in it.</param>
    /// <exception cref="StorageException">There is no such archive, or it is malformed.</exception>
    public static ImageArchive Open(ImageLocation location, string scratch) => new(location.Transport switch
    {
        ImageTransport.OciLayout => new DirectoryFiles(location.Path),
        _ => new TarFiles(ArchiveFile.Open(location.Path, scratch)),
    });

    /// <summary>Opens an archive that comes through a pipe, or any file that is open: put into a nameless file of the scratch directory where it cannot be sought in.</summary>
    /// <param name="source">The archive, plain or compressed; this object closes it.</param>
    /// <param name="scratch">A directory for the file.</param>
    /// <exception cref="StorageException">It is malformed.</exception>
    public static ImageArchive OpenPipe(FileStream source, string scratch) => new(new TarFiles(ArchiveFile.Seekable(source, "(standard input)", scratch)));

    /// <summary>Opens a tar archive that can be sought in, and that this object closes.</summary>
    /// <exception cref="StorageException">It is malformed.</exception>
    public static ImageArchive Open(Stream archive) => new(new TarFiles(archive));

    /// <inheritdoc/>
    public void Dispose() => _files.Dispose();

    /// <summary>One image: the one of a tag, or the only one.</summary>
    /// <exception cref="StorageException">There is none, there are several, or it is malformed.</exception>
    internal ArchivedImage Read(string? tag) => Checked(() => IsDocker ? DockerArchive.Read(_files, tag) : OciLayout.Read(_files, tag));

    /// <summary>All images.</summary>
    /// <exception cref="StorageException">One is malformed.</exception>
    internal IReadOnlyList<ArchivedImage> ReadAll() => Checked(() => IsDocker ? DockerArchive.ReadAll(_files) : OciLayout.ReadAll(_files));

    /// <summary>Opens a layer's stored bytes.</summary>
    internal Stream Open(ArchivedLayer layer) => _files.Open(layer.File);

    // docker save writes a layout beside its own manifest since version 25; the manifest has the names whole.
    private bool IsDocker
    {
        get
        {
            using Stream? manifest = _files.TryOpen("manifest.json");
            return manifest is not null;
        }
    }

    private static T Checked<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (SpecException cause)
        {
            throw new StorageException(StorageErrorKind.InvalidContent, $"the image is malformed: {cause.Message}", cause);
        }
    }
}
