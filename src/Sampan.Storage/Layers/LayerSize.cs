using Sampan.Kernel;

namespace Sampan.Storage.Layers;

/// <summary>What a directory with all that is in it occupies on the disk.</summary>
public static class LayerSize
{
    private const int BytesPerBlock = 512; // stat(2), st_blocks

    /// <summary>Bytes of the blocks of everything below a directory and of itself; 0 where it is not there.</summary>
    public static long Of(string path)
    {
        if (Syscalls.TryOpenAt(Syscalls.WorkingDirectory, path, OpenFlags.Directory | OpenFlags.ReadOnly | OpenFlags.NoFollow, 0, out FileDescriptor? directory) != Errno.None)
            return 0;
        using (directory)
            return Of(directory!);
    }

    /// <summary>Bytes of the blocks of everything below an open directory and of itself. A file with several names counts once.</summary>
    public static long Of(FileDescriptor directory) => Of(directory, Syscalls.Stat(directory), []);

    private static long Of(FileDescriptor directory, FileStatus own, HashSet<ulong> seen)
    {
        long bytes = own.Blocks * BytesPerBlock;
        foreach (string name in Syscalls.ReadDirectory(directory))
        {
            if (Syscalls.TryStatAt(directory, name, out FileStatus status) != Errno.None)
                continue;
            if (!status.IsDirectory)
            {
                bytes += status.Links == 1 || seen.Add(status.Inode) ? status.Blocks * BytesPerBlock : 0;
                continue;
            }
            if (Syscalls.TryOpenAt(directory, name, OpenFlags.Directory | OpenFlags.ReadOnly | OpenFlags.NoFollow, 0, out FileDescriptor? child) != Errno.None)
                continue; // a container may be at work in it
            using (child)
                bytes += Of(child!, status, seen);
        }
        return bytes;
    }
}
