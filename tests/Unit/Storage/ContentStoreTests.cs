using System.Security.Cryptography;
using System.Text;
using Sampan.Oci;
using Sampan.Storage;
using Sampan.Storage.Content;

namespace Sampan.Tests.Unit.Storage;

public sealed class ContentStoreTests : IDisposable
{
    private const string ManifestType = "application/vnd.oci.image.manifest.v1+json";

    private readonly string _root = Directory.CreateTempSubdirectory("sampan-content-").FullName;
    private readonly ContentStore _store;

    public ContentStoreTests() => _store = new ContentStore(_root);

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private static byte[] Bytes(int seed, int length)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static Digest Hash(byte[] bytes) => Digest.FromHash(SHA256.HashData(bytes));

    private static IEnumerable<Digest> Nothing() => [];

    private Descriptor Image(string name, params byte[][] layers)
    {
        using ContentLease lease = _store.Lease();
        var manifest = new ImageManifest
        {
            SchemaVersion = 2,
            MediaType = ManifestType,
            Config = _store.Add(Encoding.UTF8.GetBytes($$"""{"os":"linux","architecture":"amd64","author":"{{name}}","rootfs":{"type":"layers","diff_ids":[]} }"""), "application/vnd.oci.image.config.v1+json", lease),
            Layers = [.. layers.Select(layer => _store.Add(layer, "application/vnd.oci.image.layer.v1.tar", lease))],
        };
        Descriptor target = _store.Add(manifest.ToJson(indented: false), ManifestType, lease);
        _store.Tag(name, target);
        return target;
    }

    [Fact]
    public void The_directory_is_an_OCI_layout()
    {
        Descriptor target = Image("docker.io/library/a:1", Bytes(1, 1000));
        string content = Path.Combine(_root, "content");
        Assert.Contains("1.0.0", File.ReadAllText(Path.Combine(content, "oci-layout")));
        ImageIndex index = ImageIndex.Parse(File.ReadAllBytes(Path.Combine(content, "index.json")));
        Assert.Equal(target.Digest, Assert.Single(index.Manifests!).Digest);
        Assert.True(File.Exists(Path.Combine(content, "blobs/sha256", target.Digest.Hex)));
    }

    [Fact]
    public void A_name_is_resolved_moved_and_taken_away()
    {
        Descriptor first = Image("a", Bytes(1, 10)), second = Image("b", Bytes(2, 10));
        Assert.Equal(first.Digest, _store.Resolve("a")!.Digest);
        _store.Tag("a", second);
        Assert.Equal(second.Digest, _store.Resolve("a")!.Digest);
        Assert.Equal(["a", "b", null], _store.Images().Select(static image => image.Name));
        Assert.True(_store.Untag("a"));
        Assert.False(_store.Untag("a"));
        Assert.Null(_store.Resolve("a"));
        Assert.Equal(["b", null], _store.Images().Select(static image => image.Name));
    }

    [Fact]
    public void An_image_that_loses_its_last_name_to_another_stays_until_it_is_removed()
    {
        Descriptor first = Image("a", Bytes(1, 10)), second = Image("b", Bytes(2, 10));
        _store.Tag("a", second);
        Assert.Equal(first.Digest, Assert.Single(_store.Images(), static image => image.Name is null).Target.Digest);
        _store.Tag("c", first);
        Assert.DoesNotContain(_store.Images(), static image => image.Name is null);
        Assert.True(_store.Untag("c", keep: true));
        Assert.Equal(1, _store.Remove([first.Digest]));
        Assert.Equal(["a", "b"], _store.Images().Select(static image => image.Name));
    }

    [Fact]
    public void A_name_for_what_is_not_there_is_refused() =>
        Assert.Equal(StorageErrorKind.NotFound, Assert.Throws<StorageException>(() => _store.Tag("a", new Descriptor { MediaType = ManifestType, Digest = Hash([1]), Size = 1 })).Kind);

    [Fact]
    public void A_download_that_broke_off_goes_on_where_it_ended()
    {
        byte[] blob = Bytes(3, 700_000);
        using (ContentLease lease = _store.Lease())
        {
            using ContentIngest broken = _store.Ingest(Hash(blob), blob.Length, lease);
            broken.Write(blob.AsSpan(0, 300_000));
        }
        using ContentLease again = _store.Lease();
        using ContentIngest resumed = _store.Ingest(Hash(blob), blob.Length, again);
        Assert.Equal(300_000, resumed.Offset);
        resumed.Write(blob.AsSpan(300_000));
        Assert.Equal(Hash(blob), resumed.Commit());
        using Stream stored = _store.Open(Hash(blob));
        Assert.Equal(blob.Length, stored.Length);
    }

    [Fact]
    public void What_is_damaged_or_of_another_length_is_never_stored()
    {
        byte[] blob = Bytes(4, 1000);
        using ContentLease lease = _store.Lease();
        using (ContentIngest damaged = _store.Ingest(Hash(blob), blob.Length, lease))
        {
            damaged.Write(Bytes(5, 1000));
            Assert.Equal(StorageErrorKind.InvalidContent, Assert.Throws<StorageException>(() => damaged.Commit()).Kind);
        }
        using (ContentIngest tooLong = _store.Ingest(Hash(blob), blob.Length, lease))
        {
            Assert.Equal(0, tooLong.Offset);
            Assert.Throws<StorageException>(() => tooLong.Write(new byte[1001]));
        }
        using (ContentIngest tooShort = _store.Ingest(Hash(blob), blob.Length, lease))
        {
            tooShort.Write(blob.AsSpan(0, 500));
            Assert.Throws<StorageException>(() => tooShort.Commit());
        }
        Assert.False(_store.Contains(Hash(blob)));
    }

    [Fact]
    public void Two_who_store_the_same_blob_at_once_both_succeed()
    {
        byte[] blob = Bytes(6, 100_000);
        using ContentLease lease = _store.Lease();
        using ContentIngest first = _store.Ingest(Hash(blob), blob.Length, lease);
        using ContentIngest second = _store.Ingest(Hash(blob), blob.Length, lease);
        first.Write(blob.AsSpan(0, 50_000));
        second.Write(blob);
        _ = second.Commit();
        first.Write(blob.AsSpan(50_000));
        _ = first.Commit();
        Assert.True(_store.Contains(Hash(blob)));
        Assert.Empty(Directory.GetFiles(Path.Combine(_root, "content/ingest")));
    }

    [Fact]
    public void A_sweep_takes_what_nobody_names_and_leaves_images_leases_and_containers()
    {
        byte[] shared = Bytes(7, 5000), own = Bytes(8, 3000), leased = Bytes(9, 100), used = Bytes(10, 100);
        _ = Image("a", shared);
        _ = Image("b", shared, own);
        using ContentLease lease = _store.Lease();
        _ = _store.Add(leased, "x", lease);
        using (ContentLease brief = _store.Lease())
        {
            _ = _store.Add(used, "x", brief);
            using ContentIngest partial = _store.Ingest(Hash(Bytes(11, 10)), 10, brief);
            partial.Write(new byte[7]);
        }
        Assert.Equal(7, _store.Prune(() => [Hash(used)]).Bytes);
        _ = _store.Untag("b");
        PruneReport swept = _store.Prune(Nothing);
        Assert.Contains(Hash(own), swept.Blobs);
        Assert.Contains(Hash(used), swept.Blobs);
        Assert.True(_store.Contains(Hash(shared)) && _store.Contains(Hash(leased)));
        Assert.Empty(_store.Prune(Nothing).Blobs);
    }

    [Fact]
    public void Disk_usage_tells_shared_from_unique_and_what_a_sweep_would_free()
    {
        byte[] shared = Bytes(12, 5000), own = Bytes(13, 3000), lost = Bytes(14, 400);
        _ = Image("a", shared);
        _ = Image("b", shared, own);
        using (ContentLease lease = _store.Lease())
            _ = _store.Add(lost, "x", lease);
        ContentUsage usage = _store.DiskUsage(Nothing);
        Assert.Equal((5000L, 400L), (usage.Shared, usage.Reclaimable));
        Assert.Equal(["a", "b"], usage.Images.Select(static image => image.Name));
        Assert.Equal(5000, usage.Images[0].Size - usage.Images[0].Unique);
        Assert.InRange(usage.Images[1].Unique, 3001, 4999);
        Assert.Equal(usage.Reclaimable, _store.Prune(Nothing).Bytes);
    }

    [Fact]
    public void Many_threads_tag_ingest_and_sweep_without_losing_an_image()
    {
        Parallel.For(0, 24, i =>
        {
            _ = Image($"image-{i}", Bytes(100, 2000), Bytes(200 + i, 2000));
            _ = _store.Prune(Nothing);
        });
        Assert.Equal(24, _store.Images().Count);
        Assert.Empty(_store.Prune(Nothing).Blobs);
        Assert.All(_store.Images(), image => Assert.All(_store.Reach([image.Target.Digest]), digest => Assert.True(_store.Contains(digest))));
    }

    [Fact]
    public void An_index_that_is_no_json_is_one_sentence()
    {
        File.WriteAllText(Path.Combine(_root, "content/index.json"), "{");
        Assert.Contains("index.json", Assert.Throws<StorageException>(() => _store.Images()).Message);
    }
}
