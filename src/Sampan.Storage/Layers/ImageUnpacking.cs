using Sampan.Kernel;

namespace Sampan.Storage.Layers;

/// <summary>
/// The layers of one image that are not in the store, while they are unpacked. All layers of the image are locked: those that are missing for this
/// process alone, those that are there against removal.
/// <para>
/// Life cycle: <see cref="LayerStore.Begin"/>; <see cref="LayerUnpacking.Unpack"/> once for each of <see cref="Missing"/>, in any order and at the same
/// time; then <see cref="Commit"/>, which brings all of them to the disk at once and gives them their names. Disposed before that, or killed at
/// any point, it leaves no layer. Until it is disposed nothing of the image can be pruned: write the image's name or the container's record before.
/// </para>
/// </summary>
public sealed class ImageUnpacking : IDisposable
{
    private readonly FileDescriptor _store;
    private readonly string _directory;
    private readonly IReadOnlyList<string> _keys;
    private readonly Dictionary<string, StoredLayer> _present;
    private readonly List<LayerLock> _shared;
    private readonly List<LayerUnpacking> _missing;

    internal ImageUnpacking(FileDescriptor store, string directory, IReadOnlyList<string> keys, Dictionary<string, StoredLayer> present, List<LayerLock> shared, List<LayerUnpacking> missing)
    {
        _store = store;
        _directory = directory;
        _keys = keys;
        _present = present;
        _shared = shared;
        _missing = missing;
    }

    /// <summary>The layers that have to be unpacked, the lowest first.</summary>
    public IReadOnlyList<LayerUnpacking> Missing => _missing;

    /// <summary>Puts the layers in their places: all are settled on the layers below them, synced once (syncfs(2)), and renamed from the lowest on.</summary>
    /// <returns>The directories of the image's layers, the uppermost first, as a container's file system is mounted of them.</returns>
    /// <exception cref="InvalidOperationException">A missing layer was not unpacked.</exception>
    /// <exception cref="KernelException">The disk is full or failed.</exception>
    public IReadOnlyList<string> Commit()
    {
        var opened = new List<FileDescriptor>();
        try
        {
            var chain = new List<string>(_keys.Count);
            var lower = new List<FileDescriptor>(_keys.Count);
            foreach (string key in _keys)
            {
                LayerUnpacking? unpacking = _missing.Find(one => one.Key == key);
                FileDescriptor directory = unpacking is not null ? unpacking.Settle(lower) : Open(key, opened);
                if (unpacking?.HidesLower ?? _present[key].HidesLower)
                {
                    chain.Clear();
                    lower.Clear();
                }
                chain.Insert(0, Path.Combine(_directory, key));
                lower.Insert(0, directory);
            }
            if (_missing.Count > 0)
                Store();
            return chain;
        }
        finally
        {
            opened.ForEach(static one => one.Dispose());
        }
    }

    private void Store()
    {
        _ = Parallel.ForEach(_missing, static layer => layer.WriteRecord());
        Syscalls.SyncFs(_store);
        _missing.ForEach(static layer => layer.Rename());
        Syscalls.FSync(_store);
    }

    private FileDescriptor Open(string key, List<FileDescriptor> opened)
    {
        opened.Add(Syscalls.OpenAt(_store, key, OpenFlags.Directory | OpenFlags.ReadOnly | OpenFlags.NoFollow));
        return opened[^1];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _missing.ForEach(static one => one.Dispose());
        _shared.ForEach(static one => one.Dispose());
        _store.Dispose();
    }
}
