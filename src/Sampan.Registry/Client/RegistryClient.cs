using System.Collections.Concurrent;

namespace Sampan.Registry;

/// <summary>
/// A client of registries by the OCI distribution specification 1.1, which Docker's are too. One client serves all registries and any number of
/// requests at once; it keeps connections and tokens until it is disposed. What it gives out was verified: a manifest's bytes before they are
/// returned, a blob's while they are read (<see cref="BlobStream"/>). A request that failed for a passing reason is made again
/// (<see cref="RegistrySettings.Retries"/>); a failure that stays is a <see cref="RegistryException"/>.
/// </summary>
public sealed partial class RegistryClient : IDisposable
{
    private readonly RegistrySettings _settings;
    private readonly CredentialStore _credentials;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, Lazy<RegistryEndpoint>> _endpoints = [];

    /// <summary>Makes a client. It connects to nothing yet.</summary>
    /// <param name="settings">How registries are reached.</param>
    /// <param name="credentials">Whose credentials are used.</param>
    /// <param name="time">The clock of pauses and of tokens' lives; null is the system's.</param>
    public RegistryClient(RegistrySettings settings, CredentialStore credentials, TimeProvider? time = null) =>
        (_settings, _credentials, _time) = (settings, credentials, time ?? TimeProvider.System);

    /// <summary>The registries of a command that names none: the search list, else Docker Hub alone.</summary>
    public IReadOnlyList<string> SearchRegistries => _settings.SearchRegistries.Count > 0 ? _settings.SearchRegistries : [ImageReference.DefaultRegistry];

    /// <summary>Asks whether a registry is there and lets this user in.</summary>
    /// <param name="registry">The registry, <c>HOST[:PORT]</c>.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="RegistryException">It is not, or does not.</exception>
    public async Task PingAsync(string registry, CancellationToken cancellationToken = default) =>
        (await Endpoint(Checked(registry)).SendAsync(new RegistryRequest(HttpMethod.Get, $"the registry {registry}"), cancellationToken).ConfigureAwait(false)).Dispose();

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (string key in _endpoints.Keys)
            Drop(key);
    }

    private static string Checked(string registry) => registry.Length > 0 && ImageReference.RegistryProblem(registry) is null
        ? registry
        : throw new RegistryException(RegistryErrorKind.InvalidArgument, $"\"{Oci.Printable.Excerpt(registry, 60)}\" is not a registry: write HOST or HOST:PORT");

    private RegistryEndpoint Endpoint(string registry, string prefix = "") => _endpoints.GetOrAdd(prefix.Length == 0 ? registry : $"{registry}/{prefix}", _ => new Lazy<RegistryEndpoint>(() =>
        new RegistryEndpoint(registry, prefix, _settings, _time, (repository, token) => _credentials.FindAsync(registry, repository, token)))).Value;

    /// <summary>Where to read from: the mirrors in their order, then the registry itself.</summary>
    private List<RegistryEndpoint> Sources(string registry)
    {
        RegistryEndpoint own = Endpoint(registry);
        List<RegistryEndpoint> sources = [];
        foreach (string mirror in own.Mirrors)
        {
            int slash = mirror.IndexOf('/', StringComparison.Ordinal);
            sources.Add(slash < 0 ? Endpoint(Checked(mirror)) : Endpoint(Checked(mirror[..slash]), mirror[(slash + 1)..].Trim('/') + "/"));
        }
        sources.Add(own);
        return sources;
    }

    /// <summary>Reads from the first source that has it; what the last one says is the error.</summary>
    private async Task<T> ReadAsync<T>(string registry, Func<RegistryEndpoint, Task<T>> read)
    {
        List<RegistryEndpoint> sources = Sources(registry);
        for (int i = 0; i < sources.Count - 1; i++)
        {
            try
            {
                return await read(sources[i]).ConfigureAwait(false);
            }
            catch (RegistryException)
            {
                // A mirror is a convenience: whatever is wrong with it, the registry itself decides.
            }
        }
        return await read(sources[^1]).ConfigureAwait(false);
    }

    /// <summary>Lets go of the endpoints of a registry, also of those that it has as a mirror with a path: their tokens and their credential are out of date.</summary>
    private void Forget(string registry)
    {
        foreach (string key in _endpoints.Keys.Where(key => key == registry || key.StartsWith(registry + "/", StringComparison.Ordinal)))
            Drop(key);
    }

    private void Drop(string key)
    {
        if (_endpoints.TryRemove(key, out Lazy<RegistryEndpoint>? endpoint) && endpoint.IsValueCreated)
            endpoint.Value.Dispose();
    }
}
