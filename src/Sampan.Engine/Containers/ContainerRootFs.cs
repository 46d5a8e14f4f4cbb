using Sampan.Kernel;
using Sampan.Oci;
using Sampan.Storage;
using Sampan.Storage.FileSystems;

namespace Sampan.Engine.Containers;

/// <summary>
/// A container's own file system in its directory: the image's layers, read-only, and the container's changes above them. Made by overlayfs, or by
/// copying where <c>SAMPAN_STORAGE_DRIVER=copy</c> says so; a container keeps the driver that made it, in the file <c>driver</c>.
/// </summary>
internal static class ContainerRootFs
{
    private const string DriverFile = "driver";

    /// <summary>Makes what is missing and mounts it.</summary>
    /// <param name="directory">The container's directory.</param>
    /// <param name="layers">The layers' directories, the uppermost first.</param>
    /// <returns>The mount point.</returns>
    /// <exception cref="EngineException">The kernel refused, or the driver is not known.</exception>
    public static string Mount(string directory, IReadOnlyList<string> layers)
    {
        string file = Path.Combine(directory, DriverFile);
        bool isKept = File.Exists(file);
        IFileSystemDriver driver = ByName(isKept ? File.ReadAllText(file) : Environment.GetEnvironmentVariable("SAMPAN_STORAGE_DRIVER"));
        try
        {
            if (!isKept && driver is CopyDriver)
                AtomicFile.Write(file, System.Text.Encoding.ASCII.GetBytes(driver.Name), durable: false);
            return driver.Mount(directory, layers);
        }
        catch (StorageException failure)
        {
            throw StorageFailure.ToEngine(failure);
        }
    }

    /// <summary>The name of the driver that made a container's file system.</summary>
    public static string DriverOf(string directory)
    {
        string file = Path.Combine(directory, DriverFile);
        return File.Exists(file) ? File.ReadAllText(file) : "overlay";
    }

    /// <summary>Unmounts it; nothing happens where it is not mounted.</summary>
    public static void Unmount(string directory) => new OverlayDriver().Unmount(directory);

    private static IFileSystemDriver ByName(string? name) => name switch
    {
        null or "" or "overlay" => new OverlayDriver(),
        "copy" => new CopyDriver(),
        _ => throw new EngineException(ErrorKind.InvalidArgument, $"there is no storage driver \"{Printable.Escape(name)}\"; set SAMPAN_STORAGE_DRIVER to overlay or copy, or leave it out"),
    };
}
