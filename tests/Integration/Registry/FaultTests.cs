using System.Collections.Concurrent;
using System.Diagnostics;
using Sampan.Oci;
using Sampan.Registry;

namespace Sampan.Tests.Integration.Registry;

/// <summary>Whatever goes wrong between a registry and its client ends in the right bytes or in an error that says what it was.</summary>
public sealed class FaultTests : IDisposable
{
    private static readonly CancellationToken Never = RegistrySandbox.Never;
    private readonly DebianRegistry _registry = DebianRegistry.Start();
    private readonly RegistrySandbox _sandbox = new();
    private readonly FaultyProxy _proxy;
    private readonly ImageReference _reference;

    public FaultTests()
    {
        _proxy = new FaultyProxy(_registry.Name);
        _reference = ImageReference.Parse($"{_proxy.Name}/app:1");
    }

    public void Dispose()
    {
        _proxy.Dispose();
        _sandbox.Dispose();
        _registry.Dispose();
    }

    [Fact]
    public async Task A_download_that_is_cut_again_and_again_goes_on_by_range()
    {
        (RegistryClient client, byte[] blob, Descriptor descriptor) = await BlobAsync(3_000_000);
        _proxy.Decide = r => IsBlob(r) ? new Fault.Cut(200_000) : null;
        await using BlobStream stream = await client.OpenBlobAsync(_reference, descriptor, cancellationToken: Never);
        using MemoryStream whole = new();
        await stream.CopyToAsync(whole, Never);
        Assert.Equal(blob, whole.ToArray());
        Assert.True(stream.Resumptions >= 14, $"{stream.Resumptions} resumptions");
        Assert.Contains(_proxy.Seen, r => r.Range is not null && r.Range != "bytes=0-");
    }

    [Fact]
    public async Task A_server_without_ranges_is_read_anew_up_to_the_cut()
    {
        (RegistryClient client, byte[] blob, Descriptor descriptor) = await BlobAsync(300_000);
        int requests = 0;
        _proxy.Decide = r => !IsBlob(r) ? null : Interlocked.Increment(ref requests) == 1 ? new Fault.Cut(200_000) : new Fault.IgnoreRange();
        Assert.Equal(blob, await RegistrySandbox.ReadAsync(client, _reference, descriptor));
        Assert.Equal(2, requests);
    }

    [Fact]
    public async Task A_download_that_gets_nowhere_ends()
    {
        (RegistryClient client, _, Descriptor descriptor) = await BlobAsync(100_000);
        _proxy.Decide = r => IsBlob(r) ? new Fault.Cut(0) : null;
        RegistryException failure = await Assert.ThrowsAsync<RegistryException>(() => RegistrySandbox.ReadAsync(client, _reference, descriptor));
        Assert.NotEqual(RegistryErrorKind.InvalidContent, failure.Kind);
        Assert.InRange(_proxy.Seen.Count(IsBlob), 6, 40);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(299_999)]
    public async Task A_byte_that_is_another_is_noticed_before_the_end_is_given_out(int at)
    {
        (RegistryClient client, _, Descriptor descriptor) = await BlobAsync(300_000);
        _proxy.Decide = r => IsBlob(r) ? new Fault.Corrupt(at) : null;
        await using BlobStream stream = await client.OpenBlobAsync(_reference, descriptor, cancellationToken: Never);
        RegistryException failure = await Assert.ThrowsAsync<RegistryException>(() => stream.ReadExactlyAsync(new byte[300_000], Never).AsTask());
        Assert.Equal(RegistryErrorKind.InvalidContent, failure.Kind);
        Assert.Contains("digest", failure.Message);
    }

    [Fact]
    public async Task A_manifest_that_is_not_its_digest_is_refused()
    {
        RegistryClient client = _sandbox.Client();
        Descriptor pushed = await RegistrySandbox.PushAsync(client, _reference, [1]);
        _proxy.Decide = r => r is { Method: "GET" } && r.Path.Contains("/manifests/") ? new Fault.Corrupt(40) : null;
        Assert.Equal(RegistryErrorKind.InvalidContent, (await Assert.ThrowsAsync<RegistryException>(() => client.GetManifestAsync(_reference.WithDigest(pushed.Digest), Never))).Kind);
        Assert.Equal(RegistryErrorKind.InvalidContent, (await Assert.ThrowsAsync<RegistryException>(() => client.GetManifestAsync(_reference, Never))).Kind);
    }

    [Fact]
    public async Task A_length_that_is_not_the_manifests_is_refused_at_once()
    {
        (RegistryClient client, _, Descriptor descriptor) = await BlobAsync(1000);
        descriptor.Size = 999;
        RegistryException failure = await Assert.ThrowsAsync<RegistryException>(() => client.OpenBlobAsync(_reference, descriptor, cancellationToken: Never));
        Assert.Contains("1000 bytes where the manifest says 999", failure.Message);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task A_registry_that_is_busy_is_asked_again(int status)
    {
        ConcurrentDictionary<string, int> requests = [];
        (RegistryClient client, byte[] blob, Descriptor descriptor) = await BlobAsync(1000);
        _proxy.Decide = r => requests.AddOrUpdate($"{r.Method} {r.Path.Split('?')[0]}", 1, (_, n) => n + 1) <= 2 ? new Fault.Status(status) : null;
        Assert.Equal(blob, await RegistrySandbox.ReadAsync(client, _reference, descriptor));
        ImageReference other = ImageReference.Parse($"{_proxy.Name}/other:2");
        Descriptor pushed = await RegistrySandbox.PushAsync(client, other, RegistrySandbox.Bytes(5000));
        Assert.Equal(pushed.Digest, (await client.ResolveAsync(other, Never)).Digest);
    }

    [Fact]
    public async Task A_registry_that_stays_busy_is_an_error_that_says_so()
    {
        (RegistryClient client, _, Descriptor descriptor) = await BlobAsync(1000);
        _proxy.Decide = _ => new Fault.Status(503);
        RegistryException failure = await Assert.ThrowsAsync<RegistryException>(() => client.OpenBlobAsync(_reference, descriptor, cancellationToken: Never));
        Assert.Equal(RegistryErrorKind.Unavailable, failure.Kind);
        Assert.Contains("503", failure.Message);
        Assert.Equal(6, _proxy.Seen.Count(IsBlob));
    }

    [Fact]
    public async Task Retry_After_is_honoured_up_to_what_a_person_would_wait()
    {
        (RegistryClient client, byte[] blob, Descriptor descriptor) = await BlobAsync(1000);
        int requests = 0;
        _proxy.Decide = r => IsBlob(r) && Interlocked.Increment(ref requests) == 1 ? new Fault.Status(429, "1") : null;
        Stopwatch passed = Stopwatch.StartNew();
        Assert.Equal(blob, await RegistrySandbox.ReadAsync(client, _reference, descriptor));
        Assert.True(passed.Elapsed >= TimeSpan.FromMilliseconds(990), $"{passed.Elapsed}");
        _proxy.Decide = _ => new Fault.Status(429, "86400");
        RegistryException failure = await Assert.ThrowsAsync<RegistryException>(() => client.OpenBlobAsync(_reference, descriptor, cancellationToken: Never));
        Assert.Contains("86400 seconds", failure.Message);
    }

    [Fact]
    public async Task A_server_that_says_nothing_is_given_up()
    {
        RegistryClient client = _sandbox.Client(RegistrySandbox.Quick with { StallTimeout = TimeSpan.FromMilliseconds(200), Retries = 1 });
        await client.PingAsync(_proxy.Name, Never);
        _proxy.Decide = _ => new Fault.Delay(TimeSpan.FromSeconds(20));
        Stopwatch passed = Stopwatch.StartNew();
        RegistryException failure = await Assert.ThrowsAsync<RegistryException>(() => client.ResolveAsync(_reference, Never));
        Assert.Equal(RegistryErrorKind.Unavailable, failure.Kind);
        Assert.True(passed.Elapsed < TimeSpan.FromSeconds(10), $"{passed.Elapsed}");
    }

    [Fact]
    public async Task A_web_page_is_no_registry()
    {
        (RegistryClient client, _, Descriptor descriptor) = await BlobAsync(1000);
        _proxy.Decide = _ => new Fault.WebPage();
        Assert.Contains("web page", (await Assert.ThrowsAsync<RegistryException>(() => client.GetManifestAsync(_reference, Never))).Message);
        Assert.Contains("web page", (await Assert.ThrowsAsync<RegistryException>(() => client.OpenBlobAsync(_reference, descriptor, cancellationToken: Never))).Message);
    }

    [Fact]
    public async Task A_circle_of_redirects_ends()
    {
        (RegistryClient client, _, Descriptor descriptor) = await BlobAsync(1000);
        _proxy.Decide = r => new Fault.Redirect(r.Path);
        Assert.Contains("circle", (await Assert.ThrowsAsync<RegistryException>(() => client.OpenBlobAsync(_reference, descriptor, cancellationToken: Never))).Message);
        int n = 0;
        _proxy.Decide = _ => new Fault.Redirect($"/v2/{Interlocked.Increment(ref n)}");
        Assert.Contains("circle", (await Assert.ThrowsAsync<RegistryException>(() => client.OpenBlobAsync(_reference, descriptor, cancellationToken: Never))).Message);
        Assert.InRange(n, 10, 11);
    }

    [Fact]
    public async Task Lists_go_over_pages_and_not_in_circles()
    {
        RegistryClient client = _sandbox.Client();
        _proxy.Decide = r => r.Path.Contains("last=b") ? new Fault.Answer("""{"tags":["c"]}""") : new Fault.Answer("""{"tags":["a","b"]}""", Link: "</v2/app/tags/list?last=b>; rel=\"next\"");
        Assert.Equal(["a", "b", "c"], await client.TagsAsync(_reference, Never).ToListAsync(Never));
        _proxy.Decide = r => new Fault.Answer("""{"tags":["a"]}""", Link: $"<{r.Path}>; rel=next");
        Assert.Contains("circle", (await Assert.ThrowsAsync<RegistryException>(async () => await client.TagsAsync(_reference, Never).ToListAsync(Never))).Message);
        _proxy.Decide = _ => new Fault.Answer("""{"tags":null}""");
        Assert.Empty(await client.TagsAsync(_reference, Never).ToListAsync(Never));
    }

    [Theory]
    [InlineData("""{"schemaVersion":1,"fsLayers":[]}""", "application/vnd.docker.distribution.manifest.v1+prettyjws", "schema 1")]
    [InlineData("""{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","layers":[],"manifests":[]}""", "application/vnd.oci.image.manifest.v1+json", "ambiguous")]
    [InlineData("""{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}""", "application/vnd.oci.image.manifest.v1+json", "ambiguous")]
    [InlineData("""{"schemaVersion":2}""", "application/json", "neither")]
    [InlineData("[]", "application/vnd.oci.image.manifest.v1+json", "not a JSON object")]
    [InlineData("{", "application/vnd.oci.image.manifest.v1+json", "not a JSON object")]
    public async Task A_document_that_is_no_manifest_is_refused(string body, string mediaType, string cause)
    {
        _proxy.Decide = _ => new Fault.Answer(body, mediaType);
        Assert.Contains(cause, (await Assert.ThrowsAsync<RegistryException>(() => _sandbox.Client().GetManifestAsync(_reference, Never))).Message);
    }

    [Fact]
    public async Task A_manifest_without_end_is_not_read_to_the_end()
    {
        _proxy.Decide = _ => new Fault.Answer(new string(' ', RegistryClient.MaximumManifest + 1), MediaTypes.ImageManifest);
        Assert.Contains("longer than", (await Assert.ThrowsAsync<RegistryException>(() => _sandbox.Client().GetManifestAsync(_reference, Never))).Message);
    }

    [Fact]
    public async Task A_mirror_is_asked_first_and_its_failure_is_not_the_pulls()
    {
        (_, byte[] blob, Descriptor descriptor) = await BlobAsync(1000);
        ImageReference own = ImageReference.Parse($"{_registry.Name}/app:1");
        RegistryClient client = _sandbox.Client(RegistrySandbox.Quick with { Hosts = new Dictionary<string, RegistryHostSettings> { [_registry.Name] = new() { Mirrors = [_proxy.Name] } } });
        _proxy.Seen.Clear();
        Assert.Equal(blob, await RegistrySandbox.ReadAsync(client, own, descriptor));
        Assert.Contains(_proxy.Seen, IsBlob);
        foreach (Fault fault in (Fault[])[new Fault.Status(404), new Fault.Status(503), new Fault.WebPage(), new Fault.Cut(100)])
        {
            _proxy.Decide = _ => fault;
            Assert.Equal(blob, await RegistrySandbox.ReadAsync(client, own, descriptor));
        }
    }

    private static bool IsBlob(SeenRequest request) => request is { Method: "GET" } && request.Path.Contains("/blobs/sha256:");

    private async Task<(RegistryClient Client, byte[] Blob, Descriptor Descriptor)> BlobAsync(int length)
    {
        RegistryClient client = _sandbox.Client();
        byte[] blob = RegistrySandbox.Bytes(length);
        Descriptor descriptor = RegistrySandbox.Describe(blob);
        await client.UploadBlobAsync(_reference, descriptor, RegistrySandbox.From(blob), cancellationToken: Never);
        return (client, blob, descriptor);
    }
}
