using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Sampan.Registry;

/// <content>Tags, catalog (distribution-spec, Content Discovery; distribution's catalog).</content>
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
