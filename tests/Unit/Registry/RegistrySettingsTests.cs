using Sampan.Registry;
using Sampan.Tests.Unit.Kernel;

namespace Sampan.Tests.Unit.Registry;

/// <summary>Proxies by Go's rules, certificates by containers-certs.d(5).</summary>
public sealed class RegistrySettingsTests
{
    [Theory]
    [InlineData("https://r.io/", "", true)]
    [InlineData("https://r.io/", "r.io", false)]
    [InlineData("https://a.r.io/", "r.io", false)]
    [InlineData("https://a.r.io/", ".r.io", false)]
    [InlineData("https://r.io/", ".r.io", true)]
    [InlineData("https://xr.io/", "r.io", true)]
    [InlineData("https://r.io:5000/", "r.io:5000", false)]
    [InlineData("https://r.io:5001/", "r.io:5000", true)]
    [InlineData("https://10.1.2.3/", "q.io, 10.0.0.0/8", false)]
    [InlineData("https://11.1.2.3/", "10.0.0.0/8", true)]
    [InlineData("https://[2001:db8::1]/", "2001:db8::/32", false)]
    [InlineData("https://[2001:db8::1]:5000/", "[2001:db8::1]:5000", false)]
    [InlineData("https://r.io/", "*", false)]
    [InlineData("https://localhost:5000/", "", false)]
    [InlineData("https://127.0.0.2/", "", false)]
    [InlineData("http://r.io/", "", false)]
    public void A_proxy_is_asked_unless_an_exception_covers_the_host(string destination, string exceptions, bool asked)
    {
        ProxySettings proxy = new(null, "user:se%40cret@proxy.lan:3128", exceptions);
        Uri? through = proxy.GetProxy(new Uri(destination));
        Assert.Equal(asked, through is not null);
        if (through is not null)
            Assert.Equal("se@cret", proxy.Credentials!.GetCredential(through, "Basic")!.Password);
    }

    [Fact]
    public void A_proxy_that_is_no_url_is_refused_without_its_password() =>
        Assert.DoesNotContain("secret", Assert.Throws<RegistryException>(() => new ProxySettings("ftp://u:secret@h", null, null)).Message);

    [Fact]
    public void The_directory_of_a_registry_gives_its_certificates()
    {
        using TestDirectory directory = new();
        Directory.CreateDirectory(directory["r.io:5000"]);
        foreach (string name in (string[])["ca.crt", "client.cert", "client.key", "readme"])
            File.WriteAllText(Path.Combine(directory["r.io:5000"], name), "");
        RegistrySettings settings = new() { CertificateDirectories = [directory.Path] };
        RegistryHostSettings host = settings.For("r.io:5000");
        Assert.Equal(["ca.crt"], host.CertificateAuthorities.Select(f => Path.GetFileName(f)));
        Assert.Equal(("client.cert", "client.key"), (Path.GetFileName(host.ClientCertificate), Path.GetFileName(host.ClientKey)));
        Assert.Empty(settings.For("r.io").CertificateAuthorities);
        File.Delete(Path.Combine(directory["r.io:5000"], "client.key"));
        Assert.Contains("client.key", Assert.Throws<RegistryException>(() => settings.For("r.io:5000")).Message);
    }
}
