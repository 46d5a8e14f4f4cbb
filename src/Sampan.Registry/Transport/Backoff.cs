using System.Net;
using System.Net.Http.Headers;
using System.Security.Authentication;

namespace Sampan.Registry;

/// <summary>Which failures pass, and how long to wait before the next attempt.</summary>
internal sealed class Backoff(RegistrySettings settings, TimeProvider time)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <summary>Whether a status says that a later attempt may succeed (RFC 9110 15.5.9, 15.6; RFC 6585 4).</summary>
    public static bool Passes(HttpStatusCode status) => (int)status is 408 or 429 or 500 or 502 or 503 or 504;

    /// <summary>Whether a failure of the network may be gone at the next attempt: not a name that is unknown, nor a certificate that is not trusted.</summary>
    public static bool Passes(Exception failure) => failure switch
    {
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError } => false,
        HttpRequestException { InnerException: AuthenticationException } => false,
        HttpRequestException or IOException or TimeoutException => true,
        _ => false,
    };

    /// <summary>Waits before attempt <paramref name="attempt"/> + 1: as long as the server asks, or twice as long as before.</summary>
    /// <exception cref="RegistryException">The server asks for more patience than is had.</exception>
    public async Task WaitAsync(int attempt, RetryConditionHeaderValue? asked, string what, CancellationToken cancellationToken)
    {
        TimeSpan pause = settings.RetryPause * Math.Pow(2, Math.Min(attempt, 16));
        pause = pause > LongestPause ? LongestPause : pause;
        pause -= pause * 0.25 * Random.Shared.NextDouble();
        if (asked is not null)
        {
            TimeSpan wanted = asked.Delta ?? (asked.Date - time.GetUtcNow()) ?? TimeSpan.Zero;
            if (wanted > settings.MaximumRetryAfter)
                throw new RegistryException(RegistryErrorKind.Unavailable, $"{what}: the registry asks to wait {Math.Ceiling(wanted.TotalSeconds)} seconds (Retry-After), more than the {settings.MaximumRetryAfter.TotalSeconds} that are waited: try again later");
            pause = wanted > pause ? wanted : pause;
        }
        await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
    }
}
