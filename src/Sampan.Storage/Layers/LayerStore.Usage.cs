using System.Text.Json;
using Sampan.Kernel;

namespace Sampan.Storage.Layers;

/// <content>What the layers cost, and which of them nobody needs any more.</content>
public sealed partial class LayerStore
{
    /// <summary>Bytes that a layer takes on the disk; null where it is not in the store.</summary>
    public long? SizeOf(string key)
    {
        string path = Path.Combine(_directory, $"{key}.json");
        if (!File.Exists(path))
            return null;
        using JsonDocument record = JsonDocument.Parse(File.ReadAllBytes(path));
        return record.RootElement.TryGetProperty("size", out JsonElement size) ? size.GetInt64() : null;
    }

    /// <summary>The keys of the layers that are unpacked.</summary>
    public IReadOnlyList<string> List() => [.. Directory.EnumerateFiles(_directory, "*.json").Select(static path => Path.GetFileNameWithoutExtension(path))];

    /// <summary>Removes the layers that nobody needs.</summary>
    /// <param name="needed">The keys that stay.</param>
    /// <returns>Bytes freed.</returns>
    public long Prune(IReadOnlySet<string> needed)
    {
        long freed = 0;
        using FileDescriptor store = Syscalls.Open(_directory, OpenFlags.Directory | OpenFlags.ReadOnly);
        foreach (string key in List().Where(key => !needed.Contains(key)))
        {
            using FileDescriptor gate = Syscalls.OpenAt(store, $"{key}.lock", OpenFlags.ReadWrite | OpenFlags.Create, 0x180);
            if (!Syscalls.FLock(gate, LockKind.Exclusive, wait: false))
                continue;
            freed += SizeOf(key) ?? 0;
            _ = Syscalls.TryUnlinkAt(store, $"{key}.json");
            DirectoryTree.Remove(store, key);
        }
        return freed;
    }
}
