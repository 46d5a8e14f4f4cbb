using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Sampan.Oci;

namespace Sampan.Registry;

/// <summary>One registry or mirror as it is talked to: its address, connections, credential, patience. It is made on first use and lives as long as the client.</summary>
internal sealed partial class RegistryEndpoint : IDisposable
{
    private const int MaximumRedirects = 10;
    private readonly RegistrySettings _settings;
    private readonly RegistryHostSettings _host;
    private readonly RegistryConnections _connections;
    private readonly Authenticator _authenticator;
    private readonly Backoff _backoff;
    private readonly SemaphoreSlim _probe = new(1);
    private readonly string _authority;
    private Uri? _address;

    /// <summary>Makes the endpoint.</summary>
    /// <param name="registry">The registry, <c>HOST[:PORT]</c>.</param>
    /// <param name="prefix">For a mirror: the path that stands before each repository, or empty.</param>
    /// <param name="settings">The settings of all registries.</param>
    /// <param name="time">The clock of pauses and tokens.</param>
    /// <param name="find">Finds the credential for a repository.</param>
    /// <param name="askIdentity">Whether a login asks for an identity token.</param>
    public RegistryEndpoint(string registry, string prefix, RegistrySettings settings, TimeProvider time, Func<string?, CancellationToken, Task<Credential?>> find, bool askIdentity = false)
    {
        Registry = registry;
        Prefix = prefix;
        _settings = settings;
        _host = settings.For(registry);
        _authority = registry == ImageReference.DefaultRegistry ? "registry-1.docker.io" : registry;
        _connections = new RegistryConnections(settings, _host);
        _authenticator = new Authenticator(registry, settings, time, find) { AskIdentity = askIdentity };
        _backoff = new Backoff(settings, time);
        Transfers = new SemaphoreSlim(settings.ParallelTransfers);
    }

    /// <summary>The registry, as people name it.</summary>
    public string Registry { get; }

    /// <summary>What stands before each repository.</summary>
    public string Prefix { get; }

    /// <summary>The mirrors that are asked first.</summary>
    public IReadOnlyList<string> Mirrors => _host.Mirrors;

    /// <summary>Bounds the blobs that are under way.</summary>
    public SemaphoreSlim Transfers { get; }

    /// <summary>The identity token that the last token server offered, or null.</summary>
    public string? OfferedIdentity => _authenticator.Offered;

    /// <summary>How long a server may be silent.</summary>
    public TimeSpan StallTimeout => _settings.StallTimeout;

    /// <summary>Whether two addresses are the same to a credential: scheme, host and port.</summary>
    public static bool SameOrigin(Uri one, Uri other) => one.Scheme == other.Scheme && one.Authority.Equals(other.Authority, StringComparison.OrdinalIgnoreCase);

    /// <summary>Makes a request until it is answered with success or with a status that the caller expects.</summary>
    /// <exception cref="RegistryException">It was not.</exception>
    public async Task<HttpResponseMessage> SendAsync(RegistryRequest request, CancellationToken cancellationToken)
    {
        for (int attempt = 0; ; attempt++)
        {
            bool last = request.Once || attempt >= _settings.Retries;
            RetryConditionHeaderValue? asked = null;
            try
            {
                HttpResponseMessage response = await SendAuthorizedAsync(request, cancellationToken).ConfigureAwait(false);
                if (response.IsSuccessStatusCode || request.Expected.Contains(response.StatusCode))
                    return response;
                using (response)
                {
                    if (last || !Backoff.Passes(response.StatusCode))
                        throw await ResponseErrors.FromAsync(response, request.What, Registry, StallTimeout, cancellationToken).ConfigureAwait(false);
                    asked = response.Headers.RetryAfter;
                }
            }
            catch (Exception failure) when (failure is HttpRequestException or IOException or TimeoutException)
            {
                if (last || !Backoff.Passes(failure))
                    throw ResponseErrors.From(failure, request.What, Registry);
            }
            await _backoff.WaitAsync(attempt, asked, request.What, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Makes a request and reads its answer whole, again if the answer is cut.</summary>
    /// <param name="request">The request.</param>
    /// <param name="maximum">The longest answer, in bytes.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The answer, whose headers are still readable, and its body.</returns>
    /// <exception cref="RegistryException">It did not succeed.</exception>
    public async Task<(HttpResponseMessage Response, byte[] Body)> SendWholeAsync(RegistryRequest request, int maximum, CancellationToken cancellationToken)
    {
        for (int attempt = 0; ; attempt++)
        {
            using HttpResponseMessage response = await SendAsync(request, cancellationToken).ConfigureAwait(false);
            try
            {
                return (response, await ResponseErrors.ReadWholeAsync(response, maximum, request.What, StallTimeout, cancellationToken).ConfigureAwait(false));
            }
            catch (Exception cut) when (cut is IOException or HttpRequestException or TimeoutException)
            {
                if (attempt >= _settings.Retries)
                    throw ResponseErrors.From(cut, request.What, Registry);
            }
            await PauseAsync(attempt, request.What, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Waits before the next attempt.</summary>
    public Task PauseAsync(int attempt, string what, CancellationToken cancellationToken) => PauseAsync(attempt, what, null, cancellationToken);

    /// <summary>Waits before the next attempt, as long as the registry asked for.</summary>
    /// <exception cref="RegistryException">It asks for more patience than is had.</exception>
    public Task PauseAsync(int attempt, string what, RetryConditionHeaderValue? asked, CancellationToken cancellationToken) => _backoff.WaitAsync(attempt, asked, what, cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        _connections.Dispose();
        _authenticator.Dispose();
        _probe.Dispose();
        Transfers.Dispose();
    }

    private async Task<HttpResponseMessage> SendAuthorizedAsync(RegistryRequest request, CancellationToken cancellationToken)
    {
        Uri address = await AddressAsync(cancellationToken).ConfigureAwait(false);
        Uri target = request.Address ?? new Uri(address, "/v2/" + request.Path);
        AuthenticationHeaderValue? header = await _authenticator.HeaderAsync(request, _connections, address, cancellationToken).ConfigureAwait(false);
        // The first answer is to a challenge that was not known, or to a token that ended; the second to a scope that was too narrow.
        for (int round = 0; ; round++)
        {
            HttpResponseMessage response = await FollowAsync(request, target, address, header, cancellationToken).ConfigureAwait(false);
            if (response.StatusCode != HttpStatusCode.Unauthorized || round == 2 || !SameOrigin(response.RequestMessage!.RequestUri!, address))
                return response;
            AuthenticationHeaderValue? answer = await _authenticator.AnswerAsync(response, request, header, _connections, address, cancellationToken).ConfigureAwait(false);
            if (answer is null)
                return response;
            response.Dispose();
            header = answer;
        }
    }

    private async Task<HttpResponseMessage> FollowAsync(RegistryRequest request, Uri target, Uri address, AuthenticationHeaderValue? header, CancellationToken cancellationToken)
    {
        HashSet<Uri> visited = [];
        while (true)
        {
            if (!visited.Add(target) || visited.Count > MaximumRedirects)
                throw new RegistryException(RegistryErrorKind.InvalidContent, $"{request.What}: {Registry} redirects in a circle or more than {MaximumRedirects} times: its proxy or storage is misconfigured");
            HttpResponseMessage response = await SendOnceAsync(request, target, address, header, cancellationToken).ConfigureAwait(false);
            int status = (int)response.StatusCode;
            bool reads = request.Method == HttpMethod.Get || request.Method == HttpMethod.Head;
            if (response.Headers.Location is not { } location || !(status is 307 or 308 || (reads && status is 301 or 302 or 303)))
                return response;
            response.Dispose();
            Uri next = new(target, location);
            if (next.Scheme is not ("http" or "https") || (next.Scheme == "http" && target.Scheme == "https"))
                throw new RegistryException(RegistryErrorKind.InvalidContent, $"{request.What}: {Registry} redirects to {Printable.Excerpt(next.Scheme, 20)} without TLS, which is not followed");
            target = next;
        }
    }

    private async Task<HttpResponseMessage> SendOnceAsync(RegistryRequest request, Uri target, Uri address, AuthenticationHeaderValue? header, CancellationToken cancellationToken)
    {
        bool own = SameOrigin(target, address);
        using CancellationTokenSource stall = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using HttpRequestMessage message = new(request.Method, target);
        message.Headers.Authorization = own ? header : null;
        foreach (string accept in request.Accept)
            message.Headers.TryAddWithoutValidation("Accept", accept);
        if (request.From > 0)
            message.Headers.TryAddWithoutValidation("Range", string.Create(CultureInfo.InvariantCulture, $"bytes={request.From}-"));
        stall.CancelAfter(StallTimeout);
        try
        {
            if (request.Content is not null)
                message.Content = await request.Content(() => stall.CancelAfter(StallTimeout), cancellationToken).ConfigureAwait(false);
            return await (own ? _connections.Own : _connections.Foreign).SendAsync(message, HttpCompletionOption.ResponseHeadersRead, stall.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"no answer came for {StallTimeout.TotalSeconds} seconds");
        }
    }
}
