using Sampan.Kernel;

namespace Sampan.Engine.Containers;

/// <summary>
/// Says that a container is being made or removed just now: a file <c>unfinished/ID</c> under the root, locked by who does it.
/// <para>
/// Life cycle: taken before the container's directory is made or taken apart, and disposed of, which removes the file, when the container has its record or
/// is gone. A command that is killed in between leaves the file, and the kernel lets go of the lock: whoever can take the mark of a container that has
/// no record knows that nobody works on it any more, and removes what is there.
/// </para>
/// </summary>
internal sealed class UnfinishedMark : IDisposable
{
    private readonly FileDescriptor _file;
    private readonly string _path;

    private UnfinishedMark(FileDescriptor file, string path)
    {
        _file = file;
        _path = path;
    }

    /// <summary>Takes the mark, waiting for whoever has it.</summary>
    /// <exception cref="KernelException">The file cannot be made.</exception>
    public static UnfinishedMark Take(Places places, string id) => Take(places, id, wait: true)!;

    /// <summary>Takes the mark, or gives null where somebody has it.</summary>
    /// <exception cref="KernelException">The file cannot be made.</exception>
    public static UnfinishedMark? TryTake(Places places, string id) => Take(places, id, wait: false);

    /// <summary>The ids that have a mark, whether somebody holds it or not.</summary>
    public static List<string> List(Places places) =>
        Directory.Exists(places.Unfinished) ? [.. Directory.EnumerateFiles(places.Unfinished).Select(static path => Path.GetFileName(path)!)] : [];

    private static UnfinishedMark? Take(Places places, string id, bool wait)
    {
        HostDirectory.Ensure(places.Unfinished);
        string path = Path.Combine(places.Unfinished, id);
        while (true)
        {
            FileDescriptor file = Syscalls.Open(path, OpenFlags.ReadWrite | OpenFlags.Create | OpenFlags.NoFollow, 0x180);
            if (!Syscalls.FLock(file, LockKind.Exclusive, wait))
            {
                file.Dispose();
                return null;
            }
            if (Syscalls.Stat(file).Links > 0)
                return new UnfinishedMark(file, path);
            file.Dispose(); // its holder has just removed it: the next open makes a new one
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ = Syscalls.TryUnlinkAt(Syscalls.WorkingDirectory, _path);
        _file.Dispose();
    }
}
