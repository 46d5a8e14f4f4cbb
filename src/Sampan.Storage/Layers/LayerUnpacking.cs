using Sampan.Kernel;
using Sampan.Oci;

namespace Sampan.Storage.Layers;

/// <summary>
/// One missing layer of an image while it is unpacked into <c>KEY.partial</c>. <see cref="Unpack"/> of several layers may run at the same time and
/// in any order, for nothing in it looks at the layers below; it may be called again after it failed. See <see cref="ImageUnpacking"/>.
/// </summary>
public sealed class LayerUnpacking : IDisposable
{
    private readonly FileDescriptor _store;
    private readonly LayerLock _lock;
    private LayerUnpacker? _unpacker;
    private bool _committed;

    internal LayerUnpacking(FileDescriptor store, LayerLock taken, int index, Digest chainId, Digest diffId, string? parent)
    {
        _store = store;
        _lock = taken;
        Index = index;
        ChainId = chainId;
        DiffId = diffId;
        Parent = parent;
        Key = LayerStore.KeyOf(chainId);
    }

    /// <summary>Where the layer stands in the image, 0 for the lowest.</summary>
    public int Index { get; }

    /// <summary>The digest of the uncompressed archive that is to be unpacked.</summary>
    public Digest DiffId { get; }

    /// <summary>The layer's name in the store.</summary>
    public string Key { get; }

    /// <summary>Whether the layer is unpacked and verified.</summary>
    public bool IsUnpacked { get; private set; }

    internal Digest ChainId { get; }

    internal string? Parent { get; }

    internal bool HidesLower => _unpacker?.HidesLower ?? false;

    private string Partial => $"{Key}.partial";

    private string PartialRecord => $"{Key}.json.partial";

    /// <summary>
    /// Unpacks the archive and verifies its digests. After a failure what came of it is removed, and another attempt may follow.
    /// </summary>
    /// <param name="layer">The archive; its <see cref="LayerBlob.DiffId"/> must be this one's.</param>
    /// <param name="limits">What it may cost; null for <see cref="LayerLimits.Default"/>.</param>
    /// <exception cref="StorageException">The layer is malformed, hostile, or not what the image promises.</exception>
    public void Unpack(LayerBlob layer, LayerLimits? limits = null)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(layer.DiffId, DiffId);
        Discard();
        DirectoryTree.Remove(_store, Key); // renamed by one who was killed before its record was written
        Syscalls.MkDirAt(_store, Partial, 0x1ED);
        try
        {
            _unpacker = new LayerUnpacker(Syscalls.OpenAt(_store, Partial, OpenFlags.Directory | OpenFlags.ReadOnly | OpenFlags.NoFollow), limits);
            layer.Read(_unpacker.Unpack, limits);
            IsUnpacked = true;
        }
        finally
        {
            if (!IsUnpacked)
                Discard();
        }
    }

    /// <summary>Settles what depends on the layers below, which are whole, and writes the record beside it.</summary>
    /// <returns>The layer's open directory, which ends with this object.</returns>
    internal FileDescriptor Settle(IReadOnlyList<FileDescriptor> lower)
    {
        if (_unpacker is not { } unpacker || !IsUnpacked)
            throw new InvalidOperationException($"the layer {Key} is not unpacked");
        unpacker.Settle(lower);
        return unpacker.Root;
    }

    internal void WriteRecord()
    {
        var record = new StoredLayer(Key, ChainId, DiffId, Parent, HidesLower, LayerSize.Of(_unpacker!.Root));
        _ = Syscalls.TryUnlinkAt(_store, PartialRecord);
        using FileDescriptor file = Syscalls.OpenAt(_store, PartialRecord, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Exclusive | OpenFlags.NoFollow, 0x180);
        Syscalls.WriteAll(file, record.ToJson());
    }

    /// <summary>Puts the layer in its place; everything of it is on the disk.</summary>
    internal void Rename()
    {
        Syscalls.RenameAt(_store, Partial, _store, Key);
        Syscalls.RenameAt(_store, PartialRecord, _store, $"{Key}.json");
        _committed = true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            if (!_committed)
            {
                Discard();
                LayerLock.Remove(_store, Key);
            }
            _unpacker?.Dispose();
        }
        finally
        {
            _lock.Dispose();
        }
    }

    private void Discard()
    {
        IsUnpacked = false;
        _unpacker?.Dispose();
        _unpacker = null;
        DirectoryTree.Remove(_store, Partial);
        _ = Syscalls.TryUnlinkAt(_store, PartialRecord);
    }
}
