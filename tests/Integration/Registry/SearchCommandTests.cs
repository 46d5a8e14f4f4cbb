using System.Text.Json;
using Sampan.Registry;
using Sampan.Tests.Integration.Engine;

namespace Sampan.Tests.Integration.Registry;

/// <summary><c>sampan search</c> against Debian's registry, which has a catalog, and against one with a search of its own.</summary>
public sealed class SearchCommandTests : IDisposable
{
    private const string Answer = """
        {"num_results":3,"results":[
        {"name":"debian","description":"Debian is a Linux distribution that is composed entirely of free software","star_count":5000,"is_official":true},
        {"name":"me/debian","description":"mine","star_count":2,"is_official":false,"is_automated":true},
        {"name":"bad/debian","description":"\u001b[2Jgone","star_count":0}]}
        """;

    private readonly RegistrySandbox _sandbox = new();
    private readonly SampanCommand _sampan = new();

    public void Dispose()
    {
        _sampan.Dispose();
        _sandbox.Dispose();
    }

    [Fact]
    public async Task A_registry_without_a_search_is_searched_by_its_catalog()
    {
        using DebianRegistry registry = DebianRegistry.Start();
        foreach (string name in (string[])["team/app:1", "team/app:2", "team/other:1"])
            await RegistrySandbox.PushAsync(_sandbox.Client(), ImageReference.Parse($"{registry.Name}/{name}"), [1]);
        string[] lines = _sampan.Must("search", $"{registry.Name}/APP").Split('\n');
        Assert.Equal(2, lines.Length);
        Assert.StartsWith("NAME ", lines[0]);
        Assert.StartsWith($"{registry.Name}/team/app ", lines[1]);
        string[] tags = _sampan.Must("search", "--list-tags", $"{registry.Name}/team/app").Split('\n');
        Assert.Equal([$"{registry.Name}/team/app   1", $"{registry.Name}/team/app   2"], tags[1..].Order(StringComparer.Ordinal)); // the order is the registry's, which sorts nothing
        Assert.Equal(2, _sampan.Must("search", "--list-tags", "--limit", "1", $"{registry.Name}/team/app").Split('\n').Length);
    }

    [Fact]
    public void A_registrys_own_search_is_asked_and_strangers_words_cannot_move_the_cursor()
    {
        using FaultyProxy server = Server();
        string[] lines = _sampan.Must("search", $"{server.Name}/debian").Split('\n');
        Assert.Matches(@"^NAME +DESCRIPTION +STARS +OFFICIAL$", lines[0]);
        Assert.Matches(@"/debian +Debian is a Linux distribution that is compo… +5000 +\[OK\]$", lines[1]);
        Assert.Equal(4, lines.Length);
        Assert.DoesNotContain('\u001b', string.Concat(lines));
        Assert.Contains("free software", _sampan.Must("search", "--no-trunc", $"{server.Name}/debian"));
        _ = _sampan.Must("search", "--limit", "7", $"{server.Name}/debian");
        Assert.Contains(server.Seen, static request => request.Path == "/v1/search?q=debian&n=7");
    }

    [Theory]
    [InlineData(1, "--filter", "stars=100")]
    [InlineData(1, "--filter", "is-official=true")]
    [InlineData(2, "--filter", "is-official=false")]
    [InlineData(1, "--filter", "is-automated=true", "-f", "stars=1")]
    public void Filters_all_hold(int expected, params string[] filters)
    {
        using FaultyProxy server = Server();
        using JsonDocument found = JsonDocument.Parse(_sampan.Must(["search", "--format", "json", .. filters, $"{server.Name}/debian"]));
        Assert.Equal(expected, found.RootElement.GetArrayLength());
    }

    [Fact]
    public void A_term_without_a_registry_is_looked_for_in_each_of_the_search_list()
    {
        using FaultyProxy server = Server();
        string settings = Path.Combine(_sampan.Root, "sampan.toml");
        File.WriteAllText(settings, $"[registries]\nretries = 0\nsearch = [\"127.0.0.1:{DebianRegistry.FreePort()}\", \"{server.Name}\"]\n");
        CommandResult result = _sampan.Run("--config", settings, "search", "debian");
        Assert.Equal(0, result.ExitCode);
        Assert.Contains($"{server.Name}/me/debian", result.Output);
        Assert.Contains("warning: a search on 127.0.0.1", result.Error);
    }

    [Theory]
    [InlineData("from 1 to 100", "--limit", "101")]
    [InlineData("there is no filter", "--filter", "color=red")]
    [InlineData("write a number", "--filter", "stars=many")]
    [InlineData("only one", "--format", "yaml")]
    public void A_wrong_command_line_ends_with_125(string expected, params string[] words)
    {
        CommandResult result = _sampan.Run(["search", .. words, "r.example/x"]);
        Assert.Equal(125, result.ExitCode);
        Assert.Contains(expected, result.Error);
    }

    private static FaultyProxy Server() => new(null) { Decide = static request => request.Path.StartsWith("/v1/search", StringComparison.Ordinal) ? new Fault.Answer(Answer) : new Fault.Status(404) };
}
