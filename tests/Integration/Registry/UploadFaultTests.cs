using Sampan.Oci;
using Sampan.Registry;

namespace Sampan.Tests.Integration.Registry;

/// <summary>Uploads that are broken in the middle arrive whole.</summary>
public sealed class UploadFaultTests : BehindFaultyProxy
{
    private readonly byte[] _blob = RegistrySandbox.Bytes(500_000);

    [Fact]
    public Task A_chunk_that_is_cut_is_sent_again() => ArrivesAsync(100_000, nth => nth is 2 or 3 ? new Fault.CutRequest(30_000) : null, "PATCH");

    [Fact]
    public async Task A_chunk_whose_answer_is_lost_is_not_added_twice()
    {
        await ArrivesAsync(100_000, nth => nth == 2 ? new Fault.LoseAnswer() : null, "PATCH");
        // Distribution gives an upload up when it is asked about it by an address that is older than its last chunk: then it is begun anew.
        Assert.InRange(Proxy.Seen.Count(r => r.Method == "PATCH"), 5, 7);
    }

    [Fact]
    public Task A_busy_registry_gets_the_chunk_later() => ArrivesAsync(100_000, nth => nth is 1 or 4 ? new Fault.Status(503) : null, "PATCH");

    [Fact]
    public Task An_upload_that_was_forgotten_begins_anew() => ArrivesAsync(100_000, nth => nth == 3 ? new Fault.Status(404) : null, "PATCH");

    [Fact]
    public Task A_blob_in_one_piece_is_sent_again() => ArrivesAsync(1 << 20, nth => nth is 1 or 2 ? new Fault.CutRequest(200_000) : null, "PUT");

    [Fact]
    public async Task A_blob_whose_last_answer_is_lost_is_found_there()
    {
        await ArrivesAsync(1 << 20, nth => nth == 1 ? new Fault.LoseAnswer() : null, "PUT");
        Assert.Single(Proxy.Seen, r => r.Method == "PUT");
    }

    [Fact]
    public async Task An_upload_that_never_succeeds_ends()
    {
        Proxy.Decide = r => r.Method == "PATCH" ? new Fault.Status(500) : null;
        RegistryException failure = await Assert.ThrowsAsync<RegistryException>(() => Sandbox.Client(RegistrySandbox.Quick with { ChunkSize = 100_000 })
            .UploadBlobAsync(Reference, RegistrySandbox.Describe(_blob), RegistrySandbox.From(_blob), cancellationToken: Never));
        Assert.Equal(RegistryErrorKind.Unavailable, failure.Kind);
        Assert.Equal(6, Proxy.Seen.Count(r => r.Method == "PATCH"));
    }

    private async Task ArrivesAsync(long chunk, Func<int, Fault?> fault, string method)
    {
        int requests = 0;
        Proxy.Decide = r => r.Method == method ? fault(Interlocked.Increment(ref requests)) : null;
        RegistryClient client = Sandbox.Client(RegistrySandbox.Quick with { ChunkSize = chunk });
        Descriptor descriptor = RegistrySandbox.Describe(_blob);
        Assert.Equal(UploadOutcome.Uploaded, await client.UploadBlobAsync(Reference, descriptor, RegistrySandbox.From(_blob), cancellationToken: Never));
        Assert.Equal(_blob, await RegistrySandbox.ReadAsync(client, Reference, descriptor));
    }
}
