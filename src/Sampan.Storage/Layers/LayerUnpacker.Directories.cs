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

    /// <summary>Makes the missing directories of a path, with mode 0755 for now: <see cref="SettleImplied"/> gives them what the layers below say.</summary>
    private FileDescriptor MakeParents(string path)
    {
        FileDescriptor current = _root.Duplicate();
        string done = "";
        foreach (string part in path.Split('/'))
        {
            done = done.Length == 0 ? part : $"{done}/{part}";
            Errno error = Syscalls.TryOpenAt2(_root, done, OpenFlags.Directory | OpenFlags.ReadOnly, Inside, 0, out FileDescriptor? next);
            using FileDescriptor parent = current;
            if (error == Errno.ENOENT)
                next = MakeImplied(parent, part, done);
            else if (error != Errno.None)
                throw new StorageException(StorageErrorKind.InvalidContent, $"the layer is refused: \"{Printable.Escape(done)}\" is used as a directory and is none");
            current = next!;
        }
        return current;
    }

    private FileDescriptor MakeImplied(FileDescriptor parent, string name, string path)
    {
        Errno error = Syscalls.TryMkDirAt(parent, name, 0x1ED);
        if (error == Errno.EEXIST)
            throw new StorageException(StorageErrorKind.InvalidContent, $"the layer is refused: \"{Printable.Escape(path)}\" is a link to a directory that is not in this layer");
        if (error != Errno.None)
            throw new KernelException($"mkdirat(\"{Printable.Escape(path)}\")", error);
        FileDescriptor made = Syscalls.OpenAt(parent, name, OpenFlags.Directory | OpenFlags.ReadOnly | OpenFlags.NoFollow);
        Syscalls.FChMod(made, 0x1ED);
        _ = _implied.Add(path);
        return made;
    }

    /// <summary>A directory without a member of its own keeps the mode and owner that the layers below give it.</summary>
    private void SettleImplied(string path, LowerLayers below)
    {
        if (!below.TryFind(path, out FileStatus like) || !like.IsDirectory)
            return;
        LayerPath place = LayerPath.Parse(path);
        if (TryParent(place.Parent) is not { } parent || Syscalls.TryOpenAt(parent, place.Name, OpenFlags.Directory | OpenFlags.ReadOnly | OpenFlags.NoFollow, 0, out FileDescriptor? directory) != Errno.None)
            return; // a later member took its place
        using (directory)
            FileOwnership.Set(directory!, like);
        _directoryTimes.Add((path, like.ModificationSeconds, like.ModificationNanoseconds));
    }

    /// <summary>A whiteout or an opaque mark (image-spec layer.md, Whiteouts). It acts on lower layers only, wherever it stands in its own.</summary>
    private void Hide(LayerPath path)
    {
        if (path.Name == ".wh..wh..opq")
        {
            if (path.Parent.Length == 0)
                HidesLower = true;
            else
                Syscalls.FSetXAttr(Parent(path.Parent), OverlayAttributes.Opaque, "y"u8);
            return;
        }
        if (path.Name.StartsWith(".wh..wh.", StringComparison.Ordinal))
            return; // AUFS's own bookkeeping, which Docker's graph left in old images
        string name = path.Name[4..];
        if (name is "" or "." or "..")
            throw new StorageException(StorageErrorKind.InvalidContent, $"the layer is refused: the whiteout \"{Printable.Escape(path.Full)}\" names no file");
        _ = _whiteouts.Add(path.Parent.Length == 0 ? name : $"{path.Parent}/{name}");
    }

    /// <summary>Hides a path of the layers below: nothing where they have none, an opaque directory where this layer has one, else a device 0:0.</summary>
    private void SettleWhiteout(string hidden, LowerLayers below)
    {
        if (!below.TryFind(hidden, out _))
            return;
        LayerPath path = LayerPath.Parse(hidden);
        if ((TryParent(path.Parent) ?? (path.Parent.Length > 0 && CanMake(path.Parent) ? Parent(path.Parent) : null)) is not { } parent || OverlayAttributes.IsOpaque(parent))
            return; // hidden by something nearer the root
        if (Syscalls.TryStatAt(parent, path.Name, out FileStatus own) != Errno.None)
        {
            Syscalls.MkNodAt(parent, path.Name, FileType.Character, default);
            return;
        }
        if (!own.IsDirectory)
            return;
        using FileDescriptor directory = Syscalls.OpenAt(parent, path.Name, OpenFlags.Directory | OpenFlags.ReadOnly | OpenFlags.NoFollow);
        Syscalls.FSetXAttr(directory, OverlayAttributes.Opaque, "y"u8);
    }

    /// <summary>Whether what is there of a path are directories, so that the rest of it can be made.</summary>
    private bool CanMake(string path)
    {
        string done = "";
        foreach (string part in path.Split('/'))
        {
            done = done.Length == 0 ? part : $"{done}/{part}";
            Errno error = Syscalls.TryOpenAt2(_root, done, OpenFlags.Path | OpenFlags.Directory | OpenFlags.NoFollow, Inside, 0, out FileDescriptor? found);
            found?.Dispose();
            if (error != Errno.None)
                return error == Errno.ENOENT;
        }
        return true;
    }

    /// <summary>As <see cref="Parent"/>, but makes nothing: null where the directory is not there.</summary>
    private FileDescriptor? TryParent(string path)
    {
        if (path == _parentPath && _parent is not null)
            return _parent;
        if (Syscalls.TryOpenAt2(_root, path.Length == 0 ? "." : path, OpenFlags.Directory | OpenFlags.ReadOnly, Inside, 0, out FileDescriptor? parent) != Errno.None)
            return null;
        DropParent();
        _parentPath = path;
        return _parent = parent;
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
}
