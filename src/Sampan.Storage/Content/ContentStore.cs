using System.Security.Cryptography;
using Sampan.Kernel;
using Sampan.Oci;

namespace Sampan.Storage.Content;

/// <summary>
/// Content by its digest, in one OCI image layout (image-spec image-layout.md), so that other tools read it too: <c>oci-layout</c>,
/// <c>index.json</c>, <c>blobs/ALGORITHM/HEX</c>. Beside them <c>ingest/</c> holds what is not whole yet, <c>leases/</c> what is in use, and
/// <c>lock</c> guards the index and the sweep.
/// <para>
/// Life cycle of a blob: leased (<see cref="Lease"/>), written under <c>ingest/</c> while it is hashed, verified, on the disk (fsync), renamed to
/// its place, named by an image (<see cref="Tag"/>) or held by a lease; when neither is true any more, <see cref="Prune"/> takes it. A process
/// killed anywhere leaves a partial file that the next download of the same blob goes on with, or a whole blob without a name: prune takes both.
/// </para>
/// <para>Any number of processes may use one store. The lock is held for as long as a small file takes to write, and for the sweep.</para>
/// </summary>
public sealed partial class ContentStore
{
    /// <summary>The most that is read of a document (index, manifest, configuration), in bytes.</summary>
    public const int MaxDocument = 4 << 20;

    private const uint Private = 0x180;
    private const string LayoutVersion = """{"imageLayoutVersion":"1.0.0"}""";

    private readonly string _directory;

    /// <summary>Opens the store in <paramref name="root"/><c>/content</c> and makes it where it is missing.</summary>
    /// <exception cref="KernelException">It cannot be made.</exception>
    public ContentStore(string root)
    {
        _directory = Path.Combine(root, "content");
        if (File.Exists(Path.Combine(_directory, "oci-layout")))
            return;
        foreach (string part in (string[])["blobs/sha256", "blobs/sha512", "ingest", "leases"])
            HostDirectory.Ensure(Path.Combine(_directory, part));
        using FileDescriptor gate = Lock(LockKind.Exclusive);
        if (!File.Exists(IndexPath))
            AtomicFile.Write(IndexPath, new ImageIndex { SchemaVersion = 2, Manifests = [] }.ToJson(indented: false));
        AtomicFile.Write(Path.Combine(_directory, "oci-layout"), System.Text.Encoding.ASCII.GetBytes(LayoutVersion));
    }

    private string IndexPath => Path.Combine(_directory, "index.json");

    /// <summary>Whether a blob is there, whole. It may go at any time unless a lease or an image holds it.</summary>
    public bool Contains(Digest digest) => File.Exists(BlobPath(digest));

    /// <summary>Bytes of a blob, or null where it is not there.</summary>
    public long? SizeOf(Digest digest)
    {
        var file = new FileInfo(BlobPath(digest));
        return file.Exists ? file.Length : null;
    }

    /// <summary>Opens a blob. It was verified when it was stored; it is not hashed again.</summary>
    /// <exception cref="StorageException">It is not there.</exception>
    public Stream Open(Digest digest)
    {
        Errno error = Syscalls.TryOpenAt(Syscalls.WorkingDirectory, BlobPath(digest), OpenFlags.ReadOnly | OpenFlags.NoFollow, 0, out FileDescriptor? file);
        return file?.ToStream(FileAccess.Read) ?? throw (error == Errno.ENOENT
            ? new StorageException(StorageErrorKind.NotFound, $"the content {digest} is not in \"{_directory}\"; pull the image again")
            : new KernelException($"open(\"{BlobPath(digest)}\")", error));
    }

    /// <summary>Reads a document whole and verifies it.</summary>
    /// <exception cref="StorageException">It is not there, is larger than <see cref="MaxDocument"/>, or was changed on the disk.</exception>
    public byte[] ReadDocument(Digest digest)
    {
        using Stream blob = Open(digest);
        if (blob.Length > MaxDocument)
            throw new StorageException(StorageErrorKind.InvalidContent, $"the document {digest} has {blob.Length} bytes; more than {MaxDocument} are not read");
        byte[] bytes = new byte[blob.Length];
        using var verified = new VerifiedStream(blob, digest, bytes.Length, $"the document {digest}");
        verified.ReadExactly(bytes);
        verified.Finish();
        return bytes;
    }

    /// <summary>Stores a small document that is in memory, under a lease.</summary>
    /// <returns>Its descriptor.</returns>
    public Descriptor Add(ReadOnlySpan<byte> document, string mediaType, ContentLease lease)
    {
        Digest digest = Digest.FromHash(SHA256.HashData(document));
        lease.Add(digest);
        if (!Contains(digest))
        {
            using ContentIngest ingest = Ingest(digest, document.Length, lease);
            ingest.Restart();
            ingest.Write(document);
            ingest.Commit();
        }
        return new Descriptor { MediaType = mediaType, Digest = digest, Size = document.Length };
    }

    /// <summary>Begins to store a blob, or goes on where an earlier attempt ended: see <see cref="ContentIngest.Offset"/>.</summary>
    /// <param name="digest">What the blob must hash to; not valid where that is not known before, as for a layer that is packed just now.</param>
    /// <param name="size">What its length must be in bytes; -1 where that is not known.</param>
    /// <param name="lease">Holds the blob from now on.</param>
    public ContentIngest Ingest(Digest digest, long size, ContentLease lease)
    {
        if (digest.IsValid)
            lease.Add(digest);
        return new ContentIngest(this, digest, size, lease);
    }

    /// <summary>
    /// A lease: what is added to it is not swept, until it is disposed or its process dies. Take it before looking whether content is there.
    /// </summary>
    public ContentLease Lease() => new(this);

    internal string IngestDirectory => Path.Combine(_directory, "ingest");

    internal string LeaseDirectory => Path.Combine(_directory, "leases");

    internal string BlobPath(Digest digest) => Path.Combine(_directory, "blobs", digest.Algorithm, digest.Hex);

    internal FileDescriptor Lock(LockKind kind)
    {
        FileDescriptor gate = Syscalls.Open(Path.Combine(_directory, "lock"), OpenFlags.ReadWrite | OpenFlags.Create, Private);
        _ = Syscalls.FLock(gate, kind);
        return gate;
    }
}
