using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sampan.Registry;

/// <summary>The connections to one registry, and to the hosts that it sends its clients to, which do not see this side's certificate.</summary>
internal sealed class RegistryConnections : IDisposable
{
    private readonly Lazy<HttpClient> _own;
    private readonly Lazy<HttpClient> _foreign;
    private volatile bool _certificateRefused;

    public RegistryConnections(RegistrySettings settings, RegistryHostSettings host)
    {
        _own = new(() => Make(settings, host, host.ClientCertificate));
        _foreign = new(() => Make(settings, host, null));
    }

    /// <summary>For the registry itself.</summary>
    /// <exception cref="RegistryException">A certificate cannot be read.</exception>
    public HttpClient Own => _own.Value;

    /// <summary>For any other host.</summary>
    /// <exception cref="RegistryException">A certificate cannot be read.</exception>
    public HttpClient Foreign => _foreign.Value;

    /// <summary>Whether a server showed a certificate that was not trusted: it speaks TLS, so that to go on without would be a downgrade.</summary>
    public bool CertificateRefused => _certificateRefused;

    public void Dispose()
    {
        if (_own.IsValueCreated)
            _own.Value.Dispose();
        if (_foreign.IsValueCreated)
            _foreign.Value.Dispose();
    }

    private HttpClient Make(RegistrySettings settings, RegistryHostSettings host, string? clientCertificate)
    {
        X509Certificate2Collection authorities = [];
        try
        {
            foreach (string file in host.CertificateAuthorities)
                authorities.ImportFromPemFile(file);
            SslClientAuthenticationOptions tls = new() { RemoteCertificateValidationCallback = (_, certificate, chain, errors) => Trusts(host, authorities, certificate, chain, errors) };
            if (clientCertificate is not null)
                tls.ClientCertificates = [X509Certificate2.CreateFromPemFile(clientCertificate, host.ClientKey)];
            SocketsHttpHandler handler = new()
            {
                // Redirects are followed by hand: no credential may go with them.
                AllowAutoRedirect = false,
                UseCookies = false,
                ConnectTimeout = settings.StallTimeout,
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
                Proxy = settings.Proxy,
                SslOptions = tls,
            };
            return new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan, DefaultRequestHeaders = { { "User-Agent", "sampan" } } };
        }
        catch (Exception failure) when (failure is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new RegistryException(RegistryErrorKind.InvalidArgument, $"a certificate of the registry's settings cannot be read ({string.Join(", ", [.. host.CertificateAuthorities, clientCertificate])}): {failure.Message}", failure);
        }
    }

    private bool Trusts(RegistryHostSettings host, X509Certificate2Collection authorities, X509Certificate? shown, X509Chain? systems, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None || host.SkipCertificateCheck)
            return true;
        bool trusted = errors == SslPolicyErrors.RemoteCertificateChainErrors && authorities.Count > 0 && shown is X509Certificate2 certificate && IsIssuedBy(authorities, certificate, systems);
        _certificateRefused |= !trusted;
        return trusted;
    }

    private static bool IsIssuedBy(X509Certificate2Collection authorities, X509Certificate2 certificate, X509Chain? systems)
    {
        using X509Chain chain = new();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.1")); // a server's certificate
        foreach (X509ChainElement element in systems?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        return chain.Build(certificate);
    }
}
