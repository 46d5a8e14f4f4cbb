using System.Text;
using Sampan.Kernel;
using Sampan.Oci;

namespace Sampan.Storage.Content;

/// <summary>
/// Holds content while a command works with it: a file that its process keeps locked, with a digest in each line. Whoever sweeps reads the files
/// that are locked and removes the others, whose processes are dead. A digest is added before its blob is looked for, under the store's lock, so
/// that a sweep either sees the lease or is over.
/// </summary>
public sealed class ContentLease : IDisposable
{
    private readonly ContentStore _store;
    private readonly string _path;
    private readonly FileDescriptor _file;
    private readonly HashSet<Digest> _held = [];

    internal ContentLease(ContentStore store)
    {
        _store = store;
        _path = Path.Combine(store.LeaseDirectory, Guid.NewGuid().ToString("N"));
        // Under the store's lock: a sweep must not find the file between its making and its locking.
        using FileDescriptor gate = store.Lock(LockKind.Shared);
        _file = Syscalls.Open(_path, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Exclusive | OpenFlags.Append, 0x180);
        _ = Syscalls.FLock(_file, LockKind.Exclusive);
    }

    /// <summary>Holds content, whether it is there yet or not.</summary>
    /// <exception cref="KernelException">The disk is full.</exception>
    public void Add(Digest digest)
    {
        lock (_held)
        {
            if (_held.Contains(digest))
                return;
            using FileDescriptor gate = _store.Lock(LockKind.Shared);
            Syscalls.WriteAll(_file, Encoding.ASCII.GetBytes($"{digest}\n"));
            _ = _held.Add(digest);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ = Syscalls.TryUnlinkAt(Syscalls.WorkingDirectory, _path);
        _file.Dispose();
    }

    /// <summary>What all living processes hold. The caller has the store's lock; leases of dead processes are removed.</summary>
    internal static IEnumerable<Digest> ReadAll(ContentStore store)
    {
        foreach (string path in Directory.EnumerateFiles(store.LeaseDirectory))
        {
            if (Syscalls.TryOpenAt(Syscalls.WorkingDirectory, path, OpenFlags.ReadOnly, 0, out FileDescriptor? file) != Errno.None)
                continue; // disposed just now
            if (Syscalls.FLock(file!, LockKind.Exclusive, wait: false))
            {
                _ = Syscalls.TryUnlinkAt(Syscalls.WorkingDirectory, path);
                file!.Dispose();
                continue;
            }
            // Not by File: its own advisory lock would clash with the owner's.
            using var lines = new StreamReader(file!.ToStream(FileAccess.Read), Encoding.ASCII);
            while (lines.ReadLine() is { } line)
            {
                if (Digest.TryParse(line, out Digest digest))
                    yield return digest;
            }
        }
    }
}
