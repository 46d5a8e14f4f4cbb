using System.Collections.Concurrent;
using System.Diagnostics;
using Sampan.Oci;
using Sampan.Registry;

namespace Sampan.Tests.Integration.Registry;

/// <summary>Whatever goes wrong between a registry and its client ends in the right bytes or in an error that says what it was.</summary>
public sealed class FaultTests : BehindFaultyProxy
{
    [Fact]
    public async Task A_download_that_is_cut_again_and_again_goes_on_by_range()
    {
        (RegistryClient client, byte[] blob, Descriptor descriptor) = await BlobAsync(3_000_000);
        Proxy.Decide = r => IsBlob(r) ? new Fault.Cut(200_000) : null;
        await using BlobStream stream = await client.OpenBlobAsync(Reference, descriptor, cancellationToken: Never);
        using MemoryStream whole = new();
        await stream.CopyToAsync(whole, Never);
        Assert.Equal(blob, whole.ToArray());
        Assert.True(stream.Resumptions >= 14, $"{stream.Resumptions} resumptions");
        Assert.Contains(Proxy.Seen, r => r.Range is not null && r.Range != "bytes=0-");
    }

    [Fact]
    public async Task A_server_without_ranges_is_read_anew_up_to_the_cut()
    {
        (RegistryClient client, byte[] blob, Descriptor descriptor) = await BlobAsync(300_000);
        int requests = 0;
        Proxy.Decide = r => !IsBlob(r) ? null : Interlocked.Increment(ref requests) == 1 ? new Fault.Cut(200_000) : new Fault.IgnoreRange();
        Assert.Equal(blob, await RegistrySandbox.ReadAsync(client, Reference, descriptor));
        Assert.Equal(2, requests);
    }

    [Fact]
    public async Task A_download_that_gets_nowhere_ends()
    {
        (RegistryClient client, _, Descriptor descriptor) = await BlobAsync(100_000);
        Proxy.Decide = r => IsBlob(r) ? new Fault.Cut(0) : null;
        RegistryException failure = await Assert.ThrowsAsync<RegistryException>(() => RegistrySandbox.ReadAsync(client, Reference, descriptor));
        Assert.NotEqual(RegistryErrorKind.InvalidContent, failure.Kind);
        Assert.InRange(Proxy.Seen.Count(IsBlob), 6, 40);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(299_999)]
    public async Task A_byte_that_is_another_is_noticed_before_the_end_is_given_out(int at)
    {
        (RegistryClient client, _, Descriptor descriptor) = await BlobAsync(300_000);
        Proxy.Decide = r => IsBlob(r) ? new Fault.Corrupt(at) : null;
        await using BlobStream stream = await client.OpenBlobAsync(Reference, descriptor, cancellationToken: Never);
        RegistryException failure = await Assert.ThrowsAsync<RegistryException>(() => stream.ReadExactlyAsync(new byte[300_000], Never).AsTask());
        Assert.Equal(RegistryErrorKind.InvalidContent, failure.Kind);
        Assert.Contains("digest", failure.Message);
    }

    [Fact]
    public async Task A_manifest_that_is_not_its_digest_is_refused()
    {
        RegistryClient client = Sandbox.Client();
        Descriptor pushed = await RegistrySandbox.PushAsync(client, Reference, [1]);
        Proxy.Decide = r => r is { Method: "GET" } && r.Path.Contains("/manifests/") ? new Fault.Corrupt(40) : null;
        Assert.Equal(RegistryErrorKind.InvalidContent, (await Assert.ThrowsAsync<RegistryException>(() => client.GetManifestAsync(Reference.WithDigest(pushed.Digest), Never))).Kind);
        Assert.Equal(RegistryErrorKind.InvalidContent, (await Assert.ThrowsAsync<RegistryException>(() => client.GetManifestAsync(Reference, Never))).Kind);
    }

    [Fact]
    public async Task A_length_that_is_not_the_manifests_is_refused_at_once()
    {
        (RegistryClient client, _, Descriptor descriptor) = await BlobAsync(1000);
        descriptor.Size = 999;
        RegistryException failure = await Assert.ThrowsAsync<RegistryException>(() => client.OpenBlobAsync(Reference, descriptor, cancellationToken: Never));
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
        Proxy.Decide = r => requests.AddOrUpdate($"{r.Method} {r.Path.Split('?')[0]}", 1, (_, n) => n + 1) <= 2 ? new Fault.Status(status) : null;
        Assert.Equal(blob, await RegistrySandbox.ReadAsync(client, Reference, descriptor));
        ImageReference other = ImageReference.Parse($"{Proxy.Name}/other:2");
        Descriptor pushed = await RegistrySandbox.PushAsync(client, other, RegistrySandbox.Bytes(5000));
        Assert.Equal(pushed.Digest, (await client.ResolveAsync(other, Never)).Digest);
    }

    [Fact]
    public async Task A_registry_that_stays_busy_is_an_error_that_says_so()
    {
        (RegistryClient client, _, Descriptor descriptor) = await BlobAsync(1000);
        Proxy.Decide = _ => new Fault.Status(503);
        RegistryException failure = await Assert.ThrowsAsync<RegistryException>(() => client.OpenBlobAsync(Reference, descriptor, cancellationToken: Never));
        Assert.Equal(RegistryErrorKind.Unavailable, failure.Kind);
        Assert.Contains("503", failure.Message);
        Assert.Equal(6, Proxy.Seen.Count(IsBlob));
    }

    [Fact]
    public async Task Retry_After_is_honoured_up_to_what_a_person_would_wait()
    {
        (RegistryClient client, byte[] blob, Descriptor descriptor) = await BlobAsync(1000);
        int requests = 0;
        Proxy.Decide = r => IsBlob(r) && Interlocked.Increment(ref requests) == 1 ? new Fault.Status(429, "1") : null;
        Stopwatch passed = Stopwatch.StartNew();
        Assert.Equal(blob, await RegistrySandbox.ReadAsync(client, Reference, descriptor));
        Assert.True(passed.Elapsed >= TimeSpan.FromMilliseconds(990), $"{passed.Elapsed}");
        Proxy.Decide = _ => new Fault.Status(429, "86400");
        RegistryException failure = await Assert.ThrowsAsync<RegistryException>(() => client.OpenBlobAsync(Reference, descriptor, cancellationToken: Never));
        Assert.Contains("86400 seconds", failure.Message);
    }

    [Fact]
    public async Task A_server_that_says_nothing_is_given_up()
    {
        RegistryClient client = Sandbox.Client(RegistrySandbox.Quick with { StallTimeout = TimeSpan.FromMilliseconds(200), Retries = 1 });
        await client.PingAsync(Proxy.Name, Never);
        Proxy.Decide = _ => new Fault.Delay(TimeSpan.FromSeconds(20));
        Stopwatch passed = Stopwatch.StartNew();
        RegistryException failure = await Assert.ThrowsAsync<RegistryException>(() => client.ResolveAsync(Reference, Never));
        Assert.Equal(RegistryErrorKind.Unavailable, failure.Kind);
        Assert.True(passed.Elapsed < TimeSpan.FromSeconds(10), $"{passed.Elapsed}");
    }

    [Fact]
    public async Task A_web_page_is_no_registry()
    {
        (RegistryClient client, _, Descriptor descriptor) = await BlobAsync(1000);
        Proxy.Decide = _ => new Fault.WebPage();
        Assert.Contains("web page", (await Assert.ThrowsAsync<RegistryException>(() => client.GetManifestAsync(Reference, Never))).Message);
        Assert.Contains("web page", (await Assert.ThrowsAsync<RegistryException>(() => client.OpenBlobAsync(Reference, descriptor, cancellationToken: Never))).Message);
    }

    [Fact]
    public async Task A_circle_of_redirects_ends()
    {
        (RegistryClient client, _, Descriptor descriptor) = await BlobAsync(1000);
        Proxy.Decide = r => new Fault.Redirect(r.Path);
        Assert.Contains("circle", (await Assert.ThrowsAsync<RegistryException>(() => client.OpenBlobAsync(Reference, descriptor, cancellationToken: Never))).Message);
        int n = 0;
        Proxy.Decide = _ => new Fault.Redirect($"/v2/{Interlocked.Increment(ref n)}");
        Assert.Contains("circle", (await Assert.ThrowsAsync<RegistryException>(() => client.OpenBlobAsync(Reference, descriptor, cancellationToken: Never))).Message);
        Assert.InRange(n, 10, 11);
    }

    [Fact]
    public async Task Lists_go_over_pages_and_not_in_circles()
    {
        RegistryClient client = Sandbox.Client();
        Proxy.Decide = r => r.Path.Contains("last=b") ? new Fault.Answer("""{"tags":["c"]}""") : new Fault.Answer("""{"tags":["a","b"]}""", Link: "</v2/app/tags/list?last=b>; rel=\"next\"");
        Assert.Equal(["a", "b", "c"], await client.TagsAsync(Reference, Never).ToListAsync(Never));
        Proxy.Decide = r => new Fault.Answer("""{"tags":["a"]}""", Link: $"<{r.Path}>; rel=next");
        Assert.Contains("circle", (await Assert.ThrowsAsync<RegistryException>(async () => await client.TagsAsync(Reference, Never).ToListAsync(Never))).Message);
        Proxy.Decide = _ => new Fault.Answer("""{"tags":null}""");
        Assert.Empty(await client.TagsAsync(Reference, Never).ToListAsync(Never));
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
        Proxy.Decide = _ => new Fault.Answer(body, mediaType);
        Assert.Contains(cause, (await Assert.ThrowsAsync<RegistryException>(() => Sandbox.Client().GetManifestAsync(Reference, Never))).Message);
    }

    [Fact]
    public async Task A_manifest_without_end_is_not_read_to_the_end()
    {
        Proxy.Decide = _ => new Fault.Answer(new string(' ', RegistryClient.MaximumManifest + 1), MediaTypes.ImageManifest);
        Assert.Contains("longer than", (await Assert.ThrowsAsync<RegistryException>(() => Sandbox.Client().GetManifestAsync(Reference, Never))).Message);
    }

    [Fact]
    public async Task A_mirror_is_asked_first_and_its_failure_is_not_the_pulls()
    {
        (_, byte[] blob, Descriptor descriptor) = await BlobAsync(1000);
        ImageReference own = ImageReference.Parse($"{Registry.Name}/app:1");
        RegistryClient client = Sandbox.Client(RegistrySandbox.Quick with { Hosts = new Dictionary<string, RegistryHostSettings> { [Registry.Name] = new() { Mirrors = [Proxy.Name] } } });
        Proxy.Seen.Clear();
        Assert.Equal(blob, await RegistrySandbox.ReadAsync(client, own, descriptor));
        Assert.Contains(Proxy.Seen, IsBlob);
        foreach (Fault fault in (Fault[])[new Fault.Status(404), new Fault.Status(503), new Fault.WebPage(), new Fault.Cut(100)])
        {
            Proxy.Decide = _ => fault;
            Assert.Equal(blob, await RegistrySandbox.ReadAsync(client, own, descriptor));
        }
    }

    private static bool IsBlob(SeenRequest request) => request is { Method: "GET" } && request.Path.Contains("/blobs/sha256:");

    private async Task<(RegistryClient Client, byte[] Blob, Descriptor Descriptor)> BlobAsync(int length)
    {
        RegistryClient client = Sandbox.Client();
        byte[] blob = RegistrySandbox.Bytes(length);
        Descriptor descriptor = RegistrySandbox.Describe(blob);
        await client.UploadBlobAsync(Reference, descriptor, RegistrySandbox.From(blob), cancellationToken: Never);
        return (client, blob, descriptor);
    }
}
