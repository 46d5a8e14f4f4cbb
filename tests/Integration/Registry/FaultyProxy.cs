using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;

namespace Sampan.Tests.Integration.Registry;

/// <summary>What goes wrong with one request.</summary>
internal abstract record Fault
{
    /// <summary>The answer's body ends after some bytes, and the connection with it.</summary>
    public sealed record Cut(int After) : Fault;

    /// <summary>The request's body is read so far, and the connection closed.</summary>
    public sealed record CutRequest(int After) : Fault;

    /// <summary>The request is done, and its answer lost.</summary>
    public sealed record LoseAnswer : Fault;

    /// <summary>One byte of the answer's body is another.</summary>
    public sealed record Corrupt(int At) : Fault;

    /// <summary>Nothing is sent for a time.</summary>
    public sealed record Delay(TimeSpan Time) : Fault;

    /// <summary>A status in the answer's place.</summary>
    public sealed record Status(int Code, string? RetryAfter = null) : Fault;

    /// <summary>A web page, with status 200.</summary>
    public sealed record WebPage : Fault;

    /// <summary>A JSON document in the answer's place, with a Link or Docker-Content-Digest header where given.</summary>
    public sealed record Answer(string Body, string MediaType = "application/json", string? Link = null, string? Digest = null) : Fault;

    /// <summary>Somebody else's address.</summary>
    public sealed record Redirect(string To) : Fault;

    /// <summary>The whole body, whatever range was asked for.</summary>
    public sealed record IgnoreRange : Fault;
}

/// <summary>A request as it came.</summary>
internal sealed record SeenRequest(string Method, string Path, string? Authorization, string? Range, string? ContentRange);

/// <summary>A proxy in front of a registry that does to each request what the test says, and remembers it.</summary>
internal sealed class FaultyProxy : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });
    private readonly TcpRelay _relay;
    private readonly string? _behind;
    private readonly Task _loop;

    /// <summary>Listens on a free port of loopback.</summary>
    /// <param name="behind">The registry's host and port; null where every request has a fault.</param>
    public FaultyProxy(string? behind)
    {
        _behind = behind;
        int port = DebianRegistry.FreePort();
        _listener.Prefixes.Add($"http://127.0.0.1:{port}/");
        _listener.Start();
        _relay = new TcpRelay(port);
        Name = $"127.0.0.1:{_relay.Port}";
        _loop = Task.Run(AcceptAsync);
    }

    public string Name { get; }

    /// <summary>Decides on a request; null lets it through.</summary>
    public Func<SeenRequest, Fault?> Decide { get; set; } = _ => null;

    public ConcurrentQueue<SeenRequest> Seen { get; } = [];

    public void Dispose()
    {
        _relay.Dispose();
        _listener.Close();
        _loop.Wait(TimeSpan.FromSeconds(5));
        _client.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception closed) when (closed is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
            _ = Task.Run(() => AnswerAsync(context));
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        HttpListenerRequest request = context.Request;
        SeenRequest seen = new(request.HttpMethod, request.Url!.PathAndQuery, request.Headers["Authorization"], request.Headers["Range"], request.Headers["Content-Range"]);
        Seen.Enqueue(seen);
        Fault? fault = Decide(seen);
        try
        {
            switch (fault)
            {
                case Fault.Status status:
                    context.Response.StatusCode = status.Code;
                    if (status.RetryAfter is not null)
                        context.Response.Headers["Retry-After"] = status.RetryAfter;
                    context.Response.Close();
                    return;
                case Fault.Redirect redirect:
                    context.Response.StatusCode = 307;
                    context.Response.Headers["Location"] = redirect.To;
                    context.Response.Close();
                    return;
                case Fault.WebPage:
                    context.Response.ContentType = "text/html; charset=utf-8";
                    context.Response.Close("<html>please log in</html>"u8.ToArray(), willBlock: true);
                    return;
                case Fault.Answer answer:
                    context.Response.ContentType = answer.MediaType;
                    if (answer.Link is not null)
                        context.Response.Headers["Link"] = answer.Link;
                    if (answer.Digest is not null)
                        context.Response.Headers["Docker-Content-Digest"] = answer.Digest;
                    context.Response.Close(System.Text.Encoding.UTF8.GetBytes(answer.Body), willBlock: true);
                    return;
                case Fault.CutRequest cut:
                    await request.InputStream.ReadExactlyAsync(new byte[cut.After]);
                    Break(context);
                    return;
                case Fault.Delay delay:
                    await Task.Delay(delay.Time);
                    break;
            }
            await PassAsync(context, fault);
        }
        catch (Exception broken) when (broken is HttpListenerException or IOException or HttpRequestException or ObjectDisposedException or InvalidOperationException)
        {
            // The client went away, or the listener: what the test sees of it is the test's matter.
            Break(context);
        }
    }

    private void Break(HttpListenerContext context)
    {
        _relay.Break(context.Request.RemoteEndPoint.Port);
        context.Response.Abort();
    }

    private async Task PassAsync(HttpListenerContext context, Fault? fault)
    {
        using HttpRequestMessage forward = new(new HttpMethod(context.Request.HttpMethod), $"http://{_behind}{context.Request.RawUrl}");
        forward.Headers.Host = Name;
        if (context.Request.HttpMethod is "POST" or "PUT" or "PATCH")
            forward.Content = new StreamContent(context.Request.InputStream) { Headers = { ContentLength = context.Request.ContentLength64 } };
        foreach (string name in context.Request.Headers.AllKeys.OfType<string>())
        {
            if (name is "Host" or "Content-Length" || (name == "Range" && fault is Fault.IgnoreRange))
                continue;
            if (!forward.Headers.TryAddWithoutValidation(name, context.Request.Headers[name]))
                forward.Content?.Headers.TryAddWithoutValidation(name, context.Request.Headers[name]);
        }
        using HttpResponseMessage answer = await _client.SendAsync(forward, HttpCompletionOption.ResponseHeadersRead);
        byte[] body = await answer.Content.ReadAsByteArrayAsync();
        if (fault is Fault.LoseAnswer)
        {
            Break(context);
            return;
        }
        context.Response.StatusCode = (int)answer.StatusCode;
        foreach ((string name, HeaderStringValues values) in answer.Headers.NonValidated.Concat(answer.Content.Headers.NonValidated))
        {
            if (name is not ("Content-Length" or "Transfer-Encoding"))
                context.Response.Headers[name] = values.ToString();
        }
        if (fault is Fault.Corrupt corrupt && body.Length > corrupt.At)
            body[corrupt.At] ^= 1;
        context.Response.ContentLength64 = context.Request.HttpMethod == "HEAD" ? answer.Content.Headers.ContentLength ?? 0 : body.Length;
        if (fault is Fault.Cut cut && body.Length > cut.After)
        {
            await context.Response.OutputStream.WriteAsync(body.AsMemory(0, cut.After));
            await context.Response.OutputStream.FlushAsync();
            // A reset overtakes what was sent before: let it arrive.
            await Task.Delay(20);
            Break(context);
            return;
        }
        if (context.Request.HttpMethod != "HEAD")
            await context.Response.OutputStream.WriteAsync(body);
        context.Response.Close();
    }
}
