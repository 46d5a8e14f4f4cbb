using System.Security.Cryptography;
using Sampan.Kernel;
using Sampan.Oci;
using Sampan.Storage;
using Sampan.Storage.Layers;
using Sampan.Tests.Unit.Storage;

namespace Sampan.Tests.Integration.Storage;

/// <summary>Layers that are unpacked at the same time and in any order, held while they are used, and pruned when they are not.</summary>
public sealed class LayerStoreTests : IDisposable
{
    private readonly string _root;
    private readonly LayerStore _store;

    public LayerStoreTests()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root: makes whiteouts and owners");
        _root = Directory.CreateTempSubdirectory("sampan-it-").FullName;
        _store = new LayerStore(_root);
    }

    public void Dispose()
    {
        if (_root is not null)
            Directory.Delete(_root, recursive: true);
    }

    internal static LayerBlob Blob(TarBuilder archive)
    {
        byte[] bytes = archive.Finish().ToArray();
        return new(Digest.FromHash(SHA256.HashData(bytes)), default, -1, "a layer", () => new MemoryStream(bytes));
    }

    private ImageUnpacking Begin(IEnumerable<LayerBlob> image) => new LayerStore(_root).Begin(DiffIds(image), TestContext.Current.CancellationToken);

    private static Digest[] DiffIds(IEnumerable<LayerBlob> image) => [.. image.Select(static layer => layer.DiffId)];

    private string[] Names() => [.. Directory.GetFileSystemEntries(Path.Combine(_root, "layers")).Select(static path => Path.GetFileName(path)!).Order()];

    /// <summary>Three layers of which each upper one needs the lower: a whiteout, and a directory that is only implied.</summary>
    private static LayerBlob[] Image() =>
    [
        Blob(new TarBuilder().Add("./", '5', mode: 0x1C0, uid: "0000007").Add("d/", '5', mode: 0x1E8, uid: "0000012").Add("d/gone").Add("d/kept", content: new byte[100_000])),
        Blob(new TarBuilder().Add("d/.wh.gone").Add("d/.wh.never").Add("e/", '5')),
        Blob(new TarBuilder().Add("d/new").Add(".wh.e")),
    ];

    private static FileStatus Status(string path) => Syscalls.StatAt(Syscalls.WorkingDirectory, path);

    [Fact]
    public void Layers_may_be_unpacked_in_any_order_and_at_once()
    {
        LayerBlob[] image = Image();
        using ImageUnpacking unpacking = Begin(image);
        Assert.Equal([0, 1, 2], unpacking.Missing.Select(static layer => layer.Index));
        Assert.Throws<InvalidOperationException>(unpacking.Commit);
        Parallel.ForEach(unpacking.Missing.Reverse(), layer => layer.Unpack(image[layer.Index]));
        Assert.All(LayerStore.KeysOf(DiffIds(image)), key => Assert.DoesNotContain(key, Names()));
        IReadOnlyList<string> layers = unpacking.Commit();
        Assert.Equal(LayerStore.KeysOf(DiffIds(image)).Reverse(), layers.Select(static path => Path.GetFileName(path)));
        Assert.Equal((FileType.Character, 0u), (Status(Path.Combine(layers[1], "d/gone")).Type, Status(Path.Combine(layers[1], "d/gone")).Device.Major));
        Assert.False(Path.Exists(Path.Combine(layers[1], "d/never")));
        Assert.Equal((0x1E8u, 10u), (Status(Path.Combine(layers[0], "d")).Mode & 0xFFF, Status(Path.Combine(layers[0], "d")).Uid));
        Assert.Equal((0x1C0u, 7u), (Status(layers[0]).Mode & 0xFFF, Status(layers[0]).Uid));
        Assert.Equal(FileType.Character, Status(Path.Combine(layers[0], "e")).Type);
        Assert.DoesNotContain(Names(), static name => name.EndsWith(".partial", StringComparison.Ordinal));
        Assert.InRange(_store.SizeOf(Path.GetFileName(layers[2]))!.Value, 100_000, 150_000);
    }

    [Fact]
    public void A_layer_that_failed_is_unpacked_by_another_attempt_and_only_what_is_missing_is_asked_for()
    {
        LayerBlob[] image = Image();
        using (ImageUnpacking first = Begin(image[..1]))
        {
            LayerBlob cut = image[0] with { Open = () => new MemoryStream(new byte[512]) };
            Assert.Equal(StorageErrorKind.InvalidContent, Assert.Throws<StorageException>(() => first.Missing[0].Unpack(cut)).Kind);
            Assert.False(first.Missing[0].IsUnpacked);
            first.Missing[0].Unpack(image[0]);
            _ = first.Commit();
        }
        using ImageUnpacking rest = Begin(image);
        Assert.Equal([1, 2], rest.Missing.Select(static layer => layer.Index));
    }

    [Fact]
    public void One_that_is_given_up_leaves_nothing()
    {
        LayerBlob[] image = Image();
        using (ImageUnpacking unpacking = Begin(image))
            unpacking.Missing[1].Unpack(image[1]);
        Assert.Empty(Names());
    }

    [Fact]
    public async Task Whoever_comes_second_waits_or_cancels()
    {
        LayerBlob[] image = Image();
        using var cancellation = new CancellationTokenSource(100);
        using ImageUnpacking first = Begin(image);
        Assert.Throws<OperationCanceledException>(() => _store.Begin(DiffIds(image), cancellation.Token));
        Task<int> second = Task.Run(
            () =>
            {
                using ImageUnpacking late = Begin(image);
                return late.Missing.Count;
            },
            TestContext.Current.CancellationToken);
        foreach (LayerUnpacking layer in first.Missing)
            layer.Unpack(image[layer.Index]);
        _ = first.Commit();
        await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.False(second.IsCompleted);
        first.Dispose();
        Assert.Equal(0, await second);
    }

    [Fact]
    public void Prune_takes_what_nothing_keeps_and_leaves_what_is_held_and_what_lies_below_it()
    {
        LayerBlob[] image = Image(), other = [Blob(new TarBuilder().Add("other", content: new byte[50_000]))];
        IReadOnlyList<string> keys = LayerStore.KeysOf(DiffIds(image)), otherKeys = LayerStore.KeysOf(DiffIds(other));
        _ = _store.Ensure(image);
        _ = _store.Ensure(other);
        Assert.Equal(keys.Concat(otherKeys).Order(), _store.List().Select(static layer => layer.Key));
        Assert.Equal(keys[1], _store.List().Single(layer => layer.Key == keys[2]).Parent);
        LayerPruneReport first = _store.Prune(() => [keys[1]]);
        Assert.Equal([keys[2], .. otherKeys], new[] { first.Keys }.SelectMany(static one => one).OrderBy(key => key == keys[2] ? 0 : 1));
        Assert.InRange(first.Bytes, 50_000, 100_000);
        using (LayerLease? held = _store.TryUse(DiffIds(image[..2])))
        {
            Assert.NotNull(held);
            Assert.Empty(_store.Prune(static () => []).Keys);
        }
        Assert.Null(_store.TryUse(DiffIds(image)));
        using (ImageUnpacking unpacking = Begin(image))
            Assert.Empty(_store.Prune(static () => []).Keys);
        Assert.Equal(2, _store.Prune(static () => []).Keys.Count);
        Assert.Empty(Names());
    }
}
