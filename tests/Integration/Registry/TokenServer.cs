using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Sampan.Tests.Integration.Registry;

/// <summary>
/// A token server by distribution's specification: it gives its one user every scope he asks for, and nobody the right to pull, and signs with a
/// certificate that the registry trusts.
/// </summary>
internal sealed class TokenServer : IDisposable
{
    public const string User = "me", Password = "s3cret/+ word", Identity = "an-identity-token";

    private readonly HttpListener _listener = new();
    private readonly TestCertificates _certificates;
    private readonly Task _loop;

    public TokenServer(TestCertificates certificates)
    {
        _certificates = certificates;
        Address = $"http://127.0.0.1:{DebianRegistry.FreePort()}/";
        _listener.Prefixes.Add(Address);
        _listener.Start();
        _loop = Task.Run(AnswerAsync);
    }

    public string Address { get; }

    /// <summary>The section <c>auth:</c> of a registry that trusts it.</summary>
    public string Section => $"auth:\n  token:\n    realm: {Address}token\n    service: sampan-test\n    issuer: sampan\n    rootcertbundle: {_certificates["ca.crt"]}";

    /// <summary>When a token ends, from its making; its own words on that are always five minutes.</summary>
    public TimeSpan Life { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>What it was asked: method, query or form, Authorization.</summary>
    public ConcurrentQueue<(string Method, string Asked, string? Authorization)> Seen { get; } = [];

    public void Dispose()
    {
        _listener.Close();
        _loop.Wait(TimeSpan.FromSeconds(5));
    }

    private async Task AnswerAsync()
    {
        while (true)
        {
            try
            {
                Answer(await _listener.GetContextAsync());
            }
            catch (Exception closed) when (closed is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private void Answer(HttpListenerContext context)
    {
        string form = new StreamReader(context.Request.InputStream).ReadToEnd();
        string asked = form.Length > 0 ? form : context.Request.Url!.Query;
        string? authorization = context.Request.Headers["Authorization"];
        Seen.Enqueue((context.Request.HttpMethod, asked, authorization));
        string[] pairs = asked.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries);
        string[] Values(string name) => [.. pairs.Where(p => p.StartsWith(name + "=", StringComparison.Ordinal)).Select(p => WebUtility.UrlDecode(p[(name.Length + 1)..]))];
        bool known = authorization == "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{Password}")) || Values("refresh_token").Contains(Identity);
        if (!known && (authorization is not null || context.Request.HttpMethod == "POST"))
        {
            context.Response.StatusCode = 401;
            context.Response.Close();
            return;
        }
        string token = Sign(Values("scope").SelectMany(s => s.Split(' ')), known);
        string identity = Values("offline_token").Contains("true") ? $",\"refresh_token\":\"{Identity}\"" : "";
        context.Response.ContentType = "application/json";
        context.Response.Close(Encoding.UTF8.GetBytes($"{{\"token\":\"{token}\",\"expires_in\":300{identity}}}"), willBlock: true);
    }

    private string Sign(IEnumerable<string> scopes, bool known)
    {
        using X509Certificate2 certificate = X509Certificate2.CreateFromPemFile(_certificates["server.crt"], _certificates["server.key"]);
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        IEnumerable<string> access = scopes.Select(s => s.Split(':')).Where(s => s.Length == 3 && s[2].Length > 0).Select(s =>
            $"{{\"type\":\"{s[0]}\",\"name\":\"{s[1]}\",\"actions\":[{string.Join(',', s[2].Split(',').Where(a => known || a == "pull").Select(a => $"\"{a}\""))}]}}");
        string header = $"{{\"typ\":\"JWT\",\"alg\":\"RS256\",\"x5c\":[\"{Convert.ToBase64String(certificate.RawData)}\"]}}";
        string claims = string.Create(CultureInfo.InvariantCulture, $"{{\"iss\":\"sampan\",\"sub\":\"{User}\",\"aud\":\"sampan-test\",\"exp\":{(now + Life).ToUnixTimeSeconds()},\"nbf\":{now.ToUnixTimeSeconds() - 600},\"iat\":{now.ToUnixTimeSeconds() - 600},\"jti\":\"{Guid.NewGuid()}\",\"access\":[{string.Join(',', access)}]}}");
        string signed = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}";
        using RSA key = certificate.GetRSAPrivateKey()!;
        return $"{signed}.{Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }
}
