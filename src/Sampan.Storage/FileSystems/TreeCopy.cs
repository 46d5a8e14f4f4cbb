using Sampan.Kernel;
using Sampan.Oci;

namespace Sampan.Storage.FileSystems;

/// <summary>How files are copied between a container and the host.</summary>
/// <param name="KeepOwners">Whether owners, groups and set-id bits go along; without it files belong to <paramref name="Uid"/> and <paramref name="Gid"/>, and set-id bits are dropped, as cp(1) does.</param>
/// <param name="Uid">The owner.</param>
/// <param name="Gid">The group.</param>
public readonly record struct TreeCopyOptions(bool KeepOwners, uint Uid, uint Gid);

/// <summary>
/// Copies files from one directory to another, of which either may belong to a running and hostile container that changes it meanwhile. Both are open
/// descriptors; only names without a slash are used below them, no link is followed, what exists and is no directory is replaced and never written to, and no
/// file is opened for writing that was not made here. Directories that exist on both sides become one. Sockets are left out; hard links within one directory stay
/// hard links.
/// </summary>
public sealed class TreeCopy(TreeCopyOptions options)
{
    private const OpenFlags ReadDirectory = OpenFlags.Directory | OpenFlags.ReadOnly | OpenFlags.NoFollow;
    private const uint OwnerOnly = 0x1C0;

    private readonly Dictionary<(DeviceNumber, ulong), (FileDescriptor Directory, string Name)> _links = [];
    private readonly byte[] _buffer = new byte[256 * 1024];

    /// <summary>Copies one name of a directory, with all that is below it.</summary>
    /// <exception cref="StorageException">A directory is in a file's way, or a file in a directory's.</exception>
    /// <exception cref="KernelException">Something could not be read or written.</exception>
    public void Copy(FileDescriptor fromDirectory, string fromName, FileDescriptor toDirectory, string toName)
    {
        if (Syscalls.TryStatAt(fromDirectory, fromName, out FileStatus status) == Errno.ENOENT)
            return; // removed just now
        if (status.IsDirectory)
        {
            using FileDescriptor source = Syscalls.OpenAt(fromDirectory, fromName, ReadDirectory);
            CopyDirectory(source, toDirectory, toName);
            return;
        }
        if (status.IsRegular)
        {
            // Not blocking, and asked again what it is: there may be a pipe in its place by now.
            using FileDescriptor source = Syscalls.OpenAt(fromDirectory, fromName, OpenFlags.ReadOnly | OpenFlags.NoFollow | OpenFlags.NonBlocking);
            if (Syscalls.Stat(source).IsRegular)
                CopyFile(source, toDirectory, toName);
            return;
        }
        CopySpecial(fromDirectory, fromName, status, toDirectory, toName);
    }

    /// <summary>Copies an open directory as a name of another, into which it merges where that is a directory.</summary>
    public void CopyDirectory(FileDescriptor source, FileDescriptor toDirectory, string toName)
    {
        bool exists = Syscalls.TryStatAt(toDirectory, toName, out FileStatus old) == Errno.None;
        if (exists && !old.IsDirectory)
            throw new StorageException(StorageErrorKind.Conflict, $"the directory \"{Printable.Escape(toName)}\" cannot be copied: there is a file of that name; remove it first");
        if (!exists)
            Syscalls.MkDirAt(toDirectory, toName, OwnerOnly);
        using FileDescriptor target = Syscalls.OpenAt(toDirectory, toName, ReadDirectory);
        CopyContent(source, target);
        FileStatus status = Syscalls.Stat(source);
        SetOwner(target, status);
        SetTimes(toDirectory, toName, status);
    }

    /// <summary>Copies everything that is in an open directory into another.</summary>
    public void CopyContent(FileDescriptor source, FileDescriptor target)
    {
        foreach (string name in Syscalls.ReadDirectory(source))
            Copy(source, name, target, name);
        foreach ((DeviceNumber, ulong) key in _links.Where(link => ReferenceEquals(link.Value.Directory, target)).Select(static link => link.Key).ToArray())
            _ = _links.Remove(key); // its descriptor closes
    }

    /// <summary>Copies an open file as a name of a directory.</summary>
    public void CopyFile(FileDescriptor source, FileDescriptor toDirectory, string toName)
    {
        FileStatus status = Syscalls.Stat(source);
        MakeRoom(toDirectory, toName);
        if (status.Links > 1 && _links.TryGetValue((status.FileSystem, status.Inode), out (FileDescriptor Directory, string Name) first))
        {
            Syscalls.LinkAt(first.Directory, first.Name, toDirectory, toName);
            return;
        }
        using FileDescriptor target = Syscalls.OpenAt(toDirectory, toName, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Exclusive | OpenFlags.NoFollow, 0x180);
        CopyBytes(source, target);
        SetOwner(target, status);
        SetTimes(toDirectory, toName, status);
        if (status.Links > 1)
            _links[(status.FileSystem, status.Inode)] = (toDirectory, toName);
    }

    /// <summary>Writes an open file's content over that of another, which stays what it is: its owner, its mode, its place.</summary>
    public void Overwrite(FileDescriptor source, FileDescriptor target)
    {
        Syscalls.FTruncate(target, 0);
        CopyBytes(source, target);
    }

    private void CopySpecial(FileDescriptor fromDirectory, string fromName, FileStatus status, FileDescriptor toDirectory, string toName)
    {
        if (status.Type == FileType.Socket)
            return;
        MakeRoom(toDirectory, toName);
        if (status.IsSymlink)
        {
            Syscalls.SymlinkAt(Syscalls.ReadLinkAt(fromDirectory, fromName), toDirectory, toName);
        }
        else
        {
            Syscalls.MkNodAt(toDirectory, toName, status.Type | 0x180, status.Device);
            // By descriptor, for chmod(2) would follow a link that a container puts in its place.
            using FileDescriptor made = Syscalls.OpenAt(toDirectory, toName, OpenFlags.Path | OpenFlags.NoFollow);
            if (Syscalls.Stat(made).Type == status.Type)
                Syscalls.FChModAt(Syscalls.WorkingDirectory, made.ProcPath, status.Mode & 0x1FF);
        }
        Syscalls.LChOwnAt(toDirectory, toName, options.KeepOwners ? status.Uid : options.Uid, options.KeepOwners ? status.Gid : options.Gid);
        SetTimes(toDirectory, toName, status);
    }

    private static void MakeRoom(FileDescriptor directory, string name)
    {
        if (Syscalls.TryStatAt(directory, name, out FileStatus old) != Errno.None)
            return;
        if (old.IsDirectory)
            throw new StorageException(StorageErrorKind.Conflict, $"the file \"{Printable.Escape(name)}\" cannot be copied: there is a directory of that name; remove it first");
        Syscalls.UnlinkAt(directory, name);
    }

    private void CopyBytes(FileDescriptor source, FileDescriptor target)
    {
        if (!Syscalls.Stat(source).IsRegular)
            throw new StorageException(StorageErrorKind.Conflict, "a file was exchanged while it was copied; stop what changes it and try again");
        long offset = 0;
        int read;
        while ((read = Syscalls.Read(source, _buffer)) > 0)
        {
            offset += read;
            if (_buffer.AsSpan(0, read).ContainsAnyExcept((byte)0))
                Syscalls.WriteAll(target, _buffer.AsSpan(0, read));
            else
                Syscalls.Seek(target, offset); // a hole stays one
        }
        Syscalls.FTruncate(target, offset);
    }

    private void SetOwner(FileDescriptor target, FileStatus status)
    {
        Syscalls.FChOwn(target, options.KeepOwners ? status.Uid : options.Uid, options.KeepOwners ? status.Gid : options.Gid);
        Syscalls.FChMod(target, status.Mode & (options.KeepOwners ? 0xFFFu : status.IsDirectory ? 0x3FFu : 0x1FFu));
    }

    private static void SetTimes(FileDescriptor directory, string name, FileStatus status)
    {
        if (Syscalls.TryStatAt(directory, name, out _) == Errno.None)
            Syscalls.UTimeNsAt(directory, name, (status.AccessSeconds, status.AccessNanoseconds), (status.ModificationSeconds, status.ModificationNanoseconds));
    }
}
