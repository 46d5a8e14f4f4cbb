using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Sampan.Registry;

/// <summary>A repository that a search found.</summary>
/// <param name="Name">Its name, with the registry.</param>
/// <param name="Description">What it says of itself; text of strangers, or empty.</param>
/// <param name="Stars">How many people like it; 0 where the registry does not count.</param>
/// <param name="Official">Whether the registry's owner vouches for it.</param>
public sealed record SearchResult(string Name, string Description, int Stars, bool Official);

/// <content>Tags, catalog, search (distribution-spec, Content Discovery; distribution's catalog; Docker Hub's search).</content>
public sealed partial class RegistryClient
{
    private const int PageSize = 1000;
    private const int MaximumPage = 16 << 20;
    private const int MaximumPages = 10_000;

    /// <summary>The tags of a repository, in the registry's order, page by page.</summary>
    /// <param name="reference">Any reference to the repository.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="RegistryException">The registry does not have the repository or did not answer.</exception>
    public IAsyncEnumerable<string> TagsAsync(ImageReference reference, CancellationToken cancellationToken = default) => NamesAsync(
        Endpoint(reference.Registry),
        new RegistryRequest(HttpMethod.Get, $"the tags of {reference.Name}") { Path = $"{reference.Repository}/tags/list?n={PageSize}", Repository = reference.Repository },
        "tags", cancellationToken);

    /// <summary>The repositories of a registry, where it tells them (Docker Hub and most public ones do not).</summary>
    /// <exception cref="RegistryException">The registry does not tell or did not answer.</exception>
    public IAsyncEnumerable<string> CatalogAsync(string registry, CancellationToken cancellationToken = default) => NamesAsync(
        Endpoint(Checked(registry)),
        new RegistryRequest(HttpMethod.Get, $"the repositories of {registry}") { Path = $"_catalog?n={PageSize}", Scope = "registry:catalog:*" },
        "repositories", cancellationToken);

    /// <summary>Searches a registry: Docker Hub by its own search, any other by the names in its catalog.</summary>
    /// <param name="registry">The registry.</param>
    /// <param name="term">What the name, or on Docker Hub also the description, contains.</param>
    /// <param name="limit">The most results, 1 to 100.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="RegistryException">The registry cannot be searched or did not answer.</exception>
    public async Task<IReadOnlyList<SearchResult>> SearchAsync(string registry, string term, int limit = 25, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, 100);
        if (registry == ImageReference.DefaultRegistry)
            return await SearchHubAsync(term, limit, cancellationToken).ConfigureAwait(false);
        List<SearchResult> found = [];
        await foreach (string name in CatalogAsync(registry, cancellationToken).ConfigureAwait(false))
        {
            if (name.Contains(term, StringComparison.OrdinalIgnoreCase))
                found.Add(new SearchResult($"{registry}/{name}", "", 0, false));
            if (found.Count == limit)
                break;
        }
        return found;
    }

    private async Task<IReadOnlyList<SearchResult>> SearchHubAsync(string term, int limit, CancellationToken cancellationToken)
    {
        RegistryRequest request = new(HttpMethod.Get, "a search on Docker Hub")
        {
            Address = new Uri(string.Create(CultureInfo.InvariantCulture, $"https://index.docker.io/v1/search?q={Uri.EscapeDataString(term)}&n={limit}")),
        };
        (_, byte[] body) = await Endpoint("index.docker.io").SendWholeAsync(request, MaximumPage, cancellationToken).ConfigureAwait(false);
        return ReadSearch(body);
    }

    /// <summary>Reads Docker Hub's answer to a search.</summary>
    /// <exception cref="RegistryException">It is none.</exception>
    private static IReadOnlyList<SearchResult> ReadSearch(byte[] body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            return
            [
                .. document.RootElement.GetProperty("results").EnumerateArray().Select(r => new SearchResult(
                    $"{ImageReference.DefaultRegistry}/{r.GetProperty("name").GetString()}",
                    r.TryGetProperty("description", out JsonElement description) ? description.GetString() ?? "" : "",
                    r.TryGetProperty("star_count", out JsonElement stars) ? stars.GetInt32() : 0,
                    r.TryGetProperty("is_official", out JsonElement official) && official.GetBoolean())),
            ];
        }
        catch (Exception malformed) when (malformed is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new RegistryException(RegistryErrorKind.InvalidContent, "a search on Docker Hub: the answer is not a list of results", malformed);
        }
    }

    private static async IAsyncEnumerable<string> NamesAsync(RegistryEndpoint endpoint, RegistryRequest request, string member, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (byte[] body in PagesAsync(endpoint, request, cancellationToken).ConfigureAwait(false))
        {
            foreach (string name in ReadNames(body, member, request.What))
                yield return name;
        }
    }

    private static List<string> ReadNames(byte[] body, string member, string what)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            JsonElement names = document.RootElement.GetProperty(member);
            // A repository whose tags were all deleted has null there.
            return names.ValueKind == JsonValueKind.Null ? [] : [.. names.EnumerateArray().Select(n => n.GetString() ?? "").Where(n => n.Length > 0)];
        }
        catch (Exception malformed) when (malformed is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new RegistryException(RegistryErrorKind.InvalidContent, $"{what}: the answer is not a list of names", malformed);
        }
    }

    /// <summary>The pages of a list: each names the next in a Link header (RFC 8288).</summary>
    private static async IAsyncEnumerable<byte[]> PagesAsync(RegistryEndpoint endpoint, RegistryRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        HashSet<Uri> seen = [];
        for (Uri? next = request.Address; ;)
        {
            (HttpResponseMessage response, byte[] body) = await endpoint.SendWholeAsync(request with { Address = next }, MaximumPage, cancellationToken).ConfigureAwait(false);
            Uri here = response.RequestMessage!.RequestUri!;
            yield return body;
            next = NextPage(response, here);
            if (next is null)
                yield break;
            if (!RegistryEndpoint.SameOrigin(next, here) || !seen.Add(next) || seen.Count > MaximumPages)
                throw new RegistryException(RegistryErrorKind.InvalidContent, $"{request.What}: the registry's pages lead in a circle, to another host, or on for more than {MaximumPages}");
        }
    }

    private static Uri? NextPage(HttpResponseMessage response, Uri here)
    {
        if (!response.Headers.TryGetValues("Link", out IEnumerable<string>? links))
            return null;
        foreach (string link in links.SelectMany(l => l.Split(',')))
        {
            int open = link.IndexOf('<', StringComparison.Ordinal), close = link.IndexOf('>', StringComparison.Ordinal);
            if (open < 0 || close < open || !link[close..].Replace("\"", "", StringComparison.Ordinal).Contains("rel=next", StringComparison.OrdinalIgnoreCase))
                continue;
            return Uri.TryCreate(here, link[(open + 1)..close], out Uri? next) ? next : null;
        }
        return null;
    }
}
