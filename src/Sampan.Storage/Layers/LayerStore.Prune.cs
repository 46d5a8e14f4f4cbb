using Sampan.Kernel;

namespace Sampan.Storage.Layers;

/// <summary>What a removal of layers has taken.</summary>
/// <param name="Keys">The names of the layers.</param>
/// <param name="Bytes">The bytes freed, as they were recorded.</param>
public sealed record LayerPruneReport(IReadOnlyList<string> Keys, long Bytes);

public sealed partial class LayerStore
{
    /// <summary>All layers that are unpacked, by their keys.</summary>
    public IReadOnlyList<StoredLayer> List()
    {
        using FileDescriptor store = OpenStore();
        return List(store);
    }

    /// <summary>What a layer occupies on the disk, in bytes, as it was recorded when it was unpacked; null where it is not in the store.</summary>
    public long? SizeOf(string key)
    {
        using FileDescriptor store = OpenStore();
        return Find(store, key) is { } layer ? SizeOf(store, layer) : null;
    }

    /// <summary>
    /// Removes the layers that nothing keeps, with what killed commands left. A layer that is being unpacked or held by a
    /// <see cref="LayerLease"/> stays, and so do all below one that stays. It needs no room on the disk, and waits for nobody.
    /// </summary>
    /// <param name="keep">
    /// Gives the keys that images and containers use. It is asked once every layer that nobody holds is locked: a command that ended before has written
    /// its record, one that begins after finds its layer gone and unpacks it again.
    /// </param>
    public LayerPruneReport Prune(Func<IEnumerable<string>> keep)
    {
        using FileDescriptor store = OpenStore();
        CleanUp(store);
        var locked = new List<(StoredLayer Layer, LayerLock Lock)>();
        try
        {
            var kept = new HashSet<string>(StringComparer.Ordinal);
            foreach (StoredLayer layer in List(store))
            {
                if (LayerLock.TryTake(store, layer.Key, LockKind.Exclusive) is { } taken)
                    locked.Add((layer, taken));
                else
                    _ = kept.Add(layer.Key);
            }
            kept.UnionWith(keep());
            KeepParents(kept, List(store));
            return Remove(store, [.. locked.Where(one => !kept.Contains(one.Layer.Key)).Select(static one => one.Layer)]);
        }
        finally
        {
            locked.ForEach(static one => one.Lock.Dispose());
        }
    }

    /// <summary>Removes what killed commands have left of layers that nobody unpacks any more.</summary>
    public static void CleanUp(string root)
    {
        if (Syscalls.TryOpenAt(Syscalls.WorkingDirectory, Path.Combine(root, "layers"), OpenFlags.Directory | OpenFlags.ReadOnly, 0, out FileDescriptor? store) != Errno.None)
            return;
        using (store)
            CleanUp(store!);
    }

    private static void CleanUp(FileDescriptor store)
    {
        foreach (IGrouping<string, string> names in Syscalls.ReadDirectory(store).GroupBy(static name => name.Split('.')[0]).ToList())
        {
            string key = names.Key;
            bool whole = names.Contains($"{key}.json") && names.Contains(key);
            if (key.Length == 0 || (whole && !names.Any(static name => name.EndsWith(".partial", StringComparison.Ordinal))))
                continue;
            using LayerLock? taken = LayerLock.TryTake(store, key, LockKind.Exclusive);
            if (taken is null)
                continue;
            DirectoryTree.Remove(store, $"{key}.partial");
            DirectoryTree.Remove(store, $"{key}.json.partial");
            if (Syscalls.TryStatAt(store, $"{key}.json", out _) == Errno.None && Syscalls.TryStatAt(store, key, out _) == Errno.None)
                continue; // finished between the two looks
            RemoveLocked(store, key);
        }
    }

    /// <summary>Removes a layer under its exclusive lock: first its record, so that one killed here leaves no layer that counts.</summary>
    private static void RemoveLocked(FileDescriptor store, string key)
    {
        _ = Syscalls.TryUnlinkAt(store, $"{key}.json");
        DirectoryTree.Remove(store, key);
        LayerLock.Remove(store, key);
    }

    private static LayerPruneReport Remove(FileDescriptor store, IReadOnlyList<StoredLayer> layers)
    {
        long bytes = 0;
        foreach (StoredLayer layer in layers)
        {
            bytes += SizeOf(store, layer);
            RemoveLocked(store, layer.Key);
        }
        return new LayerPruneReport([.. layers.Select(static layer => layer.Key)], bytes);
    }

    private static void KeepParents(HashSet<string> kept, IReadOnlyList<StoredLayer> layers)
    {
        Dictionary<string, StoredLayer> byKey = layers.ToDictionary(static layer => layer.Key, StringComparer.Ordinal);
        foreach (string key in kept.ToArray())
        {
            for (string? parent = byKey.GetValueOrDefault(key)?.Parent; parent is not null && kept.Add(parent);)
                parent = byKey.GetValueOrDefault(parent)?.Parent;
        }
    }

    private List<StoredLayer> List(FileDescriptor store)
    {
        var layers = new List<StoredLayer>();
        foreach (string name in Syscalls.ReadDirectory(store).Order(StringComparer.Ordinal))
        {
            if (name.EndsWith(".json", StringComparison.Ordinal) && Find(store, name[..^".json".Length]) is { } layer)
                layers.Add(layer);
        }
        return layers;
    }

    private static long SizeOf(FileDescriptor store, StoredLayer layer)
    {
        if (layer.Size is { } recorded)
            return recorded;
        using FileDescriptor directory = Syscalls.OpenAt(store, layer.Key, OpenFlags.Directory | OpenFlags.ReadOnly | OpenFlags.NoFollow);
        return LayerSize.Of(directory);
    }
}
