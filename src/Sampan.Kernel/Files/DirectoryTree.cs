namespace Sampan.Kernel;

/// <summary>Removal of a tree of files by descriptors, so that no link in it is followed, however the tree changes meanwhile.</summary>
public static class DirectoryTree
{
    private const int MaxDepth = 64;

    /// <summary>
    /// Removes a name in an open directory and, where it is a directory, all that is in it. Nothing happens where it does not exist. Trees
    /// deeper than 64 levels are taken apart in pieces, so that neither the stack nor the descriptors run out.
    /// </summary>
    /// <exception cref="KernelException">EBUSY where a mount point is in the tree: what is mounted there is left as it is; or another failure of unlinkat(2).</exception>
    public static void Remove(FileDescriptor parent, string name)
    {
        var deep = new Queue<string>();
        RemoveLevel(parent, name, 0, parent, deep);
        while (deep.TryDequeue(out string? piece))
            RemoveLevel(parent, piece, 0, parent, deep);
    }

    private static void RemoveLevel(FileDescriptor parent, string name, int depth, FileDescriptor top, Queue<string> deep)
    {
        Errno error = Syscalls.TryUnlinkAt(parent, name);
        if (error is Errno.None or Errno.ENOENT)
            return;
        if (error is not (Errno.EISDIR or Errno.EPERM))
            throw new KernelException($"unlinkat({parent.Number}, \"{name}\")", error);
        if (Syscalls.TryUnlinkAt(parent, name, removeDirectory: true) is Errno.None or Errno.ENOENT)
            return;
        if (depth >= MaxDepth)
        {
            string piece = $".sampan-removed-{Guid.NewGuid():n}";
            Syscalls.RenameAt(parent, name, top, piece, RenameFlags.NoReplace);
            deep.Enqueue(piece);
            return;
        }

        Errno opened = Syscalls.TryOpenAt(parent, name, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoFollow, 0, out FileDescriptor? directory);
        if (opened == Errno.ENOENT)
            return;
        using (directory ?? throw new KernelException($"unlinkat({parent.Number}, \"{name}\")", opened == Errno.ENOTDIR ? error : opened))
        {
            if (Syscalls.Stat(directory).IsMountRoot)
                throw new KernelException($"unlinkat({parent.Number}, \"{name}\", AT_REMOVEDIR)", Errno.EBUSY);
            foreach (string child in Syscalls.ReadDirectory(directory))
                RemoveLevel(directory, child, depth + 1, top, deep);
        }

        Errno removed = Syscalls.TryUnlinkAt(parent, name, removeDirectory: true);
        if (removed is not (Errno.None or Errno.ENOENT))
            throw new KernelException($"unlinkat({parent.Number}, \"{name}\", AT_REMOVEDIR)", removed);
    }
}
