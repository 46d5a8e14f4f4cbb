using Sampan.Kernel;

namespace Sampan.Engine.Layers;

/// <summary>
/// Removes a directory with everything in it, by descriptor, following no link and crossing no mount. A tree deeper than descriptors last (a
/// container can make one) is brought nearer the top by renaming.
/// </summary>
public static class RemoveTree
{
    private const int MaxDepth = 64;

    /// <summary>Removes <paramref name="name"/> from a directory; nothing happens where it is not there.</summary>
    /// <exception cref="KernelException">Something could not be removed.</exception>
    public static void Remove(FileDescriptor parent, string name)
    {
        int moved = 0;
        var pending = new Queue<string>();
        pending.Enqueue(name);
        while (pending.TryDequeue(out string? next))
            Remove(parent, next, parent, 0, pending, name, ref moved);
    }

    private static void Remove(FileDescriptor directory, string name, FileDescriptor top, int depth, Queue<string> pending, string first, ref int moved)
    {
        Errno error = Syscalls.TryUnlinkAt(directory, name);
        if (error is Errno.None or Errno.ENOENT)
            return;
        if (error is not (Errno.EISDIR or Errno.EPERM))
            throw new KernelException($"unlinkat({directory.Number}, \"{Text.Printable(name)}\")", error);
        if (depth == MaxDepth)
        {
            string aside = $"{first}.sampan-deep-{moved++}";
            Syscalls.RenameAt(directory, name, top, aside);
            pending.Enqueue(aside);
            return;
        }
        Errno opened = Syscalls.TryOpenAt2(directory, name, OpenFlags.Directory | OpenFlags.ReadOnly | OpenFlags.NoFollow, ResolveFlags.NoCrossDevice | ResolveFlags.NoSymlinks, 0, out FileDescriptor? child);
        if (opened != Errno.None)
            throw new KernelException($"openat2({directory.Number}, \"{Text.Printable(name)}\", RESOLVE_NO_XDEV)", opened);
        using (child)
        {
            foreach (string entry in Syscalls.ReadDirectory(child!))
                Remove(child!, entry, top, depth + 1, pending, first, ref moved);
        }
        Syscalls.UnlinkAt(directory, name, removeDirectory: true);
    }
}
