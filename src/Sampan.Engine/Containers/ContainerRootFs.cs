using Sampan.Storage;
using Sampan.Storage.FileSystems;

namespace Sampan.Engine.Containers;

/// <summary>A container's own file system in its directory: the image's layers, read-only, and the container's changes above them.</summary>
internal static class ContainerRootFs
{
    /// <summary>Makes what is missing and mounts it.</summary>
    /// <param name="directory">The container's directory.</param>
    /// <param name="layers">The layers' directories, the uppermost first.</param>
    /// <returns>The mount point.</returns>
    /// <exception cref="EngineException">The kernel refused.</exception>
    public static string Mount(string directory, IReadOnlyList<string> layers)
    {
        try
        {
            return OverlayMount.Mount(directory, layers);
        }
        catch (StorageException failure)
        {
            throw StorageFailure.ToEngine(failure);
        }
    }

    /// <summary>Unmounts it; nothing happens where it is not mounted.</summary>
    public static void Unmount(string directory) => OverlayMount.Unmount(directory);
}
