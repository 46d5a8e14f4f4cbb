using Sampan.Kernel;
using Sampan.Storage.Layers;

namespace Sampan.Storage.FileSystems;

/// <summary>
/// A plain copy of the layers in <c>merged</c>, for file systems and rights without overlayfs. It is made once, when the container is made, under
/// <c>merged.partial</c>, and costs the time and the space of the whole image for each container.
/// </summary>
public sealed class CopyDriver : IFileSystemDriver
{
    /// <inheritdoc/>
    public string Name => "copy";

    /// <inheritdoc/>
    public string Mount(string directory, IReadOnlyList<string> layers)
    {
        string merged = Path.Combine(directory, "merged");
        if (Directory.Exists(merged))
            return merged;
        using FileDescriptor container = HostDirectory.Open(directory);
        DirectoryTree.Remove(container, "merged.partial");
        Syscalls.MkDirAt(container, "merged.partial", 0x1C0);
        try
        {
            using (FileDescriptor target = Syscalls.OpenAt(container, "merged.partial", OpenFlags.Directory | OpenFlags.ReadOnly))
            {
                foreach (string layer in layers.Reverse())
                {
                    using FileDescriptor source = HostDirectory.Open(layer);
                    new LayerCopy().Apply(source, target);
                }
            }
            Syscalls.RenameAt(container, "merged.partial", container, "merged");
            return merged;
        }
        catch (KernelException cause)
        {
            DirectoryTree.Remove(container, "merged.partial");
            throw new StorageException(StorageErrorKind.Failed, $"the image's layers cannot be copied for the container: {cause.Message}", cause);
        }
    }

    /// <inheritdoc/>
    public void Unmount(string directory)
    {
        // Nothing is mounted.
    }
}
