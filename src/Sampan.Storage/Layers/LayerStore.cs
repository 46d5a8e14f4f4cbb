using System.Security.Cryptography;
using System.Text;
using Sampan.Kernel;
using Sampan.Oci;

namespace Sampan.Storage.Layers;

/// <summary>
/// The unpacked layers of all images, each stored once. A layer is known by its chain id (image-spec config.md, Layer ChainID), because what an
/// archive only implies (directories without a member of their own) depends on the layers below.
/// <para>
/// Life cycle: <c>KEY.partial</c> while it is unpacked, under the lock <c>KEY.lock</c>; with its record <c>KEY.json.partial</c> it goes to the disk
/// (one syncfs for all layers of an image), is renamed to <c>KEY</c>, and last the record to <c>KEY.json</c>, without which the layer does not count. A
/// process killed in between leaves what the next unpacking of the same layer removes first, and <see cref="CleanUp(string)"/> at any time. Whoever uses
/// a layer that no record names yet holds its lock shared. KEY is half of the chain id's digits: overlayfs takes all its layers in one page of options.
/// </para>
/// </summary>
public sealed partial class LayerStore
{
    private readonly string _directory;

    /// <summary>Opens the store in <paramref name="root"/> and makes it where it is missing.</summary>
    public LayerStore(string root)
    {
        _directory = Path.Combine(root, "layers");
        HostDirectory.Ensure(_directory);
    }

    /// <summary>The names that the layers of an image have in the store, the lowest first.</summary>
    /// <param name="diffIds">The layers' digests, the lowest first, as an image's configuration has them.</param>
    public static IReadOnlyList<string> KeysOf(IReadOnlyList<Digest> diffIds) => [.. ChainIds(diffIds).Select(KeyOf)];

    /// <summary>Where a layer of that key lies, or would lie.</summary>
    public string PathOf(string key) => Path.Combine(_directory, key);

    /// <summary>The directories of an image's layers, the uppermost first, unpacked now where they are missing.</summary>
    /// <param name="image">The layers, the lowest first.</param>
    /// <exception cref="StorageException">A layer is malformed, hostile, or not what the image promises.</exception>
    public IReadOnlyList<string> Ensure(IReadOnlyList<LayerBlob> image)
    {
        using LayerLease lease = Use(image);
        return lease.Directories;
    }

    /// <summary>As <see cref="Ensure"/>, and holds the layers until the lease is disposed.</summary>
    /// <exception cref="StorageException">A layer is malformed, hostile, or not what the image promises.</exception>
    public LayerLease Use(IReadOnlyList<LayerBlob> image)
    {
        Digest[] diffIds = [.. image.Select(static layer => layer.DiffId)];
        while (true)
        {
            if (TryUse(diffIds) is { } lease)
                return lease;
            using ImageUnpacking unpacking = Begin(diffIds);
            foreach (LayerUnpacking layer in unpacking.Missing)
                layer.Unpack(image[layer.Index]);
            _ = unpacking.Commit();
        }
    }

    /// <summary>Holds an image's layers where all of them are unpacked, else null.</summary>
    /// <param name="diffIds">The layers' digests, the lowest first.</param>
    public LayerLease? TryUse(IReadOnlyList<Digest> diffIds)
    {
        using FileDescriptor store = OpenStore();
        var locks = new List<LayerLock>(diffIds.Count);
        var chain = new List<string>(diffIds.Count);
        LayerLease? lease = null;
        try
        {
            foreach (Digest chainId in ChainIds(diffIds))
            {
                string key = KeyOf(chainId);
                if (Find(store, key, chainId) is null || LayerLock.TryTake(store, key, LockKind.Shared) is not { } taken)
                    return null; // nothing, or being removed just now
                locks.Add(taken);
                if (Find(store, key, chainId) is not { } layer)
                    return null;
                if (layer.HidesLower)
                    chain.Clear();
                chain.Insert(0, Path.Combine(_directory, key));
            }
            return lease = new LayerLease(chain, locks);
        }
        finally
        {
            if (lease is null)
                locks.ForEach(static one => one.Dispose());
        }
    }

    /// <summary>
    /// Begins to unpack what is missing of an image: see <see cref="ImageUnpacking"/>. Where another process unpacks one of its layers, this waits until it has
    /// done or given up.
    /// </summary>
    /// <param name="diffIds">The layers' digests, the lowest first.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public ImageUnpacking Begin(IReadOnlyList<Digest> diffIds, CancellationToken cancellation = default)
    {
        FileDescriptor store = OpenStore();
        var shared = new List<LayerLock>();
        var missing = new List<LayerUnpacking>();
        var present = new Dictionary<string, StoredLayer>(StringComparer.Ordinal);
        var keys = new List<string>(diffIds.Count);
        try
        {
            foreach (Digest chainId in ChainIds(diffIds))
            {
                string key = KeyOf(chainId);
                LayerLock taken = TakeFor(store, key, chainId, cancellation, out StoredLayer? layer);
                if (layer is null)
                    missing.Add(new LayerUnpacking(store, taken, keys.Count, chainId, diffIds[keys.Count], keys.Count > 0 ? keys[^1] : null));
                else
                    shared.Add(taken);
                if (layer is not null)
                    present.Add(key, layer);
                keys.Add(key);
            }
        }
        catch
        {
            missing.ForEach(static one => one.Dispose());
            shared.ForEach(static one => one.Dispose());
            store.Dispose();
            throw;
        }
        return new ImageUnpacking(store, _directory, keys, present, shared, missing);
    }

    internal static string KeyOf(Digest chainId) => chainId.Hex[..32];

    /// <summary>The layer with a shared lock where it is there, or null with an exclusive one.</summary>
    private LayerLock TakeFor(FileDescriptor store, string key, Digest chainId, CancellationToken cancellation, out StoredLayer? layer)
    {
        while (true)
        {
            LockKind kind = Find(store, key, chainId) is not null ? LockKind.Shared : LockKind.Exclusive;
            LayerLock taken = LayerLock.Take(store, key, kind, cancellation);
            layer = Find(store, key, chainId);
            if (layer is null == (kind == LockKind.Exclusive))
                return taken;
            taken.Dispose(); // another process was first
        }
    }

    private static IEnumerable<Digest> ChainIds(IReadOnlyList<Digest> diffIds)
    {
        Digest chainId = default;
        foreach (Digest diffId in diffIds)
        {
            chainId = chainId.IsValid ? Digest.FromHash(SHA256.HashData(Encoding.ASCII.GetBytes($"{chainId} {diffId}"))) : diffId;
            yield return chainId;
        }
    }

    private FileDescriptor OpenStore() => Syscalls.Open(_directory, OpenFlags.Directory | OpenFlags.ReadOnly);

    /// <summary>The layer's record, or null where the layer is not in the store.</summary>
    private StoredLayer? Find(FileDescriptor store, string key, Digest chainId = default)
    {
        if (Syscalls.TryOpenAt(store, $"{key}.json", OpenFlags.ReadOnly | OpenFlags.NoFollow, 0, out FileDescriptor? file) != Errno.None)
            return null;
        byte[] record = new byte[4096];
        int length;
        using (file)
            length = Syscalls.Read(file!, record);
        if (Syscalls.TryStatAt(store, key, out FileStatus status) != Errno.None || !status.IsDirectory)
            return null;
        StoredLayer layer = StoredLayer.Parse(key, record[..length]);
        return !chainId.IsValid || layer.ChainId == chainId
            ? layer
            : throw new StorageException(StorageErrorKind.Failed, $"two layers share the name {key} in \"{_directory}\"");
    }
}
