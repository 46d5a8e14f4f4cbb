namespace Sampan.Storage.FileSystems;

/// <summary>
/// Makes a container's own file system of read-only layers: overlayfs where it works, a plain copy where it does not. In a container's
/// directory <c>merged</c> is the file system; what else is there is the driver's.
/// <para>
/// Life cycle: <see cref="Mount"/> makes what is missing, also after a crash or a reboot, and keeps the container's changes;
/// <see cref="Unmount"/> may be called at any time; removing the directory after it ends the container's file system. tests/Integration/Storage
/// has one contract that every driver passes.
/// </para>
/// </summary>
public interface IFileSystemDriver
{
    /// <summary>What the driver is called, as <c>overlay</c>.</summary>
    string Name { get; }

    /// <summary>Makes the file system usable.</summary>
    /// <param name="directory">The container's directory, which exists.</param>
    /// <param name="layers">The layers' directories, the uppermost first; at least one.</param>
    /// <returns>The path of the file system's root.</returns>
    /// <exception cref="StorageException">The kernel or the disk refuses it; nothing is mounted.</exception>
    string Mount(string directory, IReadOnlyList<string> layers);

    /// <summary>Takes the mount away and keeps the changes; nothing happens where nothing is mounted.</summary>
    void Unmount(string directory);
}
