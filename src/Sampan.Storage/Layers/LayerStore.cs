using System.Text;
using System.Text.Json;
using Sampan.Kernel;
using Sampan.Oci;

namespace Sampan.Storage.Layers;

/// <summary>
/// The unpacked layers of all images, each stored once. A layer is known by its chain id (image-spec config.md, Layer ChainID), because what an
/// archive only implies (directories without a member of their own) depends on the layers below.
/// <para>
/// Life cycle: <c>KEY.partial</c> while it is unpacked, under the lock <c>KEY.lock</c>; then on the disk (syncfs), renamed to <c>KEY</c>, and last
/// <c>KEY.json</c> is written, without which the layer does not count. A process killed in between leaves what the next unpacking of the same
/// layer removes first, and <see cref="CleanUp"/> at any time. KEY is half of the chain id's digits: overlayfs takes all its layers in one page of options.
/// </para>
/// </summary>
public sealed partial class LayerStore
{
    private const int FormatVersion = 1;

    private readonly string _directory;

    /// <summary>Opens the store in <paramref name="root"/> and makes it where it is missing.</summary>
    public LayerStore(string root)
    {
        _directory = Path.Combine(root, "layers");
        HostDirectory.Ensure(_directory);
    }

    /// <summary>The directories of an image's layers, the uppermost first, unpacked now where they are missing.</summary>
    /// <param name="image">The layers, the lowest first.</param>
    /// <exception cref="StorageException">A layer is malformed, hostile, or not what the image promises.</exception>
    public IReadOnlyList<string> Ensure(IReadOnlyList<LayerBlob> image)
    {
        var chain = new List<string>(image.Count);
        IReadOnlyList<Digest> chainIds = LayerKey.ChainIds([.. image.Select(static layer => layer.DiffId)]);
        for (int i = 0; i < image.Count; i++)
        {
            string chainId = chainIds[i].ToString(), key = LayerKey.Of(chainIds[i]);
            bool? hidesLower = ReadRecord(key, chainId);
            if (hidesLower is null)
            {
                Unpack(image[i], key, chainId, chain);
                hidesLower = ReadRecord(key, chainId) ?? throw new StorageException(StorageErrorKind.Failed, $"the layer {key} vanished from \"{_directory}\" while it was unpacked");
            }
            if (hidesLower.Value)
                chain.Clear();
            chain.Insert(0, Path.Combine(_directory, key));
        }
        return chain;
    }

    /// <summary>Whether a layer is unpacked.</summary>
    public bool Contains(string key) => File.Exists(Path.Combine(_directory, $"{key}.json"));

    /// <summary>Removes what killed commands have left of layers that nobody unpacks any more.</summary>
    public static void CleanUp(string root)
    {
        if (Syscalls.TryOpenAt(Syscalls.WorkingDirectory, Path.Combine(root, "layers"), OpenFlags.Directory | OpenFlags.ReadOnly, 0, out FileDescriptor? store) != Errno.None)
            return;
        using (store)
        {
            foreach (string name in Syscalls.ReadDirectory(store!))
            {
                if (!name.EndsWith(".partial", StringComparison.Ordinal))
                    continue;
                using FileDescriptor gate = Syscalls.OpenAt(store!, $"{name[..^".partial".Length]}.lock", OpenFlags.ReadWrite | OpenFlags.Create, 0x180);
                if (Syscalls.FLock(gate, LockKind.Exclusive, wait: false))
                    DirectoryTree.Remove(store!, name);
            }
        }
    }

    private void Unpack(LayerBlob layer, string key, string chainId, List<string> below)
    {
        using FileDescriptor store = Syscalls.Open(_directory, OpenFlags.Directory | OpenFlags.ReadOnly);
        using FileDescriptor gate = Syscalls.OpenAt(store, $"{key}.lock", OpenFlags.ReadWrite | OpenFlags.Create, 0x180);
        _ = Syscalls.FLock(gate, LockKind.Exclusive);
        if (ReadRecord(key, chainId) is not null)
            return; // another process was first
        string partial = $"{key}.partial";
        DirectoryTree.Remove(store, partial);
        DirectoryTree.Remove(store, key);
        Syscalls.MkDirAt(store, partial, 0x1ED);
        var lower = new List<FileDescriptor>(below.Count);
        bool done = false;
        try
        {
            foreach (string directory in below)
                lower.Add(Syscalls.Open(directory, OpenFlags.Directory | OpenFlags.ReadOnly));
            using FileDescriptor root = Syscalls.OpenAt(store, partial, OpenFlags.Directory | OpenFlags.ReadOnly);
            InheritRoot(root, lower);
            using var unpacker = new LayerUnpacker(root, lower);
            layer.Read(unpacker.Unpack);
            Syscalls.SyncFs(root);
            Syscalls.RenameAt(store, partial, store, key);
            WriteRecord(store, key, chainId, layer.DiffId, unpacker.HidesLower);
            done = true;
        }
        finally
        {
            lower.ForEach(static one => one.Dispose());
            if (!done)
                DirectoryTree.Remove(store, partial);
        }
    }

    /// <summary>The root of a layer that has no member for it looks like the root below, and like 0755 root:root in the lowest.</summary>
    private static void InheritRoot(FileDescriptor root, List<FileDescriptor> lower) =>
        FileOwnership.Set(root, lower.Count > 0 ? Syscalls.Stat(lower[0]) : new FileStatus { Mode = 0x1ED });

    /// <summary>Whether the layer hides all below it, or null where it is not in the store.</summary>
    private bool? ReadRecord(string key, string chainId)
    {
        string path = Path.Combine(_directory, $"{key}.json");
        if (!File.Exists(path))
            return null;
        using JsonDocument record = JsonDocument.Parse(File.ReadAllBytes(path));
        if (record.RootElement.GetProperty("formatVersion").GetInt32() > FormatVersion)
            throw new StorageException(StorageErrorKind.Failed, $"the layer {key} was unpacked by a newer Sampan; use that one, or another --root");
        if (record.RootElement.GetProperty("chainId").GetString() != chainId)
            throw new StorageException(StorageErrorKind.Failed, $"two layers share the name {key} in \"{_directory}\"");
        return record.RootElement.GetProperty("hidesLower").GetBoolean();
    }

    private static void WriteRecord(FileDescriptor store, string key, string chainId, Digest diffId, bool hidesLower)
    {
        string json = $"{{\"formatVersion\":{FormatVersion},\"chainId\":\"{chainId}\",\"diffId\":\"{diffId}\",\"hidesLower\":{(hidesLower ? "true" : "false")}}}\n";
        AtomicFile.Write(store, $"{key}.json", Encoding.ASCII.GetBytes(json), durable: true);
    }
}
