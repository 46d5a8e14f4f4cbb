using Sampan.Kernel;

namespace Sampan.Storage.Layers;

/// <summary>
/// The places of a container on which something is mounted. Where the image has none, the runtime makes an empty file or directory there, which is no change of the
/// container's and belongs in no image.
/// </summary>
/// <param name="paths">Their paths from the root on.</param>
public sealed class MountPoints(IEnumerable<string> paths)
{
    private readonly HashSet<string> _paths = [.. paths.Select(static path => path.Trim('/'))];

    /// <summary>Whether a file of an upper directory was made for a mount alone: it is empty, and one of the places or on the way to one.</summary>
    internal bool Covers(FileDescriptor directory, string name, string path, FileStatus status)
    {
        if (status.IsRegular)
            return status.Size == 0 && _paths.Contains(path);
        return status.IsDirectory && _paths.Any(place => place == path || place.StartsWith(path + "/", StringComparison.Ordinal)) && IsEmpty(directory, name, path);
    }

    /// <summary>Whether nothing is in a directory but such places.</summary>
    private bool IsEmpty(FileDescriptor directory, string name, string path)
    {
        if (Syscalls.TryOpenAt(directory, name, OpenFlags.Directory | OpenFlags.ReadOnly | OpenFlags.NoFollow, 0, out FileDescriptor? opened) != Errno.None)
            return false;
        using (opened)
        {
            return !OverlayAttributes.IsOpaque(opened!)
                && Syscalls.ReadDirectory(opened!).TrueForAll(child => Syscalls.TryStatAt(opened!, child, out FileStatus status) == Errno.None && Covers(opened!, child, $"{path}/{child}", status));
        }
    }
}
