using System.Text.Json;
using Sampan.Registry;
using Sampan.Tests.Unit.Kernel;

namespace Sampan.Tests.Unit.Registry;

/// <summary>Credentials in Docker's and containers' files, and what their file looks like afterwards.</summary>
public sealed class CredentialTests : IDisposable
{
    private static readonly CancellationToken Never = TestContext.Current.CancellationToken;
    private readonly TestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_login_is_found_again_and_its_file_is_the_owners_alone()
    {
        CredentialFile file = new(_directory["docker/config.json"]);
        CredentialStore store = new([file], file);
        await store.StoreAsync("r.io:5000", new Credential("me", "p:w\u00fc"), Never);
        Credential? found = await store.FindAsync("r.io:5000", "a/b", Never);
        Assert.Equal(("me", "p:w\u00fc"), (found!.UserName, found.Password));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file.Path));
        Assert.Null(await store.FindAsync("r.io", null, Never));
        Assert.True(await store.EraseAsync("r.io:5000", Never));
        Assert.False(await store.EraseAsync("r.io:5000", Never));
        Assert.Null(await store.FindAsync("r.io:5000", null, Never));
    }

    [Fact]
    public async Task Docker_hub_has_dockers_own_key()
    {
        CredentialStore store = Store("""{"auths":{"https://index.docker.io/v1/":{"auth":"bWU6cHc="}},"HttpHeaders":{"X":"y"},"proxies":{}}""");
        Assert.Equal("pw", (await store.FindAsync("docker.io", "library/debian", Never))!.Password);
        await store.StoreAsync("docker.io", Credential.OfIdentityToken("t0ken", "me"), Never);
        using JsonDocument document = JsonDocument.Parse(await File.ReadAllTextAsync(_directory["config.json"], Never));
        Assert.Equal("t0ken", document.RootElement.GetProperty("auths").GetProperty("https://index.docker.io/v1/").GetProperty("identitytoken").GetString());
        Assert.Equal("y", document.RootElement.GetProperty("HttpHeaders").GetProperty("X").GetString());
        Assert.Equal("t0ken", (await store.FindAsync("docker.io", null, Never))!.IdentityToken);
    }

    [Fact]
    public async Task The_longest_path_that_has_a_credential_decides()
    {
        CredentialStore store = Store("""{"auths":{"r.io":{"auth":"YTox"},"r.io/team":{"auth":"YToy"},"r.io/team/app":{"auth":"YToz"},"https://q.io/v1/":{"username":"u","password":"4"}}}""");
        Assert.Equal("3", (await store.FindAsync("r.io", "team/app", Never))!.Password);
        Assert.Equal("2", (await store.FindAsync("r.io", "team/other/x", Never))!.Password);
        Assert.Equal("1", (await store.FindAsync("r.io", "teams", Never))!.Password);
        Assert.Equal("4", (await store.FindAsync("q.io", "x", Never))!.Password);
    }

    [Theory]
    [InlineData("{\"auths\":{\"r.io\":{\"auth\":\"c2VjcmV0\"}}}")]
    [InlineData("{\"auths\":{\"r.io\":{\"auth\":\"secret!\"}}}")]
    [InlineData("\"secret\"")]
    [InlineData("{\"secret")]
    public async Task A_damaged_file_is_named_and_not_quoted(string text)
    {
        RegistryException failure = await Assert.ThrowsAsync<RegistryException>(() => Store(text).FindAsync("r.io", null, Never));
        Assert.Contains(_directory["config.json"], failure.Message);
        Assert.DoesNotContain("secret", failure.ToString());
        Assert.DoesNotContain("c2VjcmV0", failure.ToString());
    }

    [Fact]
    public async Task Logins_at_once_lose_nothing()
    {
        CredentialStore store = Store("{}");
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => store.StoreAsync($"r{i}.io", new Credential("u", $"{i}"), Never))));
        for (int i = 0; i < 20; i++)
            Assert.Equal($"{i}", (await store.FindAsync($"r{i}.io", null, Never))!.Password);
        Assert.Equal(["config.json", "config.json.lock"], Directory.GetFiles(_directory.Path).Select(f => Path.GetFileName(f)).Order());
    }

    [Fact]
    public async Task A_link_stays_a_link()
    {
        File.WriteAllText(_directory["real.json"], "{}");
        File.CreateSymbolicLink(_directory["config.json"], "real.json");
        CredentialFile file = new(_directory["config.json"]);
        await file.StoreAsync("r.io", new Credential("a", "b"), Never);
        Assert.Equal("real.json", new FileInfo(file.Path).LinkTarget);
        Assert.Contains("r.io", await File.ReadAllTextAsync(_directory["real.json"], Never));
    }

    [Fact]
    public void A_credential_does_not_print() => Assert.DoesNotContain("pw", new Credential("me", "pw").ToString());

    [Theory]
    [InlineData("Bearer realm=\"https://a/t\",service=\"s\",scope=\"repository:x:pull,push\"", "bearer;realm=https://a/t;service=s;scope=repository:x:pull,push")]
    [InlineData("Basic realm=\"Registry \\\"x\\\"\"", "basic;realm=Registry \"x\"")]
    [InlineData("Negotiate, Basic realm=x, Bearer realm = \"y\" , error=\"e\"", "negotiate|basic;realm=x|bearer;realm=y;error=e")]
    [InlineData("BEARER Realm=y", "bearer;realm=y")]
    [InlineData("Bearer realm=\"open", "bearer")]
    [InlineData("", "")]
    [InlineData("=x", "")]
    public void Challenges_are_read(string header, string expected)
    {
        IEnumerable<string> read = AuthenticationChallenge.Parse([header]).Select(c => string.Concat([c.Scheme, .. c.Parameters.Select(p => $";{p.Key}={p.Value}")]));
        Assert.Equal(expected, string.Join('|', read));
    }

    private CredentialStore Store(string text)
    {
        File.WriteAllText(_directory["config.json"], text);
        CredentialFile file = new(_directory["config.json"]);
        return new CredentialStore([file], file);
    }
}
