using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sampan.Tests.Integration.Registry;

/// <summary>A CA of the test's own, and certificates of it for loopback and for a client, as PEM files in a directory.</summary>
internal sealed class TestCertificates : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("sampan-certificates-");

    public TestCertificates()
    {
        using RSA authorityKey = RSA.Create(2048);
        CertificateRequest authority = new("CN=sampan test CA", authorityKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        authority.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        authority.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using X509Certificate2 root = authority.CreateSelfSigned(now.AddDays(-1), now.AddDays(2));
        File.WriteAllText(this["ca.crt"], root.ExportCertificatePem());
        Issue(root, "server", "1.3.6.1.5.5.7.3.1");
        Issue(root, "client", "1.3.6.1.5.5.7.3.2");
        File.Copy(this["client.crt"], this["client.cert"]);
    }

    public string this[string name] => Path.Combine(_directory.FullName, name);

    public void Dispose() => _directory.Delete(recursive: true);

    private void Issue(X509Certificate2 root, string name, string purpose)
    {
        using RSA key = RSA.Create(2048);
        CertificateRequest request = new($"CN=sampan test {name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        SubjectAlternativeNameBuilder names = new();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], false));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, false));
        using X509Certificate2 certificate = request.Create(root, root.NotBefore.AddMinutes(1), root.NotAfter.AddMinutes(-1), RandomNumberGenerator.GetBytes(8));
        File.WriteAllText(this[name + ".crt"], certificate.ExportCertificatePem());
        File.WriteAllText(this[name + ".key"], key.ExportPkcs8PrivateKeyPem());
    }
}
