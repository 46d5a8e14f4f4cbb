using Sampan.Kernel;

namespace Sampan.Storage.FileSystems;

/// <summary>A container's own file system: the image's layers, read-only, and the container's changes above them (overlayfs).</summary>
public static class OverlayMount
{
    // The kernel takes one page of options.
    private const int MaxOptions = 4000;

    /// <summary>Makes the directories for a container's changes and mounts the union on <c>merged</c>.</summary>
    /// <returns>The mount point.</returns>
    /// <exception cref="StorageException">The layers do not fit, or the kernel refused.</exception>
    public static string Mount(string directory, IReadOnlyList<string> layers)
    {
        string upper = Path.Combine(directory, "upper");
        string work = Path.Combine(directory, "work");
        string merged = Path.Combine(directory, "merged");
        if (Syscalls.TryMkDirAt(Syscalls.WorkingDirectory, upper, 0x1ED) == Errno.None)
            InheritRoot(upper, layers[0]);
        _ = Syscalls.TryMkDirAt(Syscalls.WorkingDirectory, work, 0x1C0);
        _ = Syscalls.TryMkDirAt(Syscalls.WorkingDirectory, merged, 0x1C0);
        _ = Syscalls.TryUmount2(merged, UnmountFlags.Detach); // what a killed monitor left
        string options = $"lowerdir={string.Join(':', layers.Select(Escape))},upperdir={Escape(upper)},workdir={Escape(work)}";
        if (System.Text.Encoding.UTF8.GetByteCount(options) > MaxOptions)
            throw new StorageException(StorageErrorKind.Failed, $"the paths of the image's {layers.Count} layers are too long for one overlay mount; use a shorter --root");
        Errno error = Syscalls.TryMount("overlay", merged, "overlay", MountFlags.None, options);
        if (error != Errno.None)
            throw new StorageException(StorageErrorKind.Failed, $"the container's file system cannot be mounted: {KernelException.Describe(error)} ({options}); overlayfs needs a root on a file system such as ext4 or xfs, not on an overlay");
        return merged;
    }

    /// <summary>Unmounts it; nothing happens where it is not mounted.</summary>
    public static void Unmount(string directory) => _ = Syscalls.TryUmount2(Path.Combine(directory, "merged"), UnmountFlags.Detach);

    /// <summary>The root of the union looks like the uppermost directory: owner and mode must be those of the image.</summary>
    private static void InheritRoot(string upper, string layer)
    {
        using FileDescriptor below = HostDirectory.Open(layer);
        using FileDescriptor directory = HostDirectory.Open(upper);
        FileStatus status = Syscalls.Stat(below);
        Syscalls.FChOwn(directory, status.Uid, status.Gid);
        Syscalls.FChMod(directory, status.Mode & 0xFFF);
    }

    private static string Escape(string path) => path.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(":", "\\:", StringComparison.Ordinal).Replace(",", "\\,", StringComparison.Ordinal);
}
