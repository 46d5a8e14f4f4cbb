using Sampan.Kernel;

namespace Sampan.Storage.Layers;

/// <summary>
/// What the layers below show together, looked up as overlayfs would (kernel's Documentation/filesystems/overlayfs.rst): the uppermost layer that
/// has a name decides, directories of one name are one, and whiteouts, opaque directories and files end the way down. No link is followed.
/// </summary>
/// <param name="layers">The open directories of the layers, from the uppermost to the lowest.</param>
internal sealed class LowerLayers(IReadOnlyList<FileDescriptor> layers)
{
    private const OpenFlags ReadDirectory = OpenFlags.Directory | OpenFlags.ReadOnly | OpenFlags.NoFollow;

    /// <summary>The status of the directory below the whole, or null where there is no layer.</summary>
    public FileStatus? Root => layers.Count > 0 ? Syscalls.Stat(layers[0]) : null;

    /// <summary>Whether a normalised path is there, and what it is.</summary>
    public bool TryFind(string path, out FileStatus status)
    {
        status = default;
        IReadOnlyList<FileDescriptor> current = layers;
        string[] parts = path.Split('/');
        try
        {
            for (int i = 0; i < parts.Length - 1; i++)
            {
                List<FileDescriptor> next = Step(current, parts[i]);
                Close(current);
                current = next;
            }
            foreach (FileDescriptor directory in current)
            {
                if (Syscalls.TryStatAt(directory, parts[^1], out status) == Errno.None)
                    return !OverlayAttributes.IsWhiteout(status);
            }
            return false;
        }
        finally
        {
            Close(current);
        }
    }

    /// <summary>The names in a normalised path's directory, as the layers show it together; none where it is no directory.</summary>
    public IReadOnlyCollection<string> Names(string path)
    {
        IReadOnlyList<FileDescriptor> current = layers;
        try
        {
            foreach (string part in path.Length == 0 ? [] : path.Split('/'))
            {
                List<FileDescriptor> next = Step(current, part);
                Close(current);
                current = next;
            }
            var seen = new Dictionary<string, bool>(StringComparer.Ordinal);
            foreach (FileDescriptor directory in current)
            {
                foreach (string name in Syscalls.ReadDirectory(directory))
                {
                    if (!seen.ContainsKey(name))
                        seen[name] = Syscalls.TryStatAt(directory, name, out FileStatus status) == Errno.None && !OverlayAttributes.IsWhiteout(status);
                }
            }
            return [.. seen.Where(static one => one.Value).Select(static one => one.Key)];
        }
        finally
        {
            Close(current);
        }
    }

    /// <summary>The directories of this name that are shown as one.</summary>
    private static List<FileDescriptor> Step(IReadOnlyList<FileDescriptor> current, string name)
    {
        var next = new List<FileDescriptor>();
        foreach (FileDescriptor directory in current)
        {
            Errno error = Syscalls.TryOpenAt(directory, name, ReadDirectory, 0, out FileDescriptor? found);
            if (error == Errno.ENOENT)
                continue;
            if (error != Errno.None)
                break; // a file, a link or a whiteout
            next.Add(found!);
            if (OverlayAttributes.IsOpaque(found!))
                break;
        }
        return next;
    }

    private void Close(IReadOnlyList<FileDescriptor> directories)
    {
        if (ReferenceEquals(directories, layers))
            return;
        foreach (FileDescriptor directory in directories)
            directory.Dispose();
    }
}
