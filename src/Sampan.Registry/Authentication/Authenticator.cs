using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Sampan.Registry;

/// <summary>
/// Proves to one registry who its user is. It learns from the registry's challenge how that is done, and answers later requests before they are
/// challenged. Tokens are kept by scope until shortly before they end; one that the registry refuses is fetched anew once.
/// </summary>
internal sealed class Authenticator(string registry, RegistrySettings settings, TimeProvider time, Func<string?, CancellationToken, Task<Credential?>> find) : IDisposable
{
    private const int MaximumToken = 1 << 20;
    private static readonly TimeSpan DefaultLife = TimeSpan.FromSeconds(60);
    private readonly SemaphoreSlim _gate = new(1);
    private readonly Dictionary<string, (string Token, DateTimeOffset End)> _tokens = [];
    private AuthenticationChallenge? _challenge;

    /// <summary>Whether a login shall ask for an identity token in place of the password; what the server gave is in <see cref="Offered"/>.</summary>
    public bool AskIdentity { get; init; }

    /// <summary>The identity token that the token server gave, or null.</summary>
    public string? Offered { get; private set; }

    /// <summary>The header that a request is sent with before anybody asks; null while no challenge is known.</summary>
    public Task<AuthenticationHeaderValue?> HeaderAsync(RegistryRequest request, RegistryConnections connections, Uri registryAddress, CancellationToken cancellationToken) =>
        _challenge is { } challenge ? MakeAsync(challenge, request, null, connections, registryAddress, cancellationToken) : Task.FromResult<AuthenticationHeaderValue?>(null);

    /// <summary>The header that answers a challenge; null when there is none that was not refused already.</summary>
    public async Task<AuthenticationHeaderValue?> AnswerAsync(HttpResponseMessage response, RegistryRequest request, AuthenticationHeaderValue? refused, RegistryConnections connections, Uri registryAddress, CancellationToken cancellationToken)
    {
        IReadOnlyList<AuthenticationChallenge> challenges = AuthenticationChallenge.Parse(response.Headers.NonValidated.TryGetValues("WWW-Authenticate", out HeaderStringValues values) ? values : []);
        AuthenticationChallenge? challenge = challenges.FirstOrDefault(c => c.Scheme == "bearer" && c.Parameters.ContainsKey("realm")) ?? challenges.FirstOrDefault(c => c.Scheme == "basic");
        if (challenge is null)
            return null;
        _challenge = challenge;
        AuthenticationHeaderValue? answer = await MakeAsync(challenge, request, refused?.Parameter, connections, registryAddress, cancellationToken).ConfigureAwait(false);
        return answer?.Scheme == "Basic" && answer.Equals(refused) ? null : answer;
    }

    public void Dispose() => _gate.Dispose();

    private async Task<AuthenticationHeaderValue?> MakeAsync(AuthenticationChallenge challenge, RegistryRequest request, string? refused, RegistryConnections connections, Uri registryAddress, CancellationToken cancellationToken)
    {
        if (challenge.Scheme == "basic")
            return await find(request.Repository, cancellationToken).ConfigureAwait(false) is { IdentityToken: null } credential ? Basic(credential) : null;
        string scopes = Join(request.Scope, challenge.Parameters.GetValueOrDefault("scope"), refused is not null);
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_tokens.TryGetValue(scopes, out (string Token, DateTimeOffset End) kept) && kept.End > time.GetUtcNow() && kept.Token != refused)
                return new AuthenticationHeaderValue("Bearer", kept.Token);
            (string token, TimeSpan life) = await FetchAsync(challenge, scopes, request, connections, registryAddress, cancellationToken).ConfigureAwait(false);
            _tokens[scopes] = (token, time.GetUtcNow() + life * 0.9);
            return new AuthenticationHeaderValue("Bearer", token);
        }
        finally
        {
            _gate.Release();
        }
    }

    // What the registry asks for beyond the request's own scope counts only where it refused a token for that: its challenge may be for another request.
    private static string Join(string? own, string? asked, bool both)
    {
        string[] scopes = own is null ? [] : own.Split(' ');
        if (asked is not null && (both || own is null))
            scopes = [.. scopes, .. asked.Split(' ', StringSplitOptions.RemoveEmptyEntries)];
        return string.Join(' ', scopes.Distinct().Order(StringComparer.Ordinal));
    }

    private static AuthenticationHeaderValue Basic(Credential credential) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credential.UserName}:{credential.Password}")));

    private async Task<(string Token, TimeSpan Life)> FetchAsync(AuthenticationChallenge challenge, string scopes, RegistryRequest request, RegistryConnections connections, Uri registryAddress, CancellationToken cancellationToken)
    {
        string what = $"a token for {registry}";
        if (!Uri.TryCreate(registryAddress, challenge.Parameters["realm"], out Uri? realm) || realm.Scheme is not ("http" or "https"))
            throw new RegistryException(RegistryErrorKind.InvalidContent, $"{what}: the realm that the registry names for it is not a web address");
        Credential? credential = await find(request.Repository, cancellationToken).ConfigureAwait(false);
        if (credential is not null && realm.Scheme == "http" && registryAddress.Scheme == "https")
            throw new RegistryException(RegistryErrorKind.Unauthorized, $"{what}: the token server {realm.Authority} has no TLS where the registry has, so that the credential is not sent there: log out to go on as nobody");
        HttpClient client = RegistryEndpoint.SameOrigin(realm, registryAddress) ? connections.Own : connections.Foreign;
        string service = challenge.Parameters.GetValueOrDefault("service", "");
        Backoff backoff = new(settings, time);
        for (int attempt = 0; ; attempt++)
        {
            HttpResponseMessage? response = null;
            try
            {
                using HttpRequestMessage message = credential?.IdentityToken is { } identity ? Exchange(realm, service, scopes, identity) : Ask(realm, service, scopes, credential);
                response = await client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken).WaitAsync(settings.StallTimeout, cancellationToken).ConfigureAwait(false);
                if (response.IsSuccessStatusCode)
                    return Read(await ResponseErrors.ReadWholeAsync(response, MaximumToken, what, settings.StallTimeout, cancellationToken).ConfigureAwait(false), what);
                if (!Backoff.Passes(response.StatusCode) || attempt >= settings.Retries)
                    throw await RefusedAsync(response, what, realm, credential, cancellationToken).ConfigureAwait(false);
                await backoff.WaitAsync(attempt, response.Headers.RetryAfter, what, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception failure) when (failure is HttpRequestException or IOException or TimeoutException)
            {
                if (!Backoff.Passes(failure) || attempt >= settings.Retries)
                    throw ResponseErrors.From(failure, what, realm.Authority);
                await backoff.WaitAsync(attempt, null, what, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                response?.Dispose();
            }
        }
    }

    private async Task<RegistryException> RefusedAsync(HttpResponseMessage response, string what, Uri realm, Credential? credential, CancellationToken cancellationToken)
    {
        if (response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.BadRequest && credential is not null)
            return new RegistryException(RegistryErrorKind.Unauthorized, $"{what}: {realm.Authority} refuses the name and password or token that is kept for it: log in again with \"sampan login {registry}\"") { Status = response.StatusCode };
        return await ResponseErrors.FromAsync(response, what, realm.Authority, settings.StallTimeout, cancellationToken).ConfigureAwait(false);
    }

    // The token specification's GET (distribution, Token Authentication Specification).
    private HttpRequestMessage Ask(Uri realm, string service, string scopes, Credential? credential)
    {
        StringBuilder query = new(realm.Query.TrimStart('?'));
        void Add(string name, string value) => query.Append(query.Length == 0 ? "" : "&").Append(name).Append('=').Append(Uri.EscapeDataString(value));
        if (service.Length > 0)
            Add("service", service);
        foreach (string scope in scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            Add("scope", scope);
        if (credential is not null)
            Add("account", credential.UserName);
        if (AskIdentity)
        {
            Add("offline_token", "true");
            Add("client_id", "sampan");
        }
        HttpRequestMessage message = new(HttpMethod.Get, new UriBuilder(realm) { Query = query.ToString() }.Uri);
        message.Headers.Authorization = credential is null ? null : Basic(credential);
        return message;
    }

    // The exchange of an identity token (distribution, Docker Registry v2 authentication using OAuth2).
    private static HttpRequestMessage Exchange(Uri realm, string service, string scopes, string identity) => new(HttpMethod.Post, realm)
    {
        Content = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "refresh_token",
            ["service"] = service,
            ["client_id"] = "sampan",
            ["scope"] = scopes,
            ["refresh_token"] = identity,
        }),
    };

    private (string Token, TimeSpan Life) Read(byte[] body, string what)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            JsonElement root = document.RootElement;
            string? token = Member(root, "token") ?? Member(root, "access_token");
            Offered = Member(root, "refresh_token") ?? Offered;
            if (token is { Length: > 0 } && token.All(c => c is > ' ' and <= '~'))
            {
                TimeSpan life = root.TryGetProperty("expires_in", out JsonElement seconds) && seconds.TryGetInt32(out int given) && given > 0 ? TimeSpan.FromSeconds(given) : DefaultLife;
                return (token, life);
            }
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            // Said below, without the parser's words, which can hold a piece of the token.
        }
        throw new RegistryException(RegistryErrorKind.InvalidContent, $"{what}: the token server's answer holds no token");
    }

    private static string? Member(JsonElement root, string name) =>
        root.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;
}
