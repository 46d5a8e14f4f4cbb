using System.CommandLine;
using Sampan.Command.CommandLine;
using Sampan.Registry;

namespace Sampan.Command.Commands.Registries;

/// <summary><c>sampan search</c>.</summary>
internal static class SearchCommand
{
    private static readonly Option<int> s_limit = new("--limit") { Description = "the most results of each registry, 1 to 100 (25)", HelpName = "N", DefaultValueFactory = static _ => 25 };
    private static readonly Option<bool> s_whole = new("--no-trunc") { Description = "do not shorten descriptions" };
    private static readonly Option<string[]> s_filters = new("--filter", "-f") { Description = "stars=N, is-official=true|false, is-automated=true|false", HelpName = "FILTER" };
    private static readonly Option<string?> s_format = new("--format") { Description = "json in place of a table", HelpName = "FORMAT" };
    private static readonly Option<bool> s_tags = new("--list-tags") { Description = "the tags of the repository TERM" };
    private static readonly Option<string?> s_authFile = LoginCommand.AuthFile();
    private static readonly Argument<string> s_term = new("TERM");

    public static System.CommandLine.Command Create()
    {
        var command = new System.CommandLine.Command("search", "Look for images in registries") { s_limit, s_whole, s_filters, s_format, s_tags, s_authFile, s_term };
        command.SetAction(static parsed => Interrupt.Run(token => RunAsync(parsed, token)));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        int limit = parsed.GetValue(s_limit);
        if (limit is < 1 or > 100)
            throw new CommandLineException($"--limit {limit}: it must be from 1 to 100");
        bool isJson = parsed.GetValue(s_format) switch
        {
            null => false,
            "json" => true,
            string other => throw new CommandLineException($"--format \"{Oci.Printable.Escape(other)}\" is not json, which is the only one"),
        };
        SearchFilter filter = SearchFilter.Parse(parsed.GetValue(s_filters) ?? []);
        using RegistryClient client = GlobalOptions.Registries(parsed, parsed.GetValue(s_authFile));
        string term = parsed.GetValue(s_term)!;
        if (parsed.GetValue(s_tags))
        {
            if (filter.IsSet)
                throw new CommandLineException("--filter is for repositories; --list-tags lists the tags of one");
            ImageReference repository = ShortNames.Candidates(term, client.SearchRegistries)[0];
            Output.Write(SearchReport.Tags(repository.Name, await TagsAsync(client, repository, limit, cancellationToken).ConfigureAwait(false), isJson));
            return 0;
        }
        IReadOnlyList<SearchResult> found = await FindAsync(client, term, limit, cancellationToken).ConfigureAwait(false);
        Output.Write(SearchReport.Results([.. found.Where(filter.Matches)], parsed.GetValue(s_whole), isJson));
        return 0;
    }

    private static async Task<IReadOnlyList<SearchResult>> FindAsync(RegistryClient client, string term, int limit, CancellationToken cancellationToken)
    {
        if (ImageReference.HasRegistry(term))
        {
            int slash = term.IndexOf('/', StringComparison.Ordinal);
            return await client.SearchAsync(term[..slash], term[(slash + 1)..], limit, cancellationToken).ConfigureAwait(false);
        }
        var found = new List<SearchResult>();
        int failed = 0;
        foreach (string registry in client.SearchRegistries)
        {
            try
            {
                found.AddRange(await client.SearchAsync(registry, term, limit, cancellationToken).ConfigureAwait(false));
            }
            catch (RegistryException failure) when (++failed < client.SearchRegistries.Count)
            {
                Output.Warning(failure.Message); // the others may answer
            }
        }
        return found;
    }

    private static async Task<List<string>> TagsAsync(RegistryClient client, ImageReference repository, int limit, CancellationToken cancellationToken)
    {
        var tags = new List<string>();
        await foreach (string tag in client.TagsAsync(repository, cancellationToken).ConfigureAwait(false))
        {
            tags.Add(tag);
            if (tags.Count == limit)
                break;
        }
        return tags;
    }
}
