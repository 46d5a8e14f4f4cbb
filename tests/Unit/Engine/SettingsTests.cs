using System.Text.RegularExpressions;
using Sampan.Engine;
using Sampan.Engine.Settings;
using Sampan.Registry;

namespace Sampan.Tests.Unit.Engine;

/// <summary>The settings file: what docs/settings.md says, and the sentence for each mistake.</summary>
public sealed partial class SettingsTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("sampan-settings-").FullName;

    private string FilePath => Path.Combine(_directory, "sampan.toml");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void The_example_of_the_page_is_read_whole()
    {
        RegistrySettings settings = Read(Example().Match(File.ReadAllText(Path.Combine(Root(), "docs/settings.md"))).Groups[1].Value);
        Assert.Equal(["registry.lan:5000", "docker.io"], settings.SearchRegistries);
        Assert.Equal((5, 8, 64L << 20), (settings.Retries, settings.ParallelTransfers, settings.ChunkSize));
        Assert.Equal((0.5, 60.0, 30.0), (settings.RetryPause.TotalSeconds, settings.MaximumRetryAfter.TotalSeconds, settings.StallTimeout.TotalSeconds));
        RegistryHostSettings own = settings.Hosts["registry.lan:5000"];
        Assert.Equal([Path.Combine(_directory, "lan-ca.pem")], own.CertificateAuthorities);
        Assert.Equal((Path.Combine(_directory, "client.pem"), Path.Combine(_directory, "client.key")), (own.ClientCertificate, own.ClientKey));
        Assert.Equal(PlainHttp.Allowed, settings.Hosts["old.lan:5000"].PlainHttp);
        Assert.Equal(["mirror.lan:5000/hub"], settings.Hosts["docker.io"].Mirrors);
        Assert.Equal(new Uri("http://proxy.lan:3128"), settings.Proxy.GetProxy(new Uri("https://quay.io/v2/")));
        Assert.Null(settings.Proxy.GetProxy(new Uri("https://r.lan/v2/")));
        Assert.Null(settings.Proxy.GetProxy(new Uri("https://10.1.2.3/v2/")));
    }

    /// <summary>The page shows every key that the reader takes.</summary>
    [Fact]
    public void Every_key_is_on_the_page()
    {
        string page = File.ReadAllText(Path.Combine(Root(), "docs/settings.md"));
        string[] keys = [.. KeyCase().Matches(File.ReadAllText(Path.Combine(Root(), "src/Sampan.Engine/Settings/RegistrySection.cs"))).Select(static match => match.Groups[1].Value)];
        Assert.True(keys.Length > 15);
        Assert.DoesNotContain(keys, key => !page.Contains($"\n{key} = ", StringComparison.Ordinal));
    }

    [Fact]
    public void An_empty_file_and_none_are_what_holds_anyway()
    {
        Assert.Equal(5, Read("").Retries);
        Assert.Equal(5, SettingsFile.ReadRegistries(null).Retries);
    }

    [Fact]
    public void Tables_dotted_keys_and_inline_tables_are_the_same()
    {
        foreach (string form in (string[])["[registries.host.\"r.lan\"]\nskip-certificate-check = true", "registries.host.\"r.lan\".skip-certificate-check = true", "[registries]\nhost = {\"r.lan\" = {skip-certificate-check = true}}"])
            Assert.True(Read(form).Hosts["r.lan"].SkipCertificateCheck);
    }

    [Theory]
    [InlineData("\n[registries]\nserch = []", ":3: there is no setting registries.serch; [registries] has search")]
    [InlineData("[registry]\nsearch = []", ":2: there is no setting registry.search")]
    [InlineData("[registries.host.\"r.lan\"]\nmirror = []", ":2: there is no setting registries.host.\"r.lan\".mirror; [registries.host.\"HOST\"] has")]
    [InlineData("[registries.proxy]\nftp = \"x\"", ":2: there is no setting registries.proxy.ftp; [registries.proxy] has")]
    [InlineData("registries = 1", ":1: there is no setting registries; ")]
    [InlineData("[registries]\nsearch = \"docker.io\"", ":2: registries.search must be a list of texts in quotes, and is \"docker.io\"")]
    [InlineData("[registries]\nsearch = [1]", ":2: registries.search must be a list of texts")]
    [InlineData("[registries]\nsearch = [\"https://r.io\"]", ":2: registries.search: \"https://r.io\" is not a registry")]
    [InlineData("[registries]\nsearch = [\"quay\"]", "\"quay\" is not a registry")]
    [InlineData("[registries]\nretries = \"5\"", ":2: registries.retries must be a whole number from 0 to 100, and is \"5\"")]
    [InlineData("[registries]\nretries = -1", "must be a whole number from 0 to 100, and is -1")]
    [InlineData("[registries]\nstall-timeout = nan", "must be a number of seconds from 1 to 3600")]
    [InlineData("[registries.host.\"r.lan\"]\nplain-http = true", "must be \"loopback\", \"allowed\", \"always\" or \"never\", and is true")]
    [InlineData("[registries.host.\"r.lan\"]\nskip-certificate-check = 1", "must be true or false")]
    [InlineData("[registries.host.\"http://r.lan\"]\nca = []", "\"http://r.lan\" is not a registry")]
    [InlineData("[[registries]]\nsearch = []", ":1: [[registries]] is a list of tables")]
    [InlineData("a = \n", ":1: ")]
    [InlineData("[registries]\nretries = 1\nretries = 2", ":3: ")]
    public void A_mistake_is_one_sentence_with_file_line_and_key(string text, string expected)
    {
        EngineException mistake = Assert.Throws<EngineException>(() => Read(text));
        Assert.Equal(ErrorKind.InvalidArgument, mistake.Kind);
        Assert.StartsWith(FilePath, mistake.Message);
        Assert.Contains(expected, mistake.Message);
        Assert.DoesNotContain('\n', mistake.Message);
    }

    [Fact]
    public void A_wrong_proxy_is_not_repeated_for_it_may_hold_a_password()
    {
        EngineException mistake = Assert.Throws<EngineException>(() => Read("[registries.proxy]\nhttps = \"gopher://me:s3cret@proxy\""));
        Assert.Contains(":2: registries.proxy.https must be the URL of a proxy", mistake.Message);
        Assert.DoesNotContain("s3cret", mistake.Message);
    }

    [Fact]
    public void A_file_that_is_not_there_is_named() =>
        Assert.Contains(FilePath, Assert.Throws<EngineException>(() => SettingsFile.ReadRegistries(FilePath)).Message);

    private RegistrySettings Read(string text)
    {
        File.WriteAllText(FilePath, text);
        return SettingsFile.ReadRegistries(FilePath);
    }

    private static string Root()
    {
        string directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "Sampan.slnx")))
            directory = Path.GetDirectoryName(directory)!;
        return directory;
    }

    [GeneratedRegex("```toml\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Example();

    [GeneratedRegex("^        \"([a-z-]+)\" => ", RegexOptions.Multiline)]
    private static partial Regex KeyCase();
}
