using System.Security.Cryptography;
using Sampan.Kernel;
using Sampan.Oci;
using Sampan.Storage.Archives;

namespace Sampan.Storage.Content;

/// <summary>
/// A blob that is being stored: written from front to back, hashed on the way, and in the store only after <see cref="Commit"/>. Disposed without
/// it, or with its process killed, it stays in <c>ingest/</c> and the next attempt goes on at its end, after hashing again what is there.
/// Where another process stores the same blob at the same time, each writes its own file and the second to be done finds the blob there.
/// </summary>
public sealed class ContentIngest : IDisposable
{
    private const uint Private = 0x180;

    private readonly ContentStore _store;
    private readonly ContentLease _lease;
    private readonly Digest _expected;
    private readonly long _size;
    private readonly IncrementalHash _hash;
    private readonly FileDescriptor _file;
    private readonly string _path;
    private bool _finished;

    internal ContentIngest(ContentStore store, Digest expected, long size, ContentLease lease)
    {
        _store = store;
        _lease = lease;
        _expected = expected;
        _size = size;
        _hash = IncrementalHash.CreateHash(expected.IsValid ? expected.HashAlgorithm : HashAlgorithmName.SHA256);
        (_file, _path) = OpenPartial(store, expected);
        try
        {
            Resume();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Bytes that are there already: where the next <see cref="Write"/> goes, and where a download goes on.</summary>
    public long Offset { get; private set; }

    /// <summary>Writes the next bytes.</summary>
    /// <exception cref="StorageException">There are more bytes than were promised.</exception>
    /// <exception cref="KernelException">The disk is full.</exception>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (_size >= 0 && bytes.Length > _size - Offset)
        {
            Discard();
            throw new StorageException(StorageErrorKind.InvalidContent, $"the content {_expected} is longer than the {_size} bytes that were promised");
        }
        if (bytes.Length == 0)
            return;
        try
        {
            Syscalls.WriteAll(_file, bytes);
        }
        catch (KernelException failed) when (failed.Errno is Errno.ENOSPC or Errno.EDQUOT)
        {
            Discard(); // what was written of it would keep the disk full
            throw new StorageException(StorageErrorKind.Failed, $"there is no room left for content in \"{_store.IngestDirectory}\"; remove images (sampan image prune), or use a --root on a larger disk", failed);
        }
        _hash.AppendData(bytes);
        Offset += bytes.Length;
    }

    /// <summary>Throws away what is there and begins anew, as when a registry cannot send a part.</summary>
    public void Restart()
    {
        Syscalls.FTruncate(_file, 0);
        Syscalls.Seek(_file, 0);
        _ = _hash.GetHashAndReset();
        Offset = 0;
    }

    /// <summary>A stream that reads <paramref name="source"/> and stores what it reads: for unpacking while downloading. It leaves the source open.</summary>
    public Stream Tee(Stream source) => new TeeStream(source, this);

    /// <summary>The hash of what is there so far, for a download that verifies the whole; the caller disposes it. The file is read again.</summary>
    public IncrementalHash HashSoFar()
    {
        var hash = IncrementalHash.CreateHash(_hash.AlgorithmName);
        using Stream stored = Stored();
        byte[] buffer = new byte[256 * 1024];
        int read;
        while ((read = stored.Read(buffer)) > 0)
            hash.AppendData(buffer, 0, read);
        return hash;
    }

    /// <summary>What is there so far, from the beginning, as a stream of its own.</summary>
    public Stream Stored() => Syscalls.Open(_path, OpenFlags.ReadOnly | OpenFlags.NoFollow).ToStream(FileAccess.Read);

    /// <summary>Verifies the blob, brings it to the disk and puts it in its place.</summary>
    /// <returns>Its digest.</returns>
    /// <exception cref="StorageException">It is too short, and stays to be gone on with; or its digest is another, and the partial file is removed.</exception>
    public Digest Commit()
    {
        if (_size >= 0 && Offset != _size)
            throw new StorageException(StorageErrorKind.InvalidContent, $"the content {_expected} ends after {Offset} of {_size} bytes");
        Digest actual = Digest.FromHash(_hash.GetHashAndReset());
        if (_expected.IsValid && actual != _expected)
        {
            Discard();
            throw new StorageException(StorageErrorKind.InvalidContent, $"the content has the digest {actual} and not {_expected}: it was damaged or exchanged");
        }
        _lease.Add(actual);
        Syscalls.FSync(_file);
        string target = _store.BlobPath(actual);
        Syscalls.RenameAt(Syscalls.WorkingDirectory, _path, Syscalls.WorkingDirectory, target);
        _finished = true;
        using FileDescriptor directory = HostDirectory.Open(Path.GetDirectoryName(target)!);
        Syscalls.FSync(directory);
        return actual;
    }

    /// <summary>Removes the partial file: nothing of it can be used.</summary>
    public void Discard()
    {
        if (!_finished)
            _ = Syscalls.TryUnlinkAt(Syscalls.WorkingDirectory, _path);
        _finished = true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_expected.IsValid)
            Discard(); // nobody could find it again
        _file.Dispose();
        _hash.Dispose();
    }

    private static (FileDescriptor File, string Path) OpenPartial(ContentStore store, Digest expected)
    {
        // Under the store's lock, so that a sweep cannot remove the file between its opening and its locking.
        using FileDescriptor gate = store.Lock(LockKind.Shared);
        string path = Path.Combine(store.IngestDirectory, expected.IsValid ? expected.Hex : $"new-{Guid.NewGuid():N}");
        FileDescriptor file = Syscalls.Open(path, OpenFlags.ReadWrite | OpenFlags.Create | OpenFlags.NoFollow, Private);
        if (Syscalls.FLock(file, LockKind.Exclusive, wait: false) && IsStill(file, path))
            return (file, path);
        file.Dispose();
        path = Path.Combine(store.IngestDirectory, $"{expected.Hex}-{Guid.NewGuid():N}");
        file = Syscalls.Open(path, OpenFlags.ReadWrite | OpenFlags.Create | OpenFlags.Exclusive, Private);
        _ = Syscalls.FLock(file, LockKind.Exclusive);
        return (file, path);
    }

    /// <summary>Whether the open file is still the one of that name: another process may have put it in its place meanwhile.</summary>
    private static bool IsStill(FileDescriptor file, string path) =>
        Syscalls.TryStatAt(Syscalls.WorkingDirectory, path, out FileStatus status) == Errno.None && status.Inode == Syscalls.Stat(file).Inode;

    private void Resume()
    {
        byte[] buffer = new byte[256 * 1024];
        int read;
        while ((read = Syscalls.Read(_file, buffer)) > 0)
        {
            _hash.AppendData(buffer, 0, read);
            Offset += read;
        }
        if (_size >= 0 && Offset > _size)
            Restart();
    }

    private sealed class TeeStream(Stream source, ContentIngest ingest) : ForwardStream
    {
        public override int Read(Span<byte> buffer)
        {
            int read = source.Read(buffer);
            ingest.Write(buffer[..read]);
            return read;
        }
    }
}
