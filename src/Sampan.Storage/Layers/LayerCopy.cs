using Sampan.Kernel;

namespace Sampan.Storage.Layers;

/// <summary>
/// Applies one unpacked layer to a directory by copying: a whiteout removes, an opaque directory empties, hard links within the layer stay hard
/// links, and owner, mode, times and attributes go along. No link of either tree is followed.
/// </summary>
internal sealed class LayerCopy
{
    private const OpenFlags ReadDirectory = OpenFlags.Directory | OpenFlags.ReadOnly | OpenFlags.NoFollow;

    private readonly Dictionary<ulong, string> _links = [];
    private readonly byte[] _buffer = new byte[256 * 1024];
    private FileDescriptor? _top;

    public void Apply(FileDescriptor layer, FileDescriptor target)
    {
        _top = target;
        Directory(layer, target, "");
    }

    private void Directory(FileDescriptor source, FileDescriptor target, string path)
    {
        if (OverlayAttributes.IsOpaque(source))
        {
            foreach (string name in Syscalls.ReadDirectory(target))
                DirectoryTree.Remove(target, name);
        }
        foreach (string name in Syscalls.ReadDirectory(source))
            Entry(source, target, name, path.Length == 0 ? name : $"{path}/{name}");
        FileStatus status = Syscalls.Stat(source);
        FileOwnership.Set(target, status);
        CopyAttributes(source, target);
        SetTimes(target, ".", status);
    }

    private void Entry(FileDescriptor source, FileDescriptor target, string name, string path)
    {
        FileStatus status = Syscalls.StatAt(source, name);
        bool wasDirectory = Syscalls.TryStatAt(target, name, out FileStatus old) == Errno.None && old.IsDirectory;
        if (!status.IsDirectory || !wasDirectory)
            DirectoryTree.Remove(target, name);
        if (OverlayAttributes.IsWhiteout(status))
            return;
        if (!status.IsDirectory && status.Links > 1 && !_links.TryAdd(status.Inode, path))
        {
            Syscalls.LinkAt(_top!, _links[status.Inode], target, name);
            return;
        }
        switch (status.Type)
        {
            case FileType.Directory:
                if (!wasDirectory)
                    Syscalls.MkDirAt(target, name, 0x1C0);
                using (FileDescriptor from = Syscalls.OpenAt(source, name, ReadDirectory), to = Syscalls.OpenAt(target, name, ReadDirectory))
                    Directory(from, to, path);
                return;
            case FileType.Regular:
                CopyFile(source, target, name, status);
                return;
            case FileType.Symlink:
                Syscalls.SymlinkAt(Syscalls.ReadLinkAt(source, name), target, name);
                Syscalls.LChOwnAt(target, name, status.Uid, status.Gid);
                break;
            default:
                Syscalls.MkNodAt(target, name, status.Type | 0x180, status.Device);
                Syscalls.LChOwnAt(target, name, status.Uid, status.Gid);
                Syscalls.FChModAt(target, name, status.Mode & 0xFFF);
                break;
        }
        SetTimes(target, name, status);
    }

    private void CopyFile(FileDescriptor source, FileDescriptor target, string name, FileStatus status)
    {
        using FileDescriptor from = Syscalls.OpenAt(source, name, OpenFlags.ReadOnly | OpenFlags.NoFollow);
        using FileDescriptor to = Syscalls.OpenAt(target, name, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Exclusive | OpenFlags.NoFollow, 0x180);
        long offset = 0;
        int read;
        while ((read = Syscalls.Read(from, _buffer)) > 0)
        {
            offset += read;
            if (_buffer.AsSpan(0, read).ContainsAnyExcept((byte)0))
                Syscalls.WriteAll(to, _buffer.AsSpan(0, read));
            else
                Syscalls.Seek(to, offset); // a hole stays one
        }
        Syscalls.FTruncate(to, status.Size);
        FileOwnership.Set(to, status);
        CopyAttributes(from, to);
        SetTimes(target, name, status);
    }

    private static void CopyAttributes(FileDescriptor from, FileDescriptor to)
    {
        foreach (string name in Syscalls.FListXAttr(from))
        {
            if (!OverlayAttributes.IsHosts(name) && Syscalls.FGetXAttr(from, name) is { } value)
                Syscalls.FSetXAttr(to, name, value);
        }
    }

    private static void SetTimes(FileDescriptor directory, string name, FileStatus status) =>
        Syscalls.UTimeNsAt(directory, name, (status.AccessSeconds, status.AccessNanoseconds), (status.ModificationSeconds, status.ModificationNanoseconds));
}
