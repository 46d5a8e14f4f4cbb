using Sampan.Kernel;
using Sampan.Oci;
using Sampan.Storage.Archives;

namespace Sampan.Storage.Layers;

/// <summary>
/// Packs a directory as a layer's archive (image-spec layer.md): the upper directory of a container as the changes it made, with overlayfs's marks
/// turned back into whiteouts, or any directory whole. Names are in the order of their bytes, so that the same tree gives the same archive.
/// Sockets are left out, as tar has no type for them. No link is followed.
/// </summary>
public sealed class LayerArchive
{
    private const OpenFlags ReadDirectory = OpenFlags.Directory | OpenFlags.ReadOnly | OpenFlags.NoFollow;

    private readonly TarWriter _writer;
    private readonly bool _isLayer;
    private readonly MountPoints? _mountPoints;
    private readonly Dictionary<(DeviceNumber, ulong), string> _links = [];

    private LayerArchive(TarWriter writer, bool isLayer, MountPoints? mountPoints = null) => (_writer, _isLayer, _mountPoints) = (writer, isLayer, mountPoints);

    /// <summary>Packs a layer: everything below an open directory, and the directory itself as <c>./</c>.</summary>
    /// <param name="directory">The directory; it should not change meanwhile.</param>
    /// <param name="archive">Where the plain archive goes; it stays open.</param>
    /// <param name="mountPoints">What was made only for something to be mounted on; it is left out. Null for nothing.</param>
    /// <exception cref="StorageException">A file shrank while it was packed, or a name is not UTF-8.</exception>
    /// <exception cref="KernelException">Something could not be read.</exception>
    public static void Write(FileDescriptor directory, Stream archive, MountPoints? mountPoints = null)
    {
        var writer = new TarWriter(archive);
        new LayerArchive(writer, isLayer: true, mountPoints).AddDirectory(directory, "");
        writer.Finish();
    }

    /// <summary>Packs files as they are, without a meaning of names or marks: what <c>export</c> and <c>cp … -</c> write.</summary>
    /// <param name="directory">The directory in which they are.</param>
    /// <param name="name">The one to pack, with all that is below it, or null for everything in the directory.</param>
    /// <param name="rename">What it is called in the archive.</param>
    /// <param name="archive">Where the plain archive goes; it stays open.</param>
    /// <exception cref="StorageException">A file shrank while it was packed, or a name is not UTF-8.</exception>
    /// <exception cref="KernelException">Something could not be read.</exception>
    public static void WriteFiles(FileDescriptor directory, string? name, string? rename, Stream archive)
    {
        var writer = new TarWriter(archive);
        var packed = new LayerArchive(writer, isLayer: false);
        if (name is null)
            packed.AddDirectory(directory, rename ?? "");
        else
            packed.Add(directory, name, rename ?? name);
        writer.Finish();
    }

    private void AddDirectory(FileDescriptor directory, string path)
    {
        _writer.Add(EntryOf(Syscalls.Stat(directory), path.Length == 0 ? "./" : path + "/", TarEntryType.Directory, Attributes(directory)));
        if (_isLayer && OverlayAttributes.IsOpaque(directory))
            _writer.Add(new TarEntry { Name = Join(path, ".wh..wh..opq"), Type = TarEntryType.Regular });
        foreach (string name in Syscalls.ReadDirectory(directory).Order(StringComparer.Ordinal))
        {
            if (name.Contains('\ufffd', StringComparison.Ordinal))
                throw new StorageException(StorageErrorKind.InvalidContent, $"the name \"{Printable.Escape(Join(path, name))}\" is not UTF-8, which a layer cannot hold; rename the file");
            Add(directory, name, Join(path, name));
        }
    }

    private void Add(FileDescriptor directory, string name, string path)
    {
        if (Syscalls.TryStatAt(directory, name, out FileStatus status) == Errno.ENOENT)
            return; // a running container has removed it just now
        if (_mountPoints?.Covers(directory, name, path, status) == true)
            return;
        if (_isLayer && OverlayAttributes.IsWhiteout(status))
        {
            _writer.Add(new TarEntry { Name = path[..^name.Length] + ".wh." + name, Type = TarEntryType.Regular });
            return;
        }
        if (_isLayer && name.StartsWith(".wh.", StringComparison.Ordinal))
            throw new StorageException(StorageErrorKind.InvalidContent, $"the file \"{Printable.Escape(path)}\" has a name that a layer would take for a whiteout; rename it");
        if (status.IsDirectory)
        {
            using FileDescriptor child = Syscalls.OpenAt(directory, name, ReadDirectory);
            AddDirectory(child, path);
            return;
        }
        if (status.Links > 1 && !_links.TryAdd((status.FileSystem, status.Inode), path))
        {
            _writer.Add(EntryOf(status, path, TarEntryType.HardLink, null, link: _links[(status.FileSystem, status.Inode)]));
            return;
        }
        AddOther(directory, name, path, status);
    }

    private void AddOther(FileDescriptor directory, string name, string path, FileStatus status)
    {
        switch (status.Type)
        {
            case FileType.Regular:
                // Not blocking, and asked again what it is: a running container may have put a pipe in its place.
                using (FileDescriptor file = Syscalls.OpenAt(directory, name, OpenFlags.ReadOnly | OpenFlags.NoFollow | OpenFlags.NonBlocking))
                {
                    status = Syscalls.Stat(file);
                    if (!status.IsRegular)
                        throw new StorageException(StorageErrorKind.Conflict, $"the file \"{Printable.Escape(path)}\" was exchanged while it was packed; stop what changes it and try again");
                    TarEntry entry = EntryOf(status, path, TarEntryType.Regular, Attributes(file), status.Size);
                    using FileStream content = file.ToStream(FileAccess.Read);
                    _writer.Add(entry, content);
                }
                break;
            case FileType.Symlink:
                _writer.Add(EntryOf(status, path, TarEntryType.Symlink, null, link: Syscalls.ReadLinkAt(directory, name)));
                break;
            case FileType.Character:
                _writer.Add(EntryOf(status, path, TarEntryType.CharacterDevice, null));
                break;
            case FileType.Block:
                _writer.Add(EntryOf(status, path, TarEntryType.BlockDevice, null));
                break;
            case FileType.Fifo:
                _writer.Add(EntryOf(status, path, TarEntryType.Fifo, null));
                break;
        }
    }

    private static Dictionary<string, byte[]>? Attributes(FileDescriptor file)
    {
        Dictionary<string, byte[]>? attributes = null;
        foreach (string name in Syscalls.FListXAttr(file))
        {
            if (!OverlayAttributes.IsHosts(name) && Syscalls.FGetXAttr(file, name) is { } value)
                (attributes ??= new(StringComparer.Ordinal))[name] = value;
        }
        return attributes;
    }

    private static TarEntry EntryOf(FileStatus status, string path, TarEntryType type, Dictionary<string, byte[]>? attributes, long size = 0, string link = "") => new()
    {
        Name = path,
        Type = type,
        Mode = status.Mode & 0xFFF,
        Uid = status.Uid,
        Gid = status.Gid,
        Size = size,
        LinkName = link,
        ModificationSeconds = status.ModificationSeconds,
        ModificationNanoseconds = status.ModificationNanoseconds,
        DeviceMajor = status.Device.Major,
        DeviceMinor = status.Device.Minor,
        ExtendedAttributes = attributes,
    };

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}/{name}";
}
