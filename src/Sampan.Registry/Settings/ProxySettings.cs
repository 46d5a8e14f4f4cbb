using System.Globalization;
using System.Net;

namespace Sampan.Registry;

/// <summary>
/// The proxies of the environment, read as the programs written in Go do (golang.org/x/net/http/httpproxy), so that one setting serves all
/// engines: HTTP_PROXY, HTTPS_PROXY and NO_PROXY or their lower-case forms. NO_PROXY is a list of host names (which cover what lies below
/// them), <c>.domain</c> (only what lies below), addresses, CIDR ranges, each with a port where it shall hold for that alone, or <c>*</c>.
/// Loopback is never sent to a proxy.
/// </summary>
public sealed class ProxySettings : IWebProxy
{
    private readonly Uri? _http;
    private readonly Uri? _https;
    private readonly string[] _exceptions;

    /// <summary>Makes the settings.</summary>
    /// <param name="http">The proxy of http, or null.</param>
    /// <param name="https">The proxy of https, or null.</param>
    /// <param name="exceptions">NO_PROXY, or null.</param>
    /// <exception cref="RegistryException">A proxy is not a URL.</exception>
    public ProxySettings(string? http, string? https, string? exceptions)
    {
        _http = Read(http, "HTTP_PROXY");
        _https = Read(https, "HTTPS_PROXY");
        _exceptions = (exceptions ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        // A password in the URL goes to the proxy alone.
        Credentials = new ProxyCredentials(_http, _https);
    }

    /// <inheritdoc/>
    public ICredentials? Credentials { get; set; }

    /// <summary>The settings of this process's environment.</summary>
    /// <exception cref="RegistryException">A proxy is not a URL.</exception>
    public static ProxySettings FromEnvironment() => new(Variable("HTTP_PROXY"), Variable("HTTPS_PROXY"), Variable("NO_PROXY"));

    /// <inheritdoc/>
    public Uri? GetProxy(Uri destination) => IsBypassed(destination) ? null : destination.Scheme == "https" ? _https : _http;

    /// <inheritdoc/>
    public bool IsBypassed(Uri host) => (host.Scheme == "https" ? _https : _http) is null || host.IsLoopback || Array.Exists(_exceptions, e => Covers(e, host));

    private static bool Covers(string exception, Uri destination)
    {
        if (exception == "*")
            return true;
        string host = destination.IdnHost.ToLowerInvariant().TrimEnd('.');
        string pattern = exception.ToLowerInvariant();
        if (IPAddress.TryParse(host, out IPAddress? address) && IPNetwork.TryParse(pattern, out IPNetwork range))
            return range.Contains(address);
        int colon = pattern.LastIndexOf(':');
        bool sixWithoutPort = !pattern.StartsWith('[') && pattern.IndexOf(':', StringComparison.Ordinal) != colon;
        if (colon > 0 && !sixWithoutPort && int.TryParse(pattern[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int port))
        {
            if (port != destination.Port)
                return false;
            pattern = pattern[..colon];
        }
        pattern = pattern.Trim('[', ']');
        if (IPAddress.TryParse(pattern, out IPAddress? only))
            return only.Equals(address);
        if (pattern.StartsWith("*.", StringComparison.Ordinal))
            pattern = pattern[1..];
        return pattern.StartsWith('.') ? host.EndsWith(pattern, StringComparison.Ordinal) : host == pattern || host.EndsWith("." + pattern, StringComparison.Ordinal);
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } upper ? upper : Environment.GetEnvironmentVariable(name.ToLowerInvariant());

    private static Uri? Read(string? text, string name)
    {
        if (string.IsNullOrWhiteSpace(text))
            return null;
        string url = text.Contains("://", StringComparison.Ordinal) ? text : "http://" + text;
        return Uri.TryCreate(url, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https" or "socks5"
            ? uri
            : throw new RegistryException(RegistryErrorKind.InvalidArgument, $"{name} is not the URL of a proxy: write http://HOST:PORT");
    }

    private sealed class ProxyCredentials(Uri? http, Uri? https) : ICredentials
    {
        public NetworkCredential? GetCredential(Uri uri, string authType)
        {
            foreach (Uri? proxy in (Uri?[])[http, https])
            {
                if (proxy is null || proxy.Authority != uri.Authority || proxy.UserInfo.Length == 0)
                    continue;
                string[] parts = proxy.UserInfo.Split(':', 2);
                return new NetworkCredential(Uri.UnescapeDataString(parts[0]), parts.Length == 2 ? Uri.UnescapeDataString(parts[1]) : "");
            }
            return null;
        }
    }
}
