using System.Security.Cryptography;
using Sampan.Kernel;
using Sampan.Oci;
using Sampan.Storage;
using Sampan.Storage.Content;
using Sampan.Storage.Layers;
using Sampan.Tests.Unit.Storage;

namespace Sampan.Tests.Integration.Storage;

/// <summary>A full disk, bombs, two who unpack at once, and what a killed process leaves.</summary>
public sealed class StorageFaultTests : IDisposable
{
    private readonly string _root;
    private bool _mounted;

    public StorageFaultTests()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root: mounts and owners");
        _root = Directory.CreateTempSubdirectory("sampan-it-").FullName;
    }

    public void Dispose()
    {
        if (_mounted)
            Syscalls.Umount2(_root, UnmountFlags.Detach);
        if (_root is not null)
            Directory.Delete(_root, recursive: true);
    }

    private void MountSmallDisk(int megabytes)
    {
        Syscalls.Mount("tmpfs", _root, "tmpfs", MountFlags.None, $"size={megabytes}m");
        _mounted = true;
    }

    private static LayerBlob Blob(byte[] archive) => new(Digest.FromHash(SHA256.HashData(archive)), default, -1, "layer 1", () => new MemoryStream(archive));

    private string[] Layers() => [.. Directory.GetFileSystemEntries(Path.Combine(_root, "layers")).Select(static path => Path.GetFileName(path)!).Where(static name => !name.EndsWith(".lock", StringComparison.Ordinal))];

    [Fact]
    public void A_full_disk_is_one_sentence_leaves_no_blob_and_images_can_still_be_removed()
    {
        MountSmallDisk(4);
        var store = new ContentStore(_root);
        byte[] blob = RandomNumberGenerator.GetBytes(8 << 20);
        Descriptor manifest;
        using (ContentLease lease = store.Lease())
        {
            Descriptor layer = store.Add(RandomNumberGenerator.GetBytes(1 << 20), "layer", lease);
            manifest = store.Add(new ImageManifest { SchemaVersion = 2, Config = layer, Layers = [layer] }.ToJson(indented: false), "application/vnd.oci.image.manifest.v1+json", lease);
            store.Tag("a", manifest);
            using ContentIngest ingest = store.Ingest(Digest.FromHash(SHA256.HashData(blob)), blob.Length, lease);
            Assert.Contains("room", Assert.Throws<StorageException>(() => ingest.Write(blob)).Message);
        }
        Assert.Empty(Directory.GetFiles(Path.Combine(_root, "content/ingest")));
        FillUp();
        Assert.True(store.Untag("a"));
        Assert.True(store.Prune(static () => []).Bytes > 1 << 20);
        Assert.False(store.Contains(manifest.Digest));
    }

    private void FillUp()
    {
        using FileDescriptor filler = Syscalls.Open(Path.Combine(_root, "filler"), OpenFlags.WriteOnly | OpenFlags.Create, 0x180);
        byte[] page = new byte[4096];
        while (Syscalls.TryWrite(filler, page) > 0)
        {
        }
    }

    [Fact]
    public void A_layer_that_does_not_fit_leaves_nothing_unpacked()
    {
        MountSmallDisk(4);
        var store = new LayerStore(_root);
        StorageException full = Assert.Throws<StorageException>(() => store.Ensure([Blob(new TarBuilder().Add("f", content: new byte[8 << 20]).Finish().ToArray())]));
        Assert.Equal(StorageErrorKind.Failed, full.Kind);
        Assert.Empty(Layers());
        Assert.Single(store.Ensure([Blob(new TarBuilder().Add("f", content: new byte[1 << 20]).Finish().ToArray())]));
    }

    [Fact]
    public void A_decompression_bomb_ends_at_the_limit()
    {
        using var packed = new MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true))
        {
            for (int i = 0; i < 64; i++)
                gzip.Write(new byte[1 << 20]);
        }
        byte[] bomb = packed.ToArray();
        StorageException refused = Assert.Throws<StorageException>(() =>
            new LayerBlob(Digest.FromHash(SHA256.HashData(bomb)), default, -1, "layer 1", () => new MemoryStream(bomb)).Read(_ => { }, new LayerLimits(8 << 20, 10)));
        Assert.Contains("bomb", refused.Message);
    }

    [Fact]
    public void A_hole_of_a_terabyte_costs_no_space()
    {
        MountSmallDisk(4);
        byte[] archive = new TarBuilder().AddPax(TarBuilder.Record("GNU.sparse.size", "1099511627776") + TarBuilder.Record("GNU.sparse.map", "1099511627775,1")).Add("s", content: "x"u8.ToArray()).Finish().ToArray();
        string layer = Assert.Single(new LayerStore(_root).Ensure([Blob(archive)]));
        Assert.Equal(1L << 40, new FileInfo(Path.Combine(layer, "s")).Length);
    }

    [Fact]
    public void Many_who_unpack_the_same_layers_at_once_have_them_once()
    {
        LayerBlob[] image = [Blob(new TarBuilder().Add("a/", '5').Add("a/f", content: new byte[300_000]).Finish().ToArray()), Blob(new TarBuilder().Add("a/g", content: new byte[300_000]).Finish().ToArray())];
        IReadOnlyList<string>[] results = new IReadOnlyList<string>[8];
        Parallel.For(0, results.Length, i => results[i] = new LayerStore(_root).Ensure(image));
        Assert.All(results, one => Assert.Equal(results[0], one));
        Assert.Equal(4, Layers().Length);
    }

    [Fact]
    public void A_hundred_thousand_files_in_one_directory_are_unpacked()
    {
        MountSmallDisk(500);
        var archive = new TarBuilder();
        for (int i = 0; i < 100_000; i++)
            _ = archive.Add($"d/{i}");
        string layer = Assert.Single(new LayerStore(_root).Ensure([Blob(archive.Finish().ToArray())]));
        Assert.Equal(100_000, Directory.EnumerateFiles(Path.Combine(layer, "d")).Count());
    }

    [Fact]
    public void What_a_killed_unpacking_left_goes_with_the_next()
    {
        LayerBlob blob = Blob(new TarBuilder().Add("f", content: "whole"u8.ToArray()).Finish().ToArray());
        string key = blob.DiffId.Hex[..32];
        var store = new LayerStore(_root);
        Directory.CreateDirectory(Path.Combine(_root, "layers", $"{key}.partial", "rest"));
        Directory.CreateDirectory(Path.Combine(_root, "layers", key)); // renamed, and killed before its record
        Assert.Equal("whole", File.ReadAllText(Path.Combine(Assert.Single(store.Ensure([blob])), "f")));
        Assert.Equal([key, $"{key}.json"], Layers().Order());
        Directory.CreateDirectory(Path.Combine(_root, "layers", "0123.partial"));
        LayerStore.CleanUp(_root);
        Assert.DoesNotContain("0123.partial", Layers());
    }
}
