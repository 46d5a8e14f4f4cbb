using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Sampan.Oci;

namespace Sampan.Registry;

/// <summary>One blob on its way to one registry: begun, then sent in pieces to the addresses that the registry gives, each valid for the next request only.</summary>
internal sealed class UploadSession(RegistryEndpoint endpoint, ImageReference reference, Descriptor descriptor, Func<long, CancellationToken, Task<Stream>> open, long chunkSize, IProgress<long>? progress)
{
    private Uri? _location;
    private long _chunk = chunkSize;

    /// <summary>How many bytes the registry has.</summary>
    public long Offset { get; private set; }

    public string What => $"upload of {descriptor.Digest} to {reference.Name}";

    /// <summary>Asks for a place to send to; true when the registry mounted the blob instead.</summary>
    public async Task<bool> BeginAsync(string? mountFrom, CancellationToken cancellationToken)
    {
        string query = mountFrom is null ? "" : $"?mount={Uri.EscapeDataString(descriptor.Digest.ToString())}&from={Uri.EscapeDataString(mountFrom)}";
        string scope = RegistryRequest.PushScope(reference.Repository) + (mountFrom is null ? "" : " " + RegistryRequest.PullScope(mountFrom));
        RegistryRequest request = Request(HttpMethod.Post) with { Path = $"{reference.Repository}/blobs/uploads/{query}", Scope = scope, Once = false, Content = Empty };
        using HttpResponseMessage response = await endpoint.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.Created && mountFrom is not null)
            return true;
        Offset = 0;
        Follow(response);
        if (response.Headers.TryGetValues("OCI-Chunk-Min-Length", out IEnumerable<string>? least) && long.TryParse(least.First(), NumberStyles.None, CultureInfo.InvariantCulture, out long minimum))
            _chunk = Math.Max(_chunk, minimum);
        return false;
    }

    /// <summary>Sends what the registry does not have, and closes the upload.</summary>
    public async Task SendAsync(CancellationToken cancellationToken)
    {
        bool whole = Offset == 0 && descriptor.Size <= _chunk;
        while (!whole && Offset < descriptor.Size)
        {
            long length = Math.Min(_chunk, descriptor.Size - Offset);
            RegistryRequest request = Request(HttpMethod.Patch) with { Address = _location, Content = (moved, token) => PieceAsync(Offset, length, true, moved, token) };
            using HttpResponseMessage response = await endpoint.SendAsync(request, cancellationToken).ConfigureAwait(false);
            Require(response, HttpStatusCode.Accepted, HttpStatusCode.Created, HttpStatusCode.NoContent);
            Offset = Received(response) ?? Offset + length;
            Follow(response);
            progress?.Report(Offset);
        }
        UriBuilder end = new(_location!);
        end.Query = $"{end.Query.TrimStart('?')}{(end.Query.Length > 1 ? "&" : "")}digest={Uri.EscapeDataString(descriptor.Digest.ToString())}";
        RegistryRequest last = Request(HttpMethod.Put) with { Address = end.Uri, Content = whole ? (moved, token) => PieceAsync(0, descriptor.Size, false, moved, token) : Empty };
        using HttpResponseMessage done = await endpoint.SendAsync(last, cancellationToken).ConfigureAwait(false);
        Require(done, HttpStatusCode.Created);
        progress?.Report(descriptor.Size);
    }

    /// <summary>Asks how far the registry got; false when it has forgotten the upload.</summary>
    public async Task<bool> RecoverAsync(CancellationToken cancellationToken)
    {
        RegistryRequest request = Request(HttpMethod.Get) with { Address = _location, Once = false, Expected = [HttpStatusCode.NotFound, HttpStatusCode.BadRequest, HttpStatusCode.MethodNotAllowed, HttpStatusCode.RequestedRangeNotSatisfiable] };
        using HttpResponseMessage response = await endpoint.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode || Received(response) is not { } received)
            return false;
        Offset = received;
        Follow(response);
        return true;
    }

    // A proxy whose registry is gone can answer 200 in its place: what is not the specification's answer is none, and the registry is asked what it has.
    private void Require(HttpResponseMessage response, params ReadOnlySpan<HttpStatusCode> statuses)
    {
        if (!statuses.Contains(response.StatusCode))
            throw new RegistryException(RegistryErrorKind.InvalidContent, $"{What}: {endpoint.Registry} answered {(int)response.StatusCode}, which is no answer to an upload: a proxy may stand between", new IOException());
    }

    private static Task<HttpContent> Empty(Action moved, CancellationToken cancellationToken) => Task.FromResult<HttpContent>(new ByteArrayContent([]));

    private RegistryRequest Request(HttpMethod method) => new(method, What) { Repository = reference.Repository, Scope = RegistryRequest.PushScope(reference.Repository), Once = true };

    private async Task<HttpContent> PieceAsync(long offset, long length, bool chunk, Action moved, CancellationToken cancellationToken)
    {
        Stream blob = await open(offset, cancellationToken).ConfigureAwait(false);
        StreamContent content = new(new MeasuredStream(blob, length, moved), 128 << 10);
        content.Headers.ContentLength = length;
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        if (chunk)
            content.Headers.TryAddWithoutValidation("Content-Range", string.Create(CultureInfo.InvariantCulture, $"{offset}-{offset + length - 1}"));
        return content;
    }

    private void Follow(HttpResponseMessage response)
    {
        Uri here = response.RequestMessage!.RequestUri!;
        Uri next = response.Headers.Location is { } location ? new Uri(here, location) : _location ?? throw new RegistryException(RegistryErrorKind.InvalidContent, $"{What}: the registry does not say where to (no Location)");
        if (next.Scheme is not ("http" or "https") || (next.Scheme == "http" && here.Scheme == "https"))
            throw new RegistryException(RegistryErrorKind.InvalidContent, $"{What}: the registry has TLS and wants the blob without: its own address is misconfigured (in distribution: http.host)");
        _location = next;
    }

    // Range: 0-N, both ends included; distribution writes 0-0 for nothing (as well as for one byte, which goes in one piece).
    private long? Received(HttpResponseMessage response)
    {
        if (!response.Headers.TryGetValues("Range", out IEnumerable<string>? values))
            return null;
        string text = (values.FirstOrDefault() ?? "").Replace("bytes=", "", StringComparison.Ordinal);
        string[] ends = text.Split('-');
        if (ends.Length != 2 || !long.TryParse(ends[1], NumberStyles.None, CultureInfo.InvariantCulture, out long last) || last >= descriptor.Size)
            return null;
        return last == 0 ? 0 : last + 1;
    }
}
