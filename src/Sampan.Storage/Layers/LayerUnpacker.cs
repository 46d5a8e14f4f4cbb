using Sampan.Kernel;
using Sampan.Oci;
using Sampan.Storage.Archives;

namespace Sampan.Storage.Layers;

/// <summary>
/// Unpacks one layer's archive into an empty directory, in the form that overlayfs reads (kernel's Documentation/filesystems/overlayfs.rst): a
/// whiteout becomes a character device 0:0, an opaque directory carries <c>trusted.overlay.opaque</c>. Everything is made below the root's
/// descriptor: parents are resolved with RESOLVE_IN_ROOT, the last part of a path is never followed. Owners, modes, times, attributes and
/// devices are those of the archive.
/// <para>
/// Two steps: <see cref="Unpack(TarReader)"/> looks at nothing but the archive, so that an image's layers can be unpacked at the same time;
/// <see cref="Settle"/> does what depends on the layers below, when they are whole: whiteouts, and directories that the archive only implies.
/// </para>
/// </summary>
public sealed partial class LayerUnpacker : IDisposable
{
    private const ResolveFlags Inside = ResolveFlags.InRoot | ResolveFlags.NoMagicLinks;

    private readonly FileDescriptor _root;
    private readonly HashSet<string> _whiteouts = new(StringComparer.Ordinal);
    private readonly HashSet<string> _implied = new(StringComparer.Ordinal) { "" };
    private readonly List<(string Path, long Seconds, uint Nanoseconds)> _directoryTimes = [];
    private readonly byte[] _buffer = new byte[256 * 1024];
    private readonly LayerLimits _limits;
    private readonly bool _isLayer;
    private string? _parentPath;
    private FileDescriptor? _parent;

    /// <summary>Unpacks into <paramref name="root"/>.</summary>
    /// <param name="root">The empty directory of the layer; this object closes it.</param>
    /// <param name="limits">The most members; null for <see cref="LayerLimits.Default"/>.</param>
    /// <param name="isLayer">Whether names that begin with <c>.wh.</c> mean what is hidden; false for an archive of plain files.</param>
    public LayerUnpacker(FileDescriptor root, LayerLimits? limits = null, bool isLayer = true)
    {
        _isLayer = isLayer;
        _limits = limits ?? LayerLimits.Default;
        _root = root;
    }

    /// <summary>The layer's open directory.</summary>
    public FileDescriptor Root => _root;

    /// <summary>Whether the layer hides everything below it (an opaque mark at its root, which overlayfs itself does not know).</summary>
    public bool HidesLower { get; private set; }

    /// <summary>Unpacks every member. The archive is read to its end marker, not beyond.</summary>
    /// <exception cref="StorageException">The archive is malformed or hostile; what was unpacked so far is the caller's to remove.</exception>
    /// <exception cref="KernelException">The disk or the kernel refused something.</exception>
    public void Unpack(TarReader archive)
    {
        for (long members = 1; archive.Next() is { } entry; members++)
        {
            if (members > _limits.MaxEntries)
                throw Refused(entry, $"the layer has more than {_limits.MaxEntries} members");
            try
            {
                Unpack(archive, entry);
            }
            catch (KernelException cause)
            {
                throw new StorageException(
                    cause.Errno is Errno.ENOSPC or Errno.EDQUOT or Errno.EPERM or Errno.EACCES or Errno.EROFS ? StorageErrorKind.Failed : StorageErrorKind.InvalidContent,
                    $"the layer's \"{Printable.Escape(entry.Name)}\" could not be unpacked: {cause.Message}", cause);
            }
        }
        DropParent();
    }

    /// <summary>Ends the layer on those below it, which are whole: call it once, after everything is unpacked.</summary>
    /// <param name="lower">The directories of the layers below, from the uppermost to the lowest; they are only read.</param>
    /// <exception cref="KernelException">The disk or the kernel refused something.</exception>
    public void Settle(IReadOnlyList<FileDescriptor> lower)
    {
        var below = new LowerLayers(HidesLower ? [] : lower);
        if (_implied.Remove(""))
            FileOwnership.Set(_root, below.Root ?? new FileStatus { Mode = 0x1ED });
        foreach (string hidden in _whiteouts.Order(StringComparer.Ordinal)) // a directory before what is in it
            SettleWhiteout(hidden, below);
        foreach (string path in _implied)
            SettleImplied(path, below);
        DropParent();
        foreach ((string Path, long Seconds, uint Nanoseconds) directory in _directoryTimes)
            SetDirectoryTime(directory); // a directory that is there twice is as its last member says
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        DropParent();
        _root.Dispose();
    }

    private void Unpack(TarReader archive, TarEntry entry)
    {
        LayerPath path = LayerPath.Parse(entry.Name);
        if (path.Name.Length == 0)
        {
            UnpackRoot(entry);
            return;
        }
        if (_isLayer && path.Name.StartsWith(".wh.", StringComparison.Ordinal))
        {
            Hide(path);
            return;
        }
        FileDescriptor parent = Parent(path.Parent);
        bool wasThere = Syscalls.TryStatAt(parent, path.Name, out FileStatus old) == Errno.None;
        if (wasThere && old.IsDirectory && entry.Type == TarEntryType.Directory)
        {
            _ = _implied.Remove(path.Full);
            SetMetadata(parent, path, entry);
            return;
        }
        if (wasThere)
            DirectoryTree.Remove(parent, path.Name);
        Create(archive, parent, path, entry);
    }

    private void UnpackRoot(TarEntry entry)
    {
        if (entry.Type != TarEntryType.Directory)
            throw Refused(entry, "the root of a layer must be a directory");
        _ = _implied.Remove("");
        Syscalls.FChOwn(_root, entry.Uid, entry.Gid);
        Syscalls.FChMod(_root, entry.Mode);
        SetAttributes(_root, entry);
        _directoryTimes.Add(("", entry.ModificationSeconds, entry.ModificationNanoseconds));
    }

    private void Create(TarReader archive, FileDescriptor parent, LayerPath path, TarEntry entry)
    {
        switch (entry.Type)
        {
            case TarEntryType.Regular:
                CreateFile(archive, parent, path, entry);
                return;
            case TarEntryType.Directory:
                Syscalls.MkDirAt(parent, path.Name, 0x1C0);
                break;
            case TarEntryType.Symlink:
                if (entry.LinkName.Length == 0)
                    throw Refused(entry, "a symbolic link has no target");
                Syscalls.SymlinkAt(entry.LinkName, parent, path.Name);
                break;
            case TarEntryType.HardLink:
                CreateHardLink(parent, path, entry);
                break;
            case TarEntryType.CharacterDevice:
                if (entry is { DeviceMajor: 0, DeviceMinor: 0 })
                    throw Refused(entry, "a character device 0:0 would hide a file of another layer");
                Syscalls.MkNodAt(parent, path.Name, FileType.Character | 0x180, new DeviceNumber(entry.DeviceMajor, entry.DeviceMinor));
                break;
            case TarEntryType.BlockDevice:
                Syscalls.MkNodAt(parent, path.Name, FileType.Block | 0x180, new DeviceNumber(entry.DeviceMajor, entry.DeviceMinor));
                break;
            default:
                Syscalls.MkNodAt(parent, path.Name, FileType.Fifo | 0x180, default);
                break;
        }
        SetMetadata(parent, path, entry);
    }

    private void CreateFile(TarReader archive, FileDescriptor parent, LayerPath path, TarEntry entry)
    {
        using FileDescriptor file = Syscalls.OpenAt(parent, path.Name, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Exclusive | OpenFlags.NoFollow, 0x180);
        if (entry.SparseMap is { } map)
            WriteSparse(archive, file, map, entry.RealSize);
        else
            WriteContent(archive, file, entry.Size);
        Syscalls.FChOwn(file, entry.Uid, entry.Gid);
        Syscalls.FChMod(file, entry.Mode);
        SetAttributes(file, entry);
        SetTime(parent, path.Name, entry);
    }

    private void WriteContent(TarReader archive, FileDescriptor file, long length)
    {
        while (length > 0)
        {
            int read = archive.Read(_buffer.AsSpan(0, (int)Math.Min(_buffer.Length, length)));
            Syscalls.WriteAll(file, _buffer.AsSpan(0, read));
            length -= read;
        }
    }

    /// <summary>Holes stay holes: a header of half a kilobyte must not fill the disk.</summary>
    private void WriteSparse(TarReader archive, FileDescriptor file, IReadOnlyList<SparseSegment> map, long size)
    {
        foreach (SparseSegment segment in map)
        {
            if (segment.Length == 0)
                continue;
            Syscalls.Seek(file, segment.Offset);
            WriteContent(archive, file, segment.Length);
        }
        Syscalls.FTruncate(file, size);
    }

    private void CreateHardLink(FileDescriptor parent, LayerPath path, TarEntry entry)
    {
        LayerPath target = LayerPath.Parse(entry.LinkName);
        if (target.Name.Length == 0)
            throw Refused(entry, "a hard link to the root");
        Errno error = Syscalls.TryOpenAt2(_root, target.Parent.Length == 0 ? "." : target.Parent, OpenFlags.Path | OpenFlags.Directory, Inside, 0, out FileDescriptor? directory);
        using (directory)
        {
            if (error != Errno.None || Syscalls.TryStatAt(directory!, target.Name, out FileStatus status) != Errno.None)
                throw Refused(entry, $"the target \"{Printable.Escape(entry.LinkName)}\" of a hard link is not in the layer");
            if (status.IsDirectory)
                throw Refused(entry, "a hard link to a directory");
            Syscalls.LinkAt(directory!, target.Name, parent, path.Name);
        }
    }

    private static StorageException Refused(TarEntry entry, string why) =>
        new(StorageErrorKind.InvalidContent, $"the layer is refused at \"{Printable.Escape(entry.Name)}\": {why}");
}
