using System.Globalization;
using System.Text.Json;

namespace Sampan.Registry;

/// <summary>A repository that a search found.</summary>
/// <param name="Name">Its name, with the registry.</param>
/// <param name="Description">What it says of itself; text of strangers, or empty.</param>
/// <param name="Stars">How many people like it; 0 where the registry does not count.</param>
/// <param name="Official">Whether the registry's owner vouches for it.</param>
/// <param name="Automated">Whether the registry builds it by itself.</param>
public sealed record SearchResult(string Name, string Description, int Stars, bool Official, bool Automated);

/// <content>Search (Docker Registry HTTP API V1, Search, which Docker Hub and some others still have; elsewhere the catalog).</content>
public sealed partial class RegistryClient
{
    /// <summary>Searches a registry: by its own search where it has one, as Docker Hub has, else by the names in its catalog.</summary>
    /// <param name="registry">The registry.</param>
    /// <param name="term">What the name, or in a registry's own search also the description, contains.</param>
    /// <param name="limit">The most results, 1 to 100.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="RegistryException">The registry cannot be searched or did not answer.</exception>
    public async Task<IReadOnlyList<SearchResult>> SearchAsync(string registry, string term, int limit = 25, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, 100);
        if (registry == ImageReference.DefaultRegistry)
            return await SearchIndexAsync(registry, "index.docker.io", term, limit, cancellationToken).ConfigureAwait(false);
        try
        {
            return await SearchIndexAsync(registry, Checked(registry), term, limit, cancellationToken).ConfigureAwait(false);
        }
        catch (RegistryException without) when (without.Kind == RegistryErrorKind.InvalidContent || (without.Status is not null && without.Kind != RegistryErrorKind.Unavailable))
        {
            // It has no search of its own.
        }
        List<SearchResult> found = [];
        await foreach (string name in CatalogAsync(registry, cancellationToken).ConfigureAwait(false))
        {
            if (name.Contains(term, StringComparison.OrdinalIgnoreCase))
                found.Add(new SearchResult($"{registry}/{name}", "", 0, false, false));
            if (found.Count == limit)
                break;
        }
        return found;
    }

    private async Task<IReadOnlyList<SearchResult>> SearchIndexAsync(string registry, string server, string term, int limit, CancellationToken cancellationToken)
    {
        // It lies beside /v2/, below which a path is taken.
        RegistryRequest request = new(HttpMethod.Get, $"a search on {registry}") { Path = string.Create(CultureInfo.InvariantCulture, $"../v1/search?q={Uri.EscapeDataString(term)}&n={limit}") };
        (_, byte[] body) = await Endpoint(server).SendWholeAsync(request, MaximumPage, cancellationToken).ConfigureAwait(false);
        return ReadSearch(body, registry, request.What);
    }

    private static IReadOnlyList<SearchResult> ReadSearch(byte[] body, string registry, string what)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            bool Is(JsonElement result, string name) => result.TryGetProperty(name, out JsonElement flag) && flag.ValueKind == JsonValueKind.True;
            return
            [
                .. document.RootElement.GetProperty("results").EnumerateArray().Select(r => new SearchResult(
                    $"{registry}/{r.GetProperty("name").GetString()}",
                    r.TryGetProperty("description", out JsonElement description) ? description.GetString() ?? "" : "",
                    r.TryGetProperty("star_count", out JsonElement stars) ? stars.GetInt32() : 0,
                    Is(r, "is_official"),
                    Is(r, "is_automated"))),
            ];
        }
        catch (Exception malformed) when (malformed is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new RegistryException(RegistryErrorKind.InvalidContent, $"{what}: the answer is not a list of results", malformed);
        }
    }
}
