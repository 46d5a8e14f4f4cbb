using Sampan.Kernel;

namespace Sampan.Storage.Layers;

/// <summary>What happened to a file, as <c>docker diff</c> names it.</summary>
public enum ChangeKind
{
    /// <summary>It is there and was not below.</summary>
    Added,

    /// <summary>It was there below and is different, or something in it is.</summary>
    Changed,

    /// <summary>It was there below and is gone.</summary>
    Deleted,
}

/// <summary>One change.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Path">The path from the root on, with a leading slash.</param>
public readonly record struct FileChange(ChangeKind Kind, string Path);

/// <summary>Tells what an upper directory of overlayfs changes in the layers below it. No link is followed.</summary>
public sealed class LayerChanges
{
    private const OpenFlags ReadDirectory = OpenFlags.Directory | OpenFlags.ReadOnly | OpenFlags.NoFollow;

    private readonly LowerLayers _lower;
    private readonly List<FileChange> _changes = [];

    private readonly MountPoints? _mountPoints;

    private LayerChanges(LowerLayers lower, MountPoints? mountPoints) => (_lower, _mountPoints) = (lower, mountPoints);

    /// <summary>The changes, in the order of the paths' bytes, a directory before what is in it.</summary>
    /// <param name="upper">The upper directory.</param>
    /// <param name="lower">The layers, from the uppermost to the lowest; none where everything is new.</param>
    /// <param name="mountPoints">What was made only for something to be mounted on; it is no change. Null for nothing.</param>
    /// <exception cref="KernelException">Something could not be read.</exception>
    public static IReadOnlyList<FileChange> Of(FileDescriptor upper, IReadOnlyList<FileDescriptor> lower, MountPoints? mountPoints = null)
    {
        var changes = new LayerChanges(new LowerLayers(lower), mountPoints);
        changes.Directory(upper, "");
        return changes._changes;
    }

    private void Directory(FileDescriptor directory, string path)
    {
        List<string> names = Syscalls.ReadDirectory(directory);
        if (OverlayAttributes.IsOpaque(directory))
        {
            // It hides what is below: what has no successor here is deleted.
            foreach (string hidden in _lower.Names(path).Except(names, StringComparer.Ordinal))
                _changes.Add(new FileChange(ChangeKind.Deleted, $"/{Join(path, hidden)}"));
        }
        foreach (string name in names.Order(StringComparer.Ordinal))
        {
            string full = Join(path, name);
            if (Syscalls.TryStatAt(directory, name, out FileStatus status) != Errno.None)
                continue; // a running container has removed it just now
            bool was = _lower.TryFind(full, out _);
            if (_mountPoints?.Covers(directory, name, full, status) == true)
                continue;
            if (OverlayAttributes.IsWhiteout(status))
            {
                if (was)
                    _changes.Add(new FileChange(ChangeKind.Deleted, $"/{full}"));
                continue;
            }
            _changes.Add(new FileChange(was ? ChangeKind.Changed : ChangeKind.Added, $"/{full}"));
            if (!status.IsDirectory)
                continue;
            if (Syscalls.TryOpenAt(directory, name, ReadDirectory, 0, out FileDescriptor? child) != Errno.None)
                continue;
            using (child)
                Directory(child!, full);
        }
    }

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}/{name}";
}
