using System.Security.Cryptography;
using Sampan.Oci;
using Sampan.Registry;

namespace Sampan.Tests.Integration.Registry;

/// <summary>What the specification offers, against Debian's docker-registry without faults.</summary>
public sealed class RegistryTests : IDisposable
{
    private static readonly CancellationToken Never = RegistrySandbox.Never;
    private readonly DebianRegistry _registry = DebianRegistry.Start();
    private readonly RegistrySandbox _sandbox = new();

    public void Dispose()
    {
        _sandbox.Dispose();
        _registry.Dispose();
    }

    [Fact]
    public async Task What_was_pushed_is_pulled()
    {
        RegistryClient client = _sandbox.Client();
        ImageReference reference = ImageReference.Parse($"{_registry.Name}/a/b:v1");
        byte[] layer = RegistrySandbox.Bytes(300_000);
        Descriptor pushed = await RegistrySandbox.PushAsync(client, reference, layer);
        await client.PingAsync(_registry.Name, Never);
        Descriptor resolved = await client.ResolveAsync(reference, Never);
        Assert.Equal((pushed.Digest, pushed.Size, pushed.MediaType), (resolved.Digest, resolved.Size, resolved.MediaType));
        ManifestContent manifest = await client.GetManifestAsync(reference.WithDigest(pushed.Digest), Never);
        Assert.Equal(layer, await RegistrySandbox.ReadAsync(client, reference, manifest.Manifest().Layers![0]));
        byte[] configuration = await client.ReadBlobAsync(reference, manifest.Manifest().Config!, cancellationToken: Never);
        Assert.Equal("amd64", ImageConfig.Parse(configuration).Architecture);
    }

    [Fact]
    public async Task What_is_not_there_is_said()
    {
        RegistryClient client = _sandbox.Client();
        ImageReference reference = ImageReference.Parse($"{_registry.Name}/none");
        Assert.Equal(RegistryErrorKind.NotFound, (await Assert.ThrowsAsync<RegistryException>(() => client.ResolveAsync(reference, Never))).Kind);
        Assert.Equal(RegistryErrorKind.NotFound, (await Assert.ThrowsAsync<RegistryException>(() => client.GetManifestAsync(reference, Never))).Kind);
        Assert.Equal(RegistryErrorKind.NotFound, (await Assert.ThrowsAsync<RegistryException>(() => client.OpenBlobAsync(reference, RegistrySandbox.Describe([1]), cancellationToken: Never))).Kind);
        ImageReference nobody = ImageReference.Parse($"127.0.0.1:{DebianRegistry.FreePort()}/none");
        RegistryException failure = await Assert.ThrowsAsync<RegistryException>(() => client.ResolveAsync(nobody, Never));
        Assert.Contains("cannot be reached", failure.Message);
    }

    [Fact]
    public async Task An_upload_is_skipped_mounted_or_chunked()
    {
        RegistryClient client = _sandbox.Client(RegistrySandbox.Quick with { ChunkSize = 100_000 });
        ImageReference first = ImageReference.Parse($"{_registry.Name}/first"), second = ImageReference.Parse($"{_registry.Name}/second");
        byte[] blob = RegistrySandbox.Bytes(350_001);
        Descriptor descriptor = RegistrySandbox.Describe(blob);
        List<long> told = [];
        Assert.Equal(UploadOutcome.Uploaded, await client.UploadBlobAsync(first, descriptor, RegistrySandbox.From(blob), progress: new Told(told), cancellationToken: Never));
        Assert.Equal([100_000, 200_000, 300_000, 350_001, 350_001], told);
        Assert.Equal(UploadOutcome.Existed, await client.UploadBlobAsync(first, descriptor, RegistrySandbox.From(blob), cancellationToken: Never));
        Assert.Equal(UploadOutcome.Mounted, await client.UploadBlobAsync(second, descriptor, RegistrySandbox.From(blob), "first", cancellationToken: Never));
        Assert.Equal(blob, await RegistrySandbox.ReadAsync(client, second, descriptor));
        Assert.Equal(UploadOutcome.Uploaded, await client.UploadBlobAsync(second, RegistrySandbox.Describe([]), RegistrySandbox.From([]), "first", cancellationToken: Never));
        Assert.Empty(await RegistrySandbox.ReadAsync(client, second, RegistrySandbox.Describe([])));
    }

    [Fact]
    public async Task A_blob_that_is_not_what_it_is_called_is_refused()
    {
        RegistryClient client = _sandbox.Client();
        ImageReference reference = ImageReference.Parse($"{_registry.Name}/a");
        RegistryException failure = await Assert.ThrowsAsync<RegistryException>(() => client.UploadBlobAsync(reference, RegistrySandbox.Describe([1, 2, 3]), RegistrySandbox.From([1, 2, 4]), cancellationToken: Never));
        Assert.Contains("digest", failure.Message);
    }

    [Fact]
    public async Task A_download_goes_on_from_what_is_stored()
    {
        RegistryClient client = _sandbox.Client();
        ImageReference reference = ImageReference.Parse($"{_registry.Name}/a");
        byte[] blob = RegistrySandbox.Bytes(200_000);
        Descriptor descriptor = RegistrySandbox.Describe(blob);
        await client.UploadBlobAsync(reference, descriptor, RegistrySandbox.From(blob), cancellationToken: Never);
        IncrementalHash prefix = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        prefix.AppendData(blob.AsSpan(0, 150_000));
        await using (BlobStream stream = await client.OpenBlobAsync(reference, descriptor, 150_000, prefix, Never))
        {
            byte[] rest = new byte[50_000];
            await stream.ReadExactlyAsync(rest, Never);
            Assert.Equal(blob[150_000..], rest);
            Assert.Equal(0, await stream.ReadAsync(rest, Never));
        }
        IncrementalHash wrong = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        wrong.AppendData(blob.AsSpan(0, 149_999));
        await using BlobStream damaged = await client.OpenBlobAsync(reference, descriptor, 150_000, wrong, Never);
        Assert.Equal(RegistryErrorKind.InvalidContent, (await Assert.ThrowsAsync<RegistryException>(() => damaged.CopyToAsync(Stream.Null, Never))).Kind);
    }

    [Fact]
    public async Task Tags_and_repositories_are_listed()
    {
        RegistryClient client = _sandbox.Client();
        ImageReference reference = ImageReference.Parse($"{_registry.Name}/many:t0");
        Descriptor pushed = await RegistrySandbox.PushAsync(client, reference, [1]);
        ManifestContent manifest = await client.GetManifestAsync(reference, Never);
        Assert.Equal(pushed.Digest, manifest.Digest);
        for (int i = 1; i < 5; i++)
            await client.PutManifestAsync(reference.WithTag($"t{i}"), manifest.MediaType, manifest.Bytes, Never);
        await RegistrySandbox.PushAsync(client, ImageReference.Parse($"{_registry.Name}/other"), [1]);
        Assert.Equal(["t0", "t1", "t2", "t3", "t4"], (await client.TagsAsync(reference, Never).ToListAsync(Never)).Order());
        Assert.Equal(["many", "other"], await client.CatalogAsync(_registry.Name, Never).ToListAsync(Never));
        Assert.Equal([$"{_registry.Name}/other"], (await client.SearchAsync(_registry.Name, "OTH", cancellationToken: Never)).Select(r => r.Name));
    }

    [Fact]
    public async Task Referrers_are_kept_under_a_tag_where_the_registry_has_no_list()
    {
        RegistryClient client = _sandbox.Client();
        ImageReference reference = ImageReference.Parse($"{_registry.Name}/signed:1");
        Descriptor image = await RegistrySandbox.PushAsync(client, reference, [1]);
        Assert.Empty(await client.ReferrersAsync(reference.WithDigest(image.Digest), cancellationToken: Never));
        Descriptor signature = await RegistrySandbox.PushAsync(client, reference.WithTag("s1"), [2], image, "application/x.signature");
        Descriptor list = await RegistrySandbox.PushAsync(client, reference.WithTag("s2"), [3], image, "application/x.sbom");
        await RegistrySandbox.PushAsync(client, reference.WithTag("s1"), [2], image, "application/x.signature");
        Assert.Equal([signature.Digest, list.Digest], (await client.ReferrersAsync(reference.WithDigest(image.Digest), cancellationToken: Never)).Select(d => d.Digest));
        Assert.Equal([list.Digest], (await client.ReferrersAsync(reference.WithDigest(image.Digest), "application/x.sbom", Never)).Select(d => d.Digest));
    }

    [Fact]
    public async Task The_best_platform_of_nested_indexes_is_chosen()
    {
        RegistryClient client = _sandbox.Client();
        ImageReference reference = ImageReference.Parse($"{_registry.Name}/multi:1");
        Descriptor plain = await RegistrySandbox.PushAsync(client, reference.WithTag("a"), [1]), newer = await RegistrySandbox.PushAsync(client, reference.WithTag("b"), [2]);
        plain.Platform = new Platform { Os = "linux", Architecture = "amd64" };
        newer.Platform = new Platform { Os = "linux", Architecture = "amd64", Variant = "v3" };
        byte[] inner = new ImageIndex { SchemaVersion = 2, MediaType = MediaTypes.ImageIndex, Manifests = [plain, newer] }.ToJson(indented: false);
        await client.PutManifestAsync(reference.WithTag("inner"), MediaTypes.ImageIndex, inner, Never);
        byte[] outer = new ImageIndex { SchemaVersion = 2, MediaType = MediaTypes.ImageIndex, Manifests = [RegistrySandbox.Describe(inner, MediaTypes.ImageIndex)] }.ToJson(indented: false);
        await client.PutManifestAsync(reference, MediaTypes.ImageIndex, outer, Never);
        Assert.Equal(newer.Digest, (await client.GetManifestAsync(reference, PlatformChoice.Parse("linux/amd64/v4"), Never)).Digest);
        Assert.Equal(plain.Digest, (await client.GetManifestAsync(reference, PlatformChoice.Parse("linux/amd64"), Never)).Digest);
        RegistryException none = await Assert.ThrowsAsync<RegistryException>(() => client.GetManifestAsync(reference, PlatformChoice.Parse("linux/s390x"), Never));
        Assert.Contains("linux/amd64/v3", none.Message);
    }

    private sealed class Told(List<long> told) : IProgress<long>
    {
        public void Report(long value) => told.Add(value);
    }
}
