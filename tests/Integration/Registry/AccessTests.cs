using System.Text;
using Sampan.Oci;
using Sampan.Registry;

namespace Sampan.Tests.Integration.Registry;

/// <summary>TLS with a CA of one's own, client certificates, and passwords that go to nobody else.</summary>
public sealed class AccessTests : IDisposable
{
    private const string Password = "pa55 w\u00f6rd:/+";
    private static readonly CancellationToken Never = RegistrySandbox.Never;
    private readonly TestCertificates _certificates = new();
    private readonly RegistrySandbox _sandbox = new();

    private string Tls => $"  tls:\n    certificate: {_certificates["server.crt"]}\n    key: {_certificates["server.key"]}";

    public void Dispose()
    {
        _sandbox.Dispose();
        _certificates.Dispose();
    }

    [Fact]
    public async Task A_registry_of_an_unknown_CA_is_refused_and_never_asked_in_plain()
    {
        using DebianRegistry registry = DebianRegistry.Start(Tls);
        foreach (PlainHttp plain in Enum.GetValues<PlainHttp>().Where(p => p != PlainHttp.Always))
        {
            RegistryException failure = await Assert.ThrowsAsync<RegistryException>(() => With(registry, new RegistryHostSettings { PlainHttp = plain }).PingAsync(registry.Name, Never));
            Assert.Contains("certs.d", failure.Message);
        }
    }

    [Fact]
    public async Task An_own_CA_is_trusted_by_setting_or_by_directory()
    {
        using DebianRegistry registry = DebianRegistry.Start(Tls);
        ImageReference reference = ImageReference.Parse($"{registry.Name}/app");
        await RegistrySandbox.PushAsync(With(registry, new RegistryHostSettings { CertificateAuthorities = [_certificates["ca.crt"]] }), reference, [1]);
        await With(registry, new RegistryHostSettings { SkipCertificateCheck = true }).PingAsync(registry.Name, Never);
        string directory = _certificates["certs.d"];
        Directory.CreateDirectory(Path.Combine(directory, registry.Name));
        File.Copy(_certificates["ca.crt"], Path.Combine(directory, registry.Name, "ca.crt"));
        await _sandbox.Client(RegistrySandbox.Quick with { CertificateDirectories = [directory] }).ResolveAsync(reference, Never);
    }

    [Fact]
    public async Task A_certificate_for_another_host_is_refused_though_the_CA_is_trusted()
    {
        using DebianRegistry registry = DebianRegistry.Start(Tls);
        string other = $"127.0.0.1.nip.localhost:{registry.Port}";
        RegistryClient client = _sandbox.Client(RegistrySandbox.Quick with { Hosts = new Dictionary<string, RegistryHostSettings> { [other] = new() { CertificateAuthorities = [_certificates["ca.crt"]] } } });
        await Assert.ThrowsAsync<RegistryException>(() => client.PingAsync(other, Never));
    }

    [Fact]
    public async Task A_client_certificate_opens_the_registry()
    {
        using DebianRegistry registry = DebianRegistry.Start($"{Tls}\n    clientcas:\n      - {_certificates["ca.crt"]}");
        RegistryHostSettings host = new() { CertificateAuthorities = [_certificates["ca.crt"]] };
        await Assert.ThrowsAsync<RegistryException>(() => With(registry, host).PingAsync(registry.Name, Never));
        await With(registry, host with { ClientCertificate = _certificates["client.cert"], ClientKey = _certificates["client.key"] }).PingAsync(registry.Name, Never);
    }

    [Fact]
    public async Task A_plain_registry_is_spoken_to_on_loopback_unless_forbidden()
    {
        using DebianRegistry registry = DebianRegistry.Start();
        await With(registry, new RegistryHostSettings()).PingAsync(registry.Name, Never);
        await With(registry, new RegistryHostSettings { PlainHttp = PlainHttp.Always }).PingAsync(registry.Name, Never);
        await Assert.ThrowsAsync<RegistryException>(() => With(registry, new RegistryHostSettings { PlainHttp = PlainHttp.Never }).PingAsync(registry.Name, Never));
    }

    [Fact]
    public async Task A_password_opens_the_registry_after_login_and_not_after_logout()
    {
        using DebianRegistry registry = DebianRegistry.StartWithPassword(_certificates, "me", Password);
        ImageReference reference = ImageReference.Parse($"{registry.Name}/app:1");
        RegistryClient client = With(registry, new RegistryHostSettings());
        RegistryException nobody = await Assert.ThrowsAsync<RegistryException>(() => client.ResolveAsync(reference, Never));
        Assert.Equal(RegistryErrorKind.Unauthorized, nobody.Kind);
        RegistryException wrong = await Assert.ThrowsAsync<RegistryException>(() => client.LoginAsync(registry.Name, new Credential("me", "wr0ng-one"), Never));
        Assert.Equal(RegistryErrorKind.Unauthorized, wrong.Kind);
        Assert.DoesNotContain("wr0ng-one", wrong.ToString());
        Assert.False(File.Exists(_sandbox.CredentialsPath));
        await client.LoginAsync(registry.Name, new Credential("me", Password), Never);
        Descriptor pushed = await RegistrySandbox.PushAsync(client, reference, RegistrySandbox.Bytes(10_000));
        Assert.Equal(pushed.Digest, (await client.ResolveAsync(reference, Never)).Digest);
        Assert.True(await client.LogoutAsync(registry.Name, Never));
        await Assert.ThrowsAsync<RegistryException>(() => client.ResolveAsync(reference, Never));
    }

    [Fact]
    public async Task No_credential_follows_a_redirect_to_another_host()
    {
        using DebianRegistry registry = DebianRegistry.StartWithPassword(_certificates, "me", Password);
        using FaultyProxy front = new(registry.Name), storage = new(null);
        ImageReference reference = ImageReference.Parse($"{front.Name}/app:1");
        RegistryClient client = _sandbox.Client();
        await client.LoginAsync(front.Name, new Credential("me", Password), Never);
        await client.PingAsync(front.Name, Never); // it learns that a password is asked for
        front.Decide = r => r.Path.Contains("/blobs/") ? new Fault.Redirect($"http://{storage.Name}/elsewhere") : null;
        storage.Decide = _ => new Fault.Answer("content", "application/octet-stream");
        byte[] content = Encoding.UTF8.GetBytes("content");
        Assert.Equal(content, await RegistrySandbox.ReadAsync(client, reference, RegistrySandbox.Describe(content)));
        Assert.Contains(front.Seen, r => r.Path.Contains("/blobs/") && r.Authorization is not null);
        Assert.Null(Assert.Single(storage.Seen).Authorization);
        // Nor when that host asks for one.
        storage.Decide = _ => new Fault.Status(401);
        await Assert.ThrowsAsync<RegistryException>(() => RegistrySandbox.ReadAsync(client, reference, RegistrySandbox.Describe(content)));
        Assert.All(storage.Seen, r => Assert.Null(r.Authorization));
    }

    private RegistryClient With(DebianRegistry registry, RegistryHostSettings host) =>
        _sandbox.Client(RegistrySandbox.Quick with { Hosts = new Dictionary<string, RegistryHostSettings> { [registry.Name] = host } });
}
