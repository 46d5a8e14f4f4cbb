using Sampan.Kernel;
using Sampan.Oci;

namespace Sampan.Storage.Content;

/// <summary>What an image costs.</summary>
/// <param name="Name">Its full reference.</param>
/// <param name="Size">Bytes of all its content that is in the store.</param>
/// <param name="Unique">Bytes of it that no other image has: what removing it would free.</param>
public sealed record ImageUsage(string Name, long Size, long Unique);

/// <summary>What the content costs, in bytes.</summary>
/// <param name="Total">All blobs and partial downloads.</param>
/// <param name="Shared">Blobs that two or more images have, each counted once.</param>
/// <param name="Reclaimable">What <see cref="ContentStore.Prune"/> would free now.</param>
/// <param name="Images">Each image's part.</param>
public sealed record ContentUsage(long Total, long Shared, long Reclaimable, IReadOnlyList<ImageUsage> Images);

/// <summary>What a sweep has taken.</summary>
/// <param name="Blobs">The digests of the blobs.</param>
/// <param name="Bytes">The bytes freed, those of partial downloads too.</param>
public sealed record PruneReport(IReadOnlyList<Digest> Blobs, long Bytes);

public sealed partial class ContentStore
{
    /// <summary>
    /// Removes every blob that no image, no lease and nothing in <paramref name="inUse"/> reaches, and partial downloads that no process
    /// goes on with. It needs no room on the disk.
    /// </summary>
    /// <param name="inUse">Gives what containers use (their manifests or configurations); asked while the store is locked.</param>
    public PruneReport Prune(Func<IEnumerable<Digest>> inUse)
    {
        using FileDescriptor gate = Lock(LockKind.Exclusive);
        HashSet<Digest> marked = Mark(inUse());
        var removed = new List<Digest>();
        long bytes = SweepIngest(remove: true);
        foreach ((Digest digest, long size) in Blobs())
        {
            if (marked.Contains(digest))
                continue;
            File.Delete(BlobPath(digest));
            removed.Add(digest);
            bytes += size;
        }
        foreach (string path in Directory.EnumerateFiles(_directory).Where(static path => AtomicFile.IsTemporary(Path.GetFileName(path))))
            File.Delete(path); // of a process that was killed in the middle of a write; the lock is ours
        return new PruneReport(removed, bytes);
    }

    /// <summary>What each image costs, what they share, and what a sweep would free.</summary>
    /// <param name="inUse">As in <see cref="Prune"/>.</param>
    public ContentUsage DiskUsage(Func<IEnumerable<Digest>> inUse)
    {
        using FileDescriptor gate = Lock(LockKind.Exclusive); // leases are told from dead ones by trying their locks
        Dictionary<Digest, long> sizes = Blobs().ToDictionary(static blob => blob.Digest, static blob => blob.Size);
        HashSet<Digest> marked = Mark(inUse());
        List<(string Name, HashSet<Digest> Reached)> images =
            [.. ImagesOf(ReadIndex()).GroupBy(static image => image.Target.Digest).Select(group => (string.Join(", ", group.Select(static image => image.Name ?? "<none>")), Reach([group.Key])))];
        Dictionary<Digest, int> owners = images.SelectMany(static image => image.Reached).GroupBy(static digest => digest).ToDictionary(static one => one.Key, static one => one.Count());
        long sum(IEnumerable<Digest> digests) => digests.Sum(digest => sizes.GetValueOrDefault(digest));
        long partial = SweepIngest(remove: false);
        return new ContentUsage(
            sizes.Values.Sum() + Directory.EnumerateFiles(IngestDirectory).Sum(static path => new FileInfo(path).Length),
            sum(owners.Where(static one => one.Value > 1).Select(static one => one.Key)),
            sum(sizes.Keys.Where(digest => !marked.Contains(digest))) + partial,
            [.. images.Select(image => new ImageUsage(image.Name, sum(image.Reached), sum(image.Reached.Where(digest => owners[digest] == 1))))]);
    }

    /// <summary>Everything that a document names, itself included: blobs that are in the store and such as are not.</summary>
    public HashSet<Digest> Reach(IEnumerable<Digest> roots)
    {
        var reached = new HashSet<Digest>();
        var pending = new Stack<Digest>(roots);
        while (pending.TryPop(out Digest digest))
        {
            if (!reached.Add(digest))
                continue;
            foreach (Digest child in Children(digest))
                pending.Push(child);
        }
        return reached;
    }

    /// <summary>A blob read as an image's configuration; null where it is none.</summary>
    public ImageConfig? TryReadConfig(Digest digest)
    {
        if (ReadIfDocument(digest) is not { } bytes)
            return null;
        try
        {
            ImageConfig config = ImageConfig.Parse(bytes);
            return config.RootFs.DiffIds is null ? null : config;
        }
        catch (SpecException)
        {
            return null;
        }
    }

    private HashSet<Digest> Mark(IEnumerable<Digest> inUse)
    {
        IEnumerable<Digest> named = (ReadIndex().Manifests ?? []).Select(static target => target.Digest);
        return Reach([.. named, .. ContentLease.ReadAll(this), .. inUse]);
    }

    /// <summary>What a blob names where it is a manifest or an index; which of them it is, its content tells.</summary>
    private IEnumerable<Digest> Children(Digest digest)
    {
        if (ReadIfDocument(digest) is not { } bytes)
            return [];
        try
        {
            ImageManifest manifest = ImageManifest.Parse(bytes);
            if (manifest.Layers is not null || manifest.Config is not null)
                return [.. (manifest.Layers ?? []).Select(static layer => layer.Digest), .. manifest.Config is { } config ? [config.Digest] : (Digest[])[]];
            return [.. (ImageIndex.Parse(bytes).Manifests ?? []).Select(static one => one.Digest)];
        }
        catch (SpecException)
        {
            return []; // a configuration, or something that is no document of an image
        }
    }

    /// <summary>A blob that may be JSON by its length and its first byte; null for any other.</summary>
    private byte[]? ReadIfDocument(Digest digest)
    {
        if (SizeOf(digest) is not (> 0 and <= MaxDocument))
            return null;
        using Stream blob = Open(digest);
        Span<byte> first = stackalloc byte[1];
        if (blob.Read(first) == 0 || first[0] is not ((byte)'{' or (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t'))
            return null;
        byte[] bytes = new byte[blob.Length];
        blob.Position = 0;
        blob.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>All blobs and their sizes in bytes.</summary>
    public IEnumerable<(Digest Digest, long Size)> Blobs()
    {
        foreach (string algorithm in (string[])["sha256", "sha512"])
        {
            foreach (FileInfo file in new DirectoryInfo(Path.Combine(_directory, "blobs", algorithm)).EnumerateFiles())
            {
                if (Digest.TryParse($"{algorithm}:{file.Name}", out Digest digest))
                    yield return (digest, file.Length);
            }
        }
    }

    /// <summary>Bytes of the partial downloads that no process holds; with <paramref name="remove"/> they are removed.</summary>
    private long SweepIngest(bool remove)
    {
        long bytes = 0;
        foreach (string path in Directory.EnumerateFiles(IngestDirectory))
        {
            if (Syscalls.TryOpenAt(Syscalls.WorkingDirectory, path, OpenFlags.ReadOnly | OpenFlags.NoFollow, 0, out FileDescriptor? file) != Errno.None)
                continue;
            using (file)
            {
                if (!Syscalls.FLock(file!, LockKind.Exclusive, wait: false))
                    continue;
                bytes += Syscalls.Stat(file!).Size;
                if (remove)
                    _ = Syscalls.TryUnlinkAt(Syscalls.WorkingDirectory, path);
            }
        }
        return bytes;
    }
}
