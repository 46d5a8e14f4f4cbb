using Sampan.Kernel;

namespace Sampan.Storage.Layers;

/// <summary>
/// The lock of one layer, <c>KEY.lock</c>: exclusive for whoever unpacks or removes it, shared for whoever uses it. Its file may be removed by the
/// one who holds it alone, and so every locking looks whether the file that it locked is still the one of that name.
/// <para>
/// Several are taken from the lowest layer of an image to the uppermost. Images share layers only from the bottom, so that no two processes can
/// wait for each other.
/// </para>
/// </summary>
internal sealed class LayerLock : IDisposable
{
    private const int ShortestPause = 2, LongestPause = 50; // milliseconds

    private readonly FileDescriptor _file;

    private LayerLock(FileDescriptor file) => _file = file;

    /// <summary>Takes the lock and waits for those who have it.</summary>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public static LayerLock Take(FileDescriptor store, string key, LockKind kind, CancellationToken cancellation)
    {
        for (int pause = ShortestPause; ; pause = Math.Min(pause * 2, LongestPause))
        {
            if (TryTake(store, key, kind) is { } taken)
                return taken;
            _ = cancellation.WaitHandle.WaitOne(pause); // flock(2) itself could not be cancelled
            cancellation.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Takes the lock, or gives null where another has it.</summary>
    public static LayerLock? TryTake(FileDescriptor store, string key, LockKind kind)
    {
        while (true)
        {
            FileDescriptor file = Syscalls.OpenAt(store, NameOf(key), OpenFlags.ReadWrite | OpenFlags.Create | OpenFlags.NoFollow, 0x180);
            bool free = Syscalls.FLock(file, kind, wait: false);
            if (free && Syscalls.TryStatAt(store, NameOf(key), out FileStatus status) == Errno.None && status.Inode == Syscalls.Stat(file).Inode)
                return new LayerLock(file);
            file.Dispose();
            if (!free)
                return null;
        }
    }

    /// <summary>Removes the lock's file; only for who holds it exclusively.</summary>
    public static void Remove(FileDescriptor store, string key) => _ = Syscalls.TryUnlinkAt(store, NameOf(key));

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static string NameOf(string key) => $"{key}.lock";
}
