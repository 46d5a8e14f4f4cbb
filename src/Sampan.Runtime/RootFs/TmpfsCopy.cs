using Sampan.Kernel;

namespace Sampan.Runtime.RootFs;

/// <summary>
/// The <c>tmpcopyup</c> option: a tmpfs that begins with what the directory below it holds. The runtime makes it detached and fills it before the
/// child exists; every file of the image is reached through descriptors inside the root.
/// </summary>
internal static class TmpfsCopy
{
    private const OpenFlags DirectoryFlags = OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoFollow;

    /// <summary>Makes the file system and copies the directory at <paramref name="path"/> into it, where there is one.</summary>
    /// <exception cref="RuntimeException">The type is not tmpfs, or the copy failed (the size limit is reached).</exception>
    public static FileDescriptor Make(FileDescriptor root, string path, string type, MountOptions options, ulong attributes)
    {
        if (type != "tmpfs")
            throw new RuntimeException($"mounts: tmpcopyup is for tmpfs, and the mount at /{path} is of type {type}", RuntimeErrorKind.InvalidArgument);
        using FileDescriptor context = Syscalls.FsOpen("tmpfs");
        foreach (string one in options.Data)
        {
            int equals = one.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0)
                Syscalls.FsConfigSetFlag(context, one);
            else
                Syscalls.FsConfigSetString(context, one[..equals], one[(equals + 1)..]);
        }
        Syscalls.FsConfigCreate(context);
        FileDescriptor mount = Syscalls.FsMount(context, (MountAttributes)(attributes & ~MountOptions.ReadOnly));
        _ = Syscalls.TryOpenAt2(root, path, DirectoryFlags, ResolveFlags.InRoot | ResolveFlags.NoMagicLinks, 0, out FileDescriptor? source);
        using (source)
        {
            if (source is not null)
            {
                using FileDescriptor top = Syscalls.OpenAt(mount, ".", DirectoryFlags);
                CopyDirectory(source, top);
                CopyAttributes(Syscalls.Stat(source), top);
            }
        }
        if ((attributes & MountOptions.ReadOnly) != 0)
            Syscalls.MountSetAttr(mount, "", recursive: false, MountAttributes.ReadOnly);
        return mount;
    }

    private static void CopyDirectory(FileDescriptor from, FileDescriptor to)
    {
        foreach (string name in Syscalls.ReadDirectory(from))
        {
            FileStatus status = Syscalls.StatAt(from, name);
            if (status.IsDirectory)
            {
                using FileDescriptor source = Syscalls.OpenAt(from, name, DirectoryFlags);
                Syscalls.MkDirAt(to, name, 0x1C0);
                using FileDescriptor target = Syscalls.OpenAt(to, name, DirectoryFlags);
                CopyDirectory(source, target);
                CopyAttributes(status, target);
            }
            else if (status.IsRegular)
            {
                CopyFile(from, to, name, status);
            }
            else if (status.IsSymlink)
            {
                Syscalls.SymlinkAt(Syscalls.ReadLinkAt(from, name), to, name);
                Syscalls.LChOwnAt(to, name, status.Uid, status.Gid);
            }
            else
            {
                Syscalls.MkNodAt(to, name, status.Mode, status.Device);
                Syscalls.LChOwnAt(to, name, status.Uid, status.Gid);
            }
        }
    }

    private static void CopyFile(FileDescriptor from, FileDescriptor to, string name, FileStatus status)
    {
        using FileDescriptor source = Syscalls.OpenAt(from, name, OpenFlags.ReadOnly | OpenFlags.NoFollow | OpenFlags.NonBlocking);
        using FileDescriptor target = Syscalls.OpenAt(to, name, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Exclusive, 0x180);
        byte[] buffer = new byte[65536];
        for (int count; (count = Syscalls.Read(source, buffer)) > 0;)
            Syscalls.WriteAll(target, buffer.AsSpan(0, count));
        CopyAttributes(status, target);
    }

    private static void CopyAttributes(FileStatus status, FileDescriptor target)
    {
        Syscalls.FChOwn(target, status.Uid, status.Gid);
        Syscalls.FChMod(target, status.Mode & 0xFFF);
    }
}
