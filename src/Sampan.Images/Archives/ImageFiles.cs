using Sampan.Kernel;
using Sampan.Oci;
using Sampan.Storage;
using Sampan.Storage.Archives;

namespace Sampan.Images.Archives;

/// <summary>
/// The files of an image in one of its two forms: a directory, or a tar archive that can be sought in. Names are relative, with <c>/</c>; no
/// link is followed, and only regular files are opened.
/// </summary>
public abstract class ImageFiles : IDisposable
{
    /// <summary>The most that is read of a document (index, manifest, configuration), in bytes.</summary>
    public const int MaxDocument = 4 << 20;

    /// <summary>Opens a file, or gives null where there is none of that name.</summary>
    /// <exception cref="StorageException">The name leads outside, or to something that is not a regular file.</exception>
    public abstract Stream? TryOpen(string name);

    /// <summary>Opens a file.</summary>
    /// <exception cref="StorageException">There is none, or it is not a regular file.</exception>
    public Stream Open(string name) =>
        TryOpen(name) ?? throw new StorageException(StorageErrorKind.InvalidContent, $"the image lacks its file \"{Printable.Escape(name)}\"");

    /// <summary>Reads a document whole, or gives null where there is none.</summary>
    /// <exception cref="StorageException">It is larger than <see cref="MaxDocument"/>.</exception>
    public byte[]? TryReadDocument(string name)
    {
        using Stream? stream = TryOpen(name);
        if (stream is null)
            return null;
        if (stream.Length > MaxDocument)
            throw new StorageException(StorageErrorKind.InvalidContent, $"the image's \"{Printable.Escape(name)}\" has {stream.Length} bytes; more than {MaxDocument} are not read");
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes what is open.</summary>
    protected abstract void Dispose(bool disposing);
}

/// <summary>An image's files in a directory of the host.</summary>
public sealed class DirectoryFiles : ImageFiles
{
    private readonly FileDescriptor _directory;

    /// <summary>Opens the directory.</summary>
    /// <exception cref="StorageException">It is not there or is no directory.</exception>
    public DirectoryFiles(string path)
    {
        Errno error = Syscalls.TryOpenAt(Syscalls.WorkingDirectory, path, OpenFlags.Directory | OpenFlags.ReadOnly, 0, out FileDescriptor? directory);
        _directory = directory ?? throw new StorageException(StorageErrorKind.NotFound, $"the image directory \"{Printable.Escape(path)}\" cannot be opened: {KernelException.Describe(error)}");
    }

    /// <inheritdoc/>
    public override Stream? TryOpen(string name)
    {
        const ResolveFlags Rules = ResolveFlags.Beneath | ResolveFlags.NoSymlinks | ResolveFlags.NoMagicLinks;
        Errno error = Syscalls.TryOpenAt2(_directory, name, OpenFlags.ReadOnly | OpenFlags.NonBlocking, Rules, 0, out FileDescriptor? file);
        if (error == Errno.ENOENT)
            return null;
        if (error != Errno.None)
            throw new StorageException(StorageErrorKind.InvalidContent, $"the image's file \"{Printable.Escape(name)}\" cannot be opened: {KernelException.Describe(error)}");
        if (!Syscalls.Stat(file!).IsRegular)
        {
            file!.Dispose();
            throw new StorageException(StorageErrorKind.InvalidContent, $"the image's \"{Printable.Escape(name)}\" is not a regular file");
        }
        return file!.ToStream(FileAccess.Read);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => _directory.Dispose();
}

/// <summary>An image's files in a tar archive; only regular members and hard or symbolic links among them count, links of Docker's old layouts by their name alone.</summary>
public sealed class TarFiles : ImageFiles
{
    private const int MaxMembers = 100_000;

    private readonly Stream _archive;
    private readonly Dictionary<string, (long Offset, long Size)> _members = new(StringComparer.Ordinal);

    /// <summary>Reads the headers of <paramref name="archive"/>, which this object closes.</summary>
    /// <exception cref="StorageException">The archive is malformed.</exception>
    public TarFiles(Stream archive)
    {
        _archive = archive;
        long start = archive.Position;
        var reader = new TarReader(archive);
        while (reader.Next() is { } entry)
        {
            string name = entry.Name.StartsWith("./", StringComparison.Ordinal) ? entry.Name[2..] : entry.Name;
            if (_members.Count == MaxMembers)
                throw new StorageException(StorageErrorKind.InvalidContent, $"the image archive has more than {MaxMembers} members");
            if (entry.SparseMap is not null)
                throw new StorageException(StorageErrorKind.InvalidContent, $"the image archive's \"{Printable.Escape(name)}\" is stored as a sparse file, in which the engine cannot seek; write the archive without --sparse");
            if (entry.Type == TarEntryType.Regular)
                _members[name] = (start + reader.Position, entry.Size);
            else if (entry.Type == TarEntryType.Symlink && TargetOf(name, entry.LinkName) is { } target && _members.TryGetValue(target, out var linked))
                _members[name] = linked; // docker save before version 25 links equal layers: "../DIGEST/layer.tar"
        }
    }

    /// <inheritdoc/>
    public override Stream? TryOpen(string name) =>
        _members.TryGetValue(name, out (long Offset, long Size) member) ? new WindowStream(_archive, member.Offset, member.Size) : null;

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _archive.Dispose();
    }

    private static string? TargetOf(string name, string link)
    {
        if (!link.StartsWith("../", StringComparison.Ordinal) || name.Count(static c => c == '/') != 1)
            return null;
        string target = link[3..];
        return target.Contains("..", StringComparison.Ordinal) ? null : target;
    }
}
