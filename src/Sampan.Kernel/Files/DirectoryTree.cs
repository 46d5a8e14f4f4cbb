namespace Sampan.Kernel;

/// <summary>
/// Removes a directory with everything in it, by descriptor, following no link and crossing no mount. Names are taken as the bytes they are, since
/// a container may have made some that are no UTF-8. A tree deeper than descriptors last is brought nearer the top by renaming.
/// </summary>
public static class DirectoryTree
{
    private const int MaxDepth = 64;

    /// <summary>
    /// Removes a name in an open directory and, where it is a directory, all that is in it. Nothing happens where it does not exist. Trees
    /// deeper than 64 levels are taken apart in pieces, so that neither the stack nor the descriptors run out.
    /// </summary>
    /// <exception cref="KernelException">EBUSY where a mount point is in the tree: what is mounted there is left as it is; or another failure of unlinkat(2).</exception>
    /// <param name="parent">The open directory.</param>
    /// <param name="name">The name in it, of one component.</param>
    /// <param name="assumeNoOpenAt2">Takes the way of kernels before 5.6, for its tests.</param>
    public static void Remove(FileDescriptor parent, string name, bool assumeNoOpenAt2 = false)
    {
        byte[] first = System.Text.Encoding.UTF8.GetBytes(name + "\0");
        var pending = new Queue<byte[]>();
        pending.Enqueue(first);
        while (pending.TryDequeue(out byte[]? next))
            Remove(parent, next, parent, 0, pending, assumeNoOpenAt2);
    }

    private static void Remove(FileDescriptor directory, byte[] name, FileDescriptor top, int depth, Queue<byte[]> pending, bool walk)
    {
        Errno error = Syscalls.TryUnlinkRaw(directory, name, false);
        if (error is Errno.None or Errno.ENOENT)
            return;
        if (error is not (Errno.EISDIR or Errno.EPERM))
            throw new KernelException($"unlinkat({directory.Number}, {Syscalls.QuoteRaw(name)})", error);
        if (depth == MaxDepth)
        {
            byte[] aside = System.Text.Encoding.UTF8.GetBytes($".sampan-removed-{Guid.NewGuid():n}\0");
            Syscalls.RenameRaw(directory, name, top, aside);
            pending.Enqueue(aside);
            return;
        }
        using (FileDescriptor child = walk ? Syscalls.OpenDirectoryRawWithoutOpenAt2(directory, name) : Syscalls.OpenDirectoryRaw(directory, name))
        {
            foreach (byte[] entry in Syscalls.ReadDirectoryRaw(child))
                Remove(child, entry, top, depth + 1, pending, walk);
        }
        error = Syscalls.TryUnlinkRaw(directory, name, true);
        if (error is not (Errno.None or Errno.ENOENT))
            throw new KernelException($"unlinkat({directory.Number}, {Syscalls.QuoteRaw(name)}, AT_REMOVEDIR)", error);
    }
}
