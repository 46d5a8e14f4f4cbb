using Sampan.Kernel;
using Sampan.Oci;
using Sampan.Storage.Archives;

namespace Sampan.Storage.Layers;

public sealed partial class LayerUnpacker
{
    /// <summary>The open directory that new members are made in; directories that the archive only implies are made on the way.</summary>
    private FileDescriptor Parent(string path)
    {
        if (path == _parentPath && _parent is not null)
            return _parent;
        DropParent();
        Errno error = Syscalls.TryOpenAt2(_root, path.Length == 0 ? "." : path, OpenFlags.Directory | OpenFlags.ReadOnly, Inside, 0, out FileDescriptor? parent);
        if (error is Errno.ENOENT or Errno.ENOTDIR or Errno.ENXIO)
            parent = MakeParents(path);
        else if (error != Errno.None)
            throw new KernelException($"openat2(layer, \"{Printable.Escape(path)}\", RESOLVE_IN_ROOT)", error);
        _parentPath = path;
        return _parent = parent!;
    }

    /// <summary>
    /// Makes the missing directories of a path. One that a lower layer has keeps that one's mode and owner; one that hid the lower by a whiteout
    /// of this layer becomes opaque.
    /// </summary>
    private FileDescriptor MakeParents(string path)
    {
        FileDescriptor current = _root.Duplicate();
        string done = "";
        foreach (string part in path.Split('/'))
        {
            string parentPath = done;
            done = done.Length == 0 ? part : $"{done}/{part}";
            bool wasWhiteout = _whiteouts.Remove(done);
            if (wasWhiteout)
                Syscalls.UnlinkAt(current, part);
            Errno error = Syscalls.TryOpenAt2(_root, done, OpenFlags.Directory | OpenFlags.ReadOnly, Inside, 0, out FileDescriptor? next);
            if (error == Errno.ENOENT)
            {
                next = MakeImplied(current, parentPath, part, done);
                if (wasWhiteout)
                    MarkOpaque(done, current, part);
            }
            else if (error != Errno.None)
            {
                current.Dispose();
                throw new StorageException(StorageErrorKind.InvalidContent, $"the layer is refused: \"{Printable.Escape(done)}\" is used as a directory and is none");
            }
            current.Dispose();
            current = next!;
        }
        return current;
    }

    private FileDescriptor MakeImplied(FileDescriptor parent, string parentPath, string name, string path)
    {
        Errno error = Syscalls.TryMkDirAt(parent, name, 0x1ED);
        if (error == Errno.EEXIST)
            throw new StorageException(StorageErrorKind.InvalidContent, $"the layer is refused: \"{Printable.Escape(path)}\" is a link to a directory that is not in this layer");
        if (error != Errno.None)
            throw new KernelException($"mkdirat(\"{Printable.Escape(parentPath)}\", \"{Printable.Escape(name)}\")", error);
        FileDescriptor made = Syscalls.OpenAt(parent, name, OpenFlags.Directory | OpenFlags.ReadOnly | OpenFlags.NoFollow);
        if (FindBelow(path, out FileStatus below) && below.IsDirectory)
        {
            FileOwnership.Set(made, below);
            _directoryTimes.Add((path, below.ModificationSeconds, below.ModificationNanoseconds));
        }
        else
        {
            Syscalls.FChMod(made, 0x1ED);
        }
        return made;
    }

    /// <summary>A whiteout or an opaque mark (image-spec layer.md, Whiteouts). It acts on lower layers only, wherever it stands in its own.</summary>
    private void Hide(LayerPath path)
    {
        if (path.Name == ".wh..wh..opq")
        {
            if (path.Parent.Length == 0)
            {
                HidesLower = true;
                return;
            }
            LayerPath directory = LayerPath.Parse(path.Parent);
            _ = Parent(path.Parent);
            MarkOpaque(path.Parent, Parent(directory.Parent), directory.Name);
            return;
        }
        if (path.Name.StartsWith(".wh..wh.", StringComparison.Ordinal))
            return; // AUFS's own bookkeeping, which Docker's graph left in old images
        string name = path.Name[4..];
        if (name is "" or "." or "..")
            throw new StorageException(StorageErrorKind.InvalidContent, $"the layer is refused: the whiteout \"{Printable.Escape(path.Full)}\" names no file");
        string hidden = path.Parent.Length == 0 ? name : $"{path.Parent}/{name}";
        if (_whiteouts.Contains(hidden) || !FindBelow(hidden, out _))
            return;
        FileDescriptor parent = Parent(path.Parent);
        if (Syscalls.TryStatAt(parent, name, out FileStatus own) == Errno.None)
        {
            if (own.IsDirectory)
                MarkOpaque(hidden, parent, name);
            return;
        }
        Syscalls.MkNodAt(parent, name, FileType.Character, default);
        _ = _whiteouts.Add(hidden);
    }

    private void MarkOpaque(string path, FileDescriptor parent, string name)
    {
        if (!_opaque.Add(path))
            return;
        using FileDescriptor directory = Syscalls.OpenAt(parent, name, OpenFlags.Directory | OpenFlags.ReadOnly | OpenFlags.NoFollow);
        Syscalls.FSetXAttr(directory, OverlayAttributes.Opaque, "y"u8);
    }

    /// <summary>Whether the union of the lower layers has this path, so that hiding it has a meaning.</summary>
    private bool FindBelow(string path, out FileStatus status)
    {
        foreach (FileDescriptor layer in _lower)
        {
            Errno error = Syscalls.TryOpenAt2(layer, path, OpenFlags.Path | OpenFlags.NoFollow, Inside, 0, out FileDescriptor? found);
            using (found)
            {
                if (error != Errno.None)
                    continue;
                status = Syscalls.Stat(found!);
                return !OverlayAttributes.IsWhiteout(status);
            }
        }
        status = default;
        return false;
    }

    private void SetMetadata(FileDescriptor parent, LayerPath path, TarEntry entry)
    {
        FileStatus linked = entry.Type == TarEntryType.HardLink ? Syscalls.StatAt(parent, path.Name) : default;
        bool isLink = entry.Type == TarEntryType.Symlink || linked.IsSymlink;
        // A change of owner takes the file's capabilities away (capabilities(7)), which stand at the first of its names alone.
        if (entry.Type != TarEntryType.HardLink || linked.Uid != entry.Uid || linked.Gid != entry.Gid)
            Syscalls.LChOwnAt(parent, path.Name, entry.Uid, entry.Gid);
        if (isLink)
        {
            SetTime(parent, path.Name, entry);
            return;
        }
        if (entry.Type is TarEntryType.Directory or TarEntryType.HardLink)
        {
            uint type = Syscalls.StatAt(parent, path.Name).Type;
            if (type is FileType.Directory or FileType.Regular)
            {
                using FileDescriptor file = Syscalls.OpenAt(parent, path.Name, OpenFlags.ReadOnly | OpenFlags.NoFollow);
                Syscalls.FChMod(file, entry.Mode);
                SetAttributes(file, entry);
            }
        }
        else
        {
            Syscalls.FChModAt(parent, path.Name, entry.Mode);
        }
        if (entry.Type == TarEntryType.Directory)
            _directoryTimes.Add((path.Full, entry.ModificationSeconds, entry.ModificationNanoseconds));
        else
            SetTime(parent, path.Name, entry);
    }

    private static void SetAttributes(FileDescriptor file, TarEntry entry)
    {
        foreach ((string name, byte[] value) in entry.ExtendedAttributes ?? System.Collections.ObjectModel.ReadOnlyDictionary<string, byte[]>.Empty)
        {
            if (OverlayAttributes.IsHosts(name))
                continue;
            if (name.Length > 255 || value.Length > 65536)
                throw Refused(entry, "an extended attribute is too large");
            try
            {
                Syscalls.FSetXAttr(file, name, value);
            }
            catch (KernelException refused) when (refused.Errno == Errno.EOPNOTSUPP && name != "security.capability")
            {
                // The file system knows no such attribute; the file works without it.
            }
        }
    }

    private static void SetTime(FileDescriptor parent, string name, TarEntry entry)
    {
        (long, long) time = (entry.ModificationSeconds, entry.ModificationNanoseconds);
        Syscalls.UTimeNsAt(parent, name, time, time);
    }

    private void SetDirectoryTime((string Path, long Seconds, uint Nanoseconds) directory)
    {
        LayerPath path = LayerPath.Parse(directory.Path);
        if (Syscalls.TryOpenAt2(_root, path.Parent.Length == 0 ? "." : path.Parent, OpenFlags.Path | OpenFlags.Directory, Inside, 0, out FileDescriptor? parent) != Errno.None)
            return; // a later member took its place
        using (parent)
        {
            string name = path.Name.Length == 0 ? "." : path.Name;
            if (Syscalls.TryStatAt(parent!, name, out FileStatus status) == Errno.None && status.IsDirectory)
                Syscalls.UTimeNsAt(parent!, name, (directory.Seconds, directory.Nanoseconds), (directory.Seconds, directory.Nanoseconds));
        }
    }

    private void DropParent()
    {
        _parent?.Dispose();
        _parent = null;
        _parentPath = null;
    }

    private void DropParentBelow(string path)
    {
        _ = _opaque.RemoveWhere(marked => IsAtOrBelow(marked, path));
        _ = _whiteouts.RemoveWhere(marked => IsAtOrBelow(marked, path));
        DropParent();
    }

    private static bool IsAtOrBelow(string path, string directory) =>
        path == directory || (path.StartsWith(directory, StringComparison.Ordinal) && path[directory.Length] == '/');
}
