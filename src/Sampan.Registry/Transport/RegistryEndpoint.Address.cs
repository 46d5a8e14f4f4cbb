using System.Net;

namespace Sampan.Registry;

/// <content>With or without TLS.</content>
internal sealed partial class RegistryEndpoint
{
    /// <summary>The address, after it was found out once whether the registry speaks TLS, where there is a choice.</summary>
    private async ValueTask<Uri> AddressAsync(CancellationToken cancellationToken)
    {
        if (_address is { } known)
            return known;
        await _probe.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return _address ??= await ProbeAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _probe.Release();
        }
    }

    private async Task<Uri> ProbeAsync(CancellationToken cancellationToken)
    {
        Uri secure = new($"https://{_authority}/"), plain = new($"http://{_authority}/");
        bool choice = _host.PlainHttp == PlainHttp.Allowed || (_host.PlainHttp == PlainHttp.Loopback && IsLoopback(secure));
        if (!choice)
            return _host.PlainHttp == PlainHttp.Always ? plain : secure;
        try
        {
            using HttpRequestMessage message = new(HttpMethod.Get, new Uri(secure, "/v2/"));
            using HttpResponseMessage _ = await _connections.Own.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken).WaitAsync(StallTimeout, cancellationToken).ConfigureAwait(false);
            return secure;
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException)
        {
            // Whoever shows a certificate speaks TLS, so that its refusal is the answer and not a reason to do without. Where nobody
            // listens, the request itself says so.
            bool withoutTls = failure is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError or HttpRequestError.ResponseEnded or HttpRequestError.Unknown or HttpRequestError.ConnectionError };
            return withoutTls && !_connections.CertificateRefused ? plain : secure;
        }
        catch (TimeoutException)
        {
            return secure;
        }
    }

    private static bool IsLoopback(Uri address) => address.IsLoopback || (IPAddress.TryParse(address.DnsSafeHost, out IPAddress? ip) && IPAddress.IsLoopback(ip));
}
