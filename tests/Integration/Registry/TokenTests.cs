using Sampan.Oci;
using Sampan.Registry;

namespace Sampan.Tests.Integration.Registry;

/// <summary>The bearer flow, with docker-registry and a token server.</summary>
public sealed class TokenTests : IDisposable
{
    private static readonly CancellationToken Never = RegistrySandbox.Never;
    private readonly TestCertificates _certificates = new();
    private readonly TokenServer _tokens;
    private readonly RegistrySandbox _sandbox = new();
    private readonly DebianRegistry _registry;
    private readonly ImageReference _reference;

    public TokenTests()
    {
        _tokens = new TokenServer(_certificates);
        _registry = DebianRegistry.Start(rest: _tokens.Section);
        _reference = ImageReference.Parse($"{_registry.Name}/team/app:1");
    }

    public void Dispose()
    {
        _registry.Dispose();
        _tokens.Dispose();
        _sandbox.Dispose();
        _certificates.Dispose();
    }

    [Fact]
    public async Task A_token_is_had_for_each_scope_once()
    {
        await LoginWithPasswordAsync();
        RegistryClient client = _sandbox.Client();
        Descriptor pushed = await RegistrySandbox.PushAsync(client, _reference, RegistrySandbox.Bytes(1000));
        for (int i = 0; i < 5; i++)
            Assert.Equal(pushed.Digest, (await client.ResolveAsync(_reference, Never)).Digest);
        Assert.Equal(2, _tokens.Seen.Count);
        Assert.All(_tokens.Seen, s => Assert.Contains("scope=repository%3Ateam%2Fapp%3Apull", s.Asked));
        byte[] layer = RegistrySandbox.Bytes(1000);
        ImageReference other = ImageReference.Parse($"{_registry.Name}/other");
        Assert.Equal(UploadOutcome.Mounted, await client.UploadBlobAsync(other, RegistrySandbox.Describe(layer), RegistrySandbox.From(layer), "team/app", cancellationToken: Never));
        Assert.Equal(["team/app"], await client.CatalogAsync(_registry.Name, Never).Where(n => n == "team/app").ToListAsync(Never));
    }

    [Fact]
    public async Task Nobody_may_pull_and_not_push()
    {
        await LoginWithPasswordAsync();
        using (RegistryClient owner = _sandbox.Client())
            await RegistrySandbox.PushAsync(owner, _reference, [1]);
        File.Delete(_sandbox.CredentialsPath);
        RegistryClient nobody = _sandbox.Client();
        await nobody.GetManifestAsync(_reference, Never);
        RegistryException failure = await Assert.ThrowsAsync<RegistryException>(() => RegistrySandbox.PushAsync(nobody, _reference, [2]));
        Assert.Equal(RegistryErrorKind.Unauthorized, failure.Kind);
        Assert.Contains("sampan login", failure.Message);
    }

    [Fact]
    public async Task A_token_that_ends_before_its_time_is_renewed()
    {
        await LoginWithPasswordAsync();
        // The registry gives a minute's grace.
        _tokens.Life = TimeSpan.FromSeconds(-59);
        RegistryClient client = _sandbox.Client();
        await RegistrySandbox.PushAsync(client, _reference, [1]);
        await client.ResolveAsync(_reference, Never);
        int before = _tokens.Seen.Count;
        await Task.Delay(TimeSpan.FromSeconds(2.2), Never);
        await client.ResolveAsync(_reference, Never);
        Assert.Equal(before + 1, _tokens.Seen.Count);
    }

    [Fact]
    public async Task A_login_keeps_the_identity_token_and_uses_it()
    {
        RegistryClient client = _sandbox.Client();
        await client.LoginAsync(_registry.Name, new Credential(TokenServer.User, TokenServer.Password), Never);
        string kept = await File.ReadAllTextAsync(_sandbox.CredentialsPath, Never);
        Assert.Contains(TokenServer.Identity, kept);
        Assert.DoesNotContain(Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"{TokenServer.User}:{TokenServer.Password}")), kept);
        await RegistrySandbox.PushAsync(client, _reference, [1]);
        Assert.Contains(_tokens.Seen, s => s.Method == "POST" && s.Asked.Contains("grant_type=refresh_token"));
        Assert.True(await client.LogoutAsync(_registry.Name, Never));
        Assert.False(await client.LogoutAsync(_registry.Name, Never));
    }

    [Fact]
    public async Task A_wrong_password_is_refused_and_not_kept()
    {
        RegistryException failure = await Assert.ThrowsAsync<RegistryException>(() => _sandbox.Client().LoginAsync(_registry.Name, new Credential(TokenServer.User, "wr0ng-one"), Never));
        Assert.Equal(RegistryErrorKind.Unauthorized, failure.Kind);
        Assert.DoesNotContain("wr0ng-one", failure.ToString());
        Assert.False(File.Exists(_sandbox.CredentialsPath));
    }

    [Fact]
    public async Task A_token_server_without_TLS_gets_no_password_for_a_registry_with_it()
    {
        using DebianRegistry secure = DebianRegistry.Start($"  tls:\n    certificate: {_certificates["server.crt"]}\n    key: {_certificates["server.key"]}", _tokens.Section);
        RegistryClient client = _sandbox.Client(RegistrySandbox.Quick with { Hosts = new Dictionary<string, RegistryHostSettings> { [secure.Name] = new() { CertificateAuthorities = [_certificates["ca.crt"]] } } });
        RegistryException failure = await Assert.ThrowsAsync<RegistryException>(() => client.LoginAsync(secure.Name, new Credential(TokenServer.User, TokenServer.Password), Never));
        Assert.Contains("no TLS", failure.Message);
        Assert.Empty(_tokens.Seen);
    }

    private Task<string?> LoginWithPasswordAsync() => _sandbox.Credentials.StoreAsync(_registry.Name, new Credential(TokenServer.User, TokenServer.Password), Never);
}
