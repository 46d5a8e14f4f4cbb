using System.Net;
using System.Text;
using System.Text.Json;
using Sampan.Oci;

namespace Sampan.Registry;

/// <summary>Answers that are no success, as one sentence; and bodies that are read whole, with a bound.</summary>
internal static class ResponseErrors
{
    private const int MaximumDiagnosis = 16 << 10;

    /// <summary>The exception for an answer, with the registry's own words (distribution-spec, Error Codes) where it gave some.</summary>
    public static async Task<RegistryException> FromAsync(HttpResponseMessage response, string what, string registry, TimeSpan stall, CancellationToken cancellationToken)
    {
        string words = await DiagnosisAsync(response, stall, cancellationToken).ConfigureAwait(false);
        int status = (int)response.StatusCode;
        string answer = $"{what}: {registry} answered {status} ({response.StatusCode}){words}";
        (RegistryErrorKind kind, string message) = response.StatusCode switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => (RegistryErrorKind.Unauthorized, $"{what}: {registry} denies access ({status}{words}): check the name, and log in with \"sampan login {registry}\""),
            HttpStatusCode.NotFound => (RegistryErrorKind.NotFound, $"{what}: {registry} does not have it{words}"),
            HttpStatusCode.MethodNotAllowed or HttpStatusCode.NotImplemented => (RegistryErrorKind.Unsupported, $"{answer}: the registry does not offer this"),
            _ when Backoff.Passes(response.StatusCode) => (RegistryErrorKind.Unavailable, $"{answer}, also when asked again: try later"),
            _ => (RegistryErrorKind.Failed, answer),
        };
        return new RegistryException(kind, message) { Status = response.StatusCode, RetryAfter = response.Headers.RetryAfter };
    }

    /// <summary>The exception for a failure of the network.</summary>
    public static RegistryException From(Exception failure, string what, string registry)
    {
        string cause = failure.InnerException is { } inner && failure is HttpRequestException ? $"{failure.Message} ({inner.Message})" : failure.Message;
        string wayOut = failure is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError }
            ? $": put its CA into /etc/containers/certs.d/{registry}/ca.crt, or allow plain HTTP for it if it has no TLS" : "";
        return new RegistryException(failure is TimeoutException ? RegistryErrorKind.Unavailable : RegistryErrorKind.Failed, $"{what}: {registry} cannot be reached: {Printable.Excerpt(cause, 300)}{wayOut}", failure);
    }

    /// <summary>Reads a body whole.</summary>
    /// <exception cref="RegistryException">It is longer than <paramref name="maximum"/>.</exception>
    /// <exception cref="IOException">It was cut.</exception>
    /// <exception cref="TimeoutException">Nothing came for the time of <paramref name="stall"/>.</exception>
    public static async Task<byte[]> ReadWholeAsync(HttpResponseMessage response, int maximum, string what, TimeSpan stall, CancellationToken cancellationToken)
    {
        if (response.Content.Headers.ContentLength > maximum)
            throw TooLong(what, maximum);
        await using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        using MemoryStream whole = new();
        byte[] buffer = new byte[16 << 10];
        while (true)
        {
            int read = await ReadOrStallAsync(body, buffer, stall, cancellationToken).ConfigureAwait(false);
            if (read == 0)
                return whole.ToArray();
            if (whole.Length + read > maximum)
                throw TooLong(what, maximum);
            whole.Write(buffer, 0, read);
        }
    }

    /// <summary>Reads once, and throws <see cref="TimeoutException"/> when nothing comes.</summary>
    public static async ValueTask<int> ReadOrStallAsync(Stream body, Memory<byte> buffer, TimeSpan stall, CancellationToken cancellationToken)
    {
        ValueTask<int> pending = body.ReadAsync(buffer, cancellationToken);
        if (pending.IsCompletedSuccessfully)
            return pending.Result;
        Task<int> read = pending.AsTask();
        try
        {
            return await read.WaitAsync(stall, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // Closing the body ends the read that is still under way.
            await body.DisposeAsync().ConfigureAwait(false);
            _ = read.ContinueWith(static t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            throw new TimeoutException($"nothing came for {stall.TotalSeconds} seconds");
        }
    }

    /// <summary>Whether the answer is a web page, as captive portals and misled proxies send it.</summary>
    public static bool IsWebPage(HttpResponseMessage response) => response.Content.Headers.ContentType?.MediaType is "text/html" or "application/xhtml+xml";

    private static RegistryException TooLong(string what, int maximum) => new(RegistryErrorKind.InvalidContent, $"{what}: the answer is longer than the {maximum} bytes that such a document may have");

    private static async Task<string> DiagnosisAsync(HttpResponseMessage response, TimeSpan stall, CancellationToken cancellationToken)
    {
        if (IsWebPage(response))
            return ", with a web page, so that it may be no registry or a proxy stands between";
        try
        {
            byte[] body = await ReadWholeAsync(response, MaximumDiagnosis, "", stall, cancellationToken).ConfigureAwait(false);
            using JsonDocument document = JsonDocument.Parse(body);
            StringBuilder words = new();
            foreach (JsonElement error in document.RootElement.GetProperty("errors").EnumerateArray().Take(3))
                words.Append(words.Length == 0 ? ": " : "; ").Append(error.TryGetProperty("message", out JsonElement message) && message.GetString() is { Length: > 0 } text ? text : error.GetProperty("code").GetString());
            return Printable.Excerpt(words.ToString(), 300);
        }
        catch (Exception unreadable) when (unreadable is JsonException or KeyNotFoundException or InvalidOperationException or RegistryException or IOException or HttpRequestException or TimeoutException)
        {
            return "";
        }
    }
}
