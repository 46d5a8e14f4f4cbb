using Sampan.Registry;

namespace Sampan.Engine.Settings;

/// <summary>The table <c>[registries]</c> of the settings: how registries are reached.</summary>
internal static class RegistrySection
{
    private const string Keys = "[registries] has search, certificate-directories, retries, retry-pause, max-retry-after, stall-timeout, parallel-transfers, chunk-size, [registries.proxy] and [registries.host.\"HOST\"]";
    private const string ProxyKeys = "[registries.proxy] has http, https and no-proxy";
    private const string HostKeys = "[registries.host.\"HOST\"] has plain-http, skip-certificate-check, ca, client-certificate, client-key and mirrors";

    /// <summary>Reads the table.</summary>
    /// <exception cref="EngineException">A key is not known, or its value is wrong.</exception>
    public static RegistrySettings Of(IReadOnlyList<Setting> settings)
    {
        var result = new RegistrySettings();
        var hosts = new Dictionary<string, RegistryHostSettings>(StringComparer.Ordinal);
        (string? Http, string? Https, string? Exceptions)? proxy = null;
        foreach (Setting one in settings)
        {
            switch (one.Path)
            {
                case ["registries", "host", string host, string key]:
                    Check(one, host, isMirror: false);
                    hosts[host] = WithHost(hosts.GetValueOrDefault(host) ?? new RegistryHostSettings(), key, one);
                    break;
                case ["registries", "proxy", string key]:
                    proxy = WithProxy(proxy ?? default, key, one);
                    break;
                case ["registries", string key]:
                    result = With(result, key, one);
                    break;
                default:
                    throw one.Unknown(one.Path is ["registries", "host", ..] ? HostKeys : one.Path is ["registries", "proxy", ..] ? ProxyKeys : Keys);
            }
        }
        return result with { Hosts = hosts, Proxy = proxy is { } set ? new ProxySettings(set.Http, set.Https, set.Exceptions) : result.Proxy };
    }

    private static RegistrySettings With(RegistrySettings settings, string key, Setting value) => key switch
    {
        "search" => settings with { SearchRegistries = Hosts(value, isMirror: false) },
        "certificate-directories" => settings with { CertificateDirectories = value.FilePaths() },
        "retries" => settings with { Retries = (int)value.Number(0, 100) },
        "retry-pause" => settings with { RetryPause = value.Seconds(0.001, 60) },
        "max-retry-after" => settings with { MaximumRetryAfter = value.Seconds(0, 86_400) },
        "stall-timeout" => settings with { StallTimeout = value.Seconds(1, 3600) },
        "parallel-transfers" => settings with { ParallelTransfers = (int)value.Number(1, 64) },
        "chunk-size" => settings with { ChunkSize = value.Number(64 << 10, 1L << 40) },
        _ => throw value.Unknown(Keys),
    };

    private static RegistryHostSettings WithHost(RegistryHostSettings host, string key, Setting value) => key switch
    {
        "plain-http" => host with { PlainHttp = value.Choice(("loopback", PlainHttp.Loopback), ("allowed", PlainHttp.Allowed), ("always", PlainHttp.Always), ("never", PlainHttp.Never)) },
        "skip-certificate-check" => host with { SkipCertificateCheck = value.Flag() },
        "ca" => host with { CertificateAuthorities = value.FilePaths() },
        "client-certificate" => host with { ClientCertificate = value.FilePath() },
        "client-key" => host with { ClientKey = value.FilePath() },
        "mirrors" => host with { Mirrors = Hosts(value, isMirror: true) },
        _ => throw value.Unknown(HostKeys),
    };

    private static (string? Http, string? Https, string? Exceptions) WithProxy((string? Http, string? Https, string? Exceptions) proxy, string key, Setting value) => key switch
    {
        "http" => proxy with { Http = ProxyAddress(value) },
        "https" => proxy with { Https = ProxyAddress(value) },
        "no-proxy" => proxy with { Exceptions = string.Join(',', value.Texts()) },
        _ => throw value.Unknown(ProxyKeys),
    };

    // The value is not said: it may hold a password.
    private static string ProxyAddress(Setting value)
    {
        string text = value.Text();
        try
        {
            _ = new ProxySettings(text, null, null);
            return text;
        }
        catch (RegistryException wrong)
        {
            throw new EngineException(ErrorKind.InvalidArgument, $"{value.File}:{value.Line}: {value.Key} must be the URL of a proxy, as http://HOST:PORT", wrong);
        }
    }

    private static IReadOnlyList<string> Hosts(Setting value, bool isMirror)
    {
        IReadOnlyList<string> hosts = value.Texts();
        foreach (string host in hosts)
            Check(value, host, isMirror);
        return hosts;
    }

    private static void Check(Setting value, string host, bool isMirror)
    {
        string part = host.Split('/')[0];
        if ((!isMirror && part != host) || !ImageReference.HasRegistry(part + "/") || !ImageReference.TryParse($"{host.TrimEnd('/')}/x", out _))
            throw new EngineException(ErrorKind.InvalidArgument, $"{value.File}:{value.Line}: {value.Key}: \"{Oci.Printable.Excerpt(host, 80)}\" is not a registry: write HOST or HOST:PORT{(isMirror ? "[/PATH]" : "")}, without https://, the host with a dot or a port");
    }
}
