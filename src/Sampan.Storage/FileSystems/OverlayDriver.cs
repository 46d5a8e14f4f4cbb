using System.Text;
using Sampan.Kernel;
using Sampan.Storage.Layers;

namespace Sampan.Storage.FileSystems;

/// <summary>
/// overlayfs: the layers are the lower directories, the container's changes go to <c>upper</c>. By fsconfig's <c>lowerdir+</c> (Linux 6.7), one
/// call for each layer; before that by mount(2), whose options have one page, in which descriptors' short names stand where paths do not fit.
/// Which options and why: docs/decisions/0020-overlay-options.md.
/// </summary>
/// <param name="assumeOldKernel">Takes the way of kernels without <c>lowerdir+</c>, for its tests.</param>
public sealed class OverlayDriver(bool assumeOldKernel = false) : IFileSystemDriver
{
    private const int MaxOptions = 4000;    // one page, less the kernel's own
    private const int MaxParameter = 255;   // fsconfig(2) copies 256 bytes of a string

    /// <inheritdoc/>
    public string Name => "overlay";

    /// <inheritdoc/>
    public string Mount(string directory, IReadOnlyList<string> layers)
    {
        string upper = Path.Combine(directory, "upper"), work = Path.Combine(directory, "work"), merged = Path.Combine(directory, "merged");
        if (Syscalls.TryMkDirAt(Syscalls.WorkingDirectory, upper, 0x1ED) == Errno.None)
            InheritRoot(upper, layers[0]);
        _ = Syscalls.TryMkDirAt(Syscalls.WorkingDirectory, work, 0x1C0);
        _ = Syscalls.TryMkDirAt(Syscalls.WorkingDirectory, merged, 0x1C0);
        _ = Syscalls.TryUmount2(merged, UnmountFlags.Detach); // what a killed monitor left
        try
        {
            if (assumeOldKernel || !TryMountByDescriptor(merged, layers, upper, work))
                MountByOptions(merged, layers, upper, work);
        }
        catch (KernelException cause)
        {
            throw new StorageException(
                StorageErrorKind.Failed,
                $"the container's file system cannot be mounted: {cause.Message}; overlayfs needs a root on a file system such as ext4 or xfs, not on an overlay: choose one with --root, or set SAMPAN_STORAGE_DRIVER=copy",
                cause);
        }
        return merged;
    }

    /// <inheritdoc/>
    public void Unmount(string directory) => _ = Syscalls.TryUmount2(Path.Combine(directory, "merged"), UnmountFlags.Detach);

    /// <summary>False where the kernel does not know <c>lowerdir+</c>, or not the mount calls at all.</summary>
    private static bool TryMountByDescriptor(string merged, IReadOnlyList<string> layers, string upper, string work)
    {
        Errno error = Syscalls.TryFsOpen("overlay", out FileDescriptor? context);
        if (error == Errno.ENOSYS)
            return false;
        using FileDescriptor options = context ?? throw new KernelException("fsopen(\"overlay\")", error);
        var opened = new List<FileDescriptor>();
        try
        {
            for (int i = 0; i < layers.Count; i++)
            {
                try
                {
                    Syscalls.FsConfigSetString(options, "lowerdir+", Short(layers[i], MaxParameter, opened));
                }
                catch (KernelException unknown) when (i == 0 && unknown.Errno == Errno.EINVAL)
                {
                    return false;
                }
            }
            Syscalls.FsConfigSetString(options, "upperdir", Short(upper, MaxParameter, opened));
            Syscalls.FsConfigSetString(options, "workdir", Short(work, MaxParameter, opened));
            SetSafety(options);
            Syscalls.FsConfigCreate(options);
            using FileDescriptor mount = Syscalls.FsMount(options);
            using FileDescriptor target = Syscalls.Open(merged, OpenFlags.Path | OpenFlags.Directory);
            Syscalls.MoveMount(mount, target);
            return true;
        }
        finally
        {
            opened.ForEach(static one => one.Dispose());
        }
    }

    private static void SetSafety(FileDescriptor options)
    {
        if (OverlayAttributes.InUserNamespace)
        {
            Syscalls.FsConfigSetFlag(options, "userxattr"); // follows no redirect and no metacopy by itself
            return;
        }
        Syscalls.FsConfigSetString(options, "index", "off");
        Syscalls.FsConfigSetString(options, "metacopy", "off");
        Syscalls.FsConfigSetString(options, "redirect_dir", "nofollow");
    }

    private static void MountByOptions(string merged, IReadOnlyList<string> layers, string upper, string work)
    {
        var opened = new List<FileDescriptor>();
        try
        {
            string safety = OverlayAttributes.InUserNamespace ? "userxattr" : "index=off,metacopy=off,redirect_dir=nofollow";
            string options = $"lowerdir={string.Join(':', layers.Select(Escape))},upperdir={Escape(upper)},workdir={Escape(work)},{safety}";
            if (Encoding.UTF8.GetByteCount(options) > MaxOptions)
                options = $"lowerdir={string.Join(':', layers.Select(layer => Short(layer, 0, opened)))},upperdir={Short(upper, 0, opened)},workdir={Short(work, 0, opened)},{safety}";
            if (options.Length > MaxOptions)
                throw new StorageException(StorageErrorKind.Failed, $"the image's {layers.Count} layers are too many for one overlay mount on this kernel; Linux 6.7 or later takes 500");
            Syscalls.Mount("overlay", merged, "overlay", MountFlags.None, options);
        }
        finally
        {
            opened.ForEach(static one => one.Dispose());
        }
    }

    /// <summary>The path, or the name of a descriptor opened for it where it is longer than <paramref name="max"/> bytes.</summary>
    private static string Short(string path, int max, List<FileDescriptor> opened)
    {
        if (Encoding.UTF8.GetByteCount(path) <= max)
            return path;
        opened.Add(Syscalls.Open(path, OpenFlags.Path | OpenFlags.Directory));
        return opened[^1].ProcPath;
    }

    /// <summary>The root of the union looks like the uppermost directory: owner and mode must be those of the image.</summary>
    private static void InheritRoot(string upper, string layer)
    {
        using FileDescriptor below = HostDirectory.Open(layer);
        using FileDescriptor directory = HostDirectory.Open(upper);
        FileOwnership.Set(directory, Syscalls.Stat(below));
    }

    private static string Escape(string path) => path.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(":", "\\:", StringComparison.Ordinal).Replace(",", "\\,", StringComparison.Ordinal);
}
