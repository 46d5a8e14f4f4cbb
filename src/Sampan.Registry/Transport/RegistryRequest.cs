using System.Net;

namespace Sampan.Registry;

/// <summary>One request to a registry, described so that it can be made again.</summary>
/// <param name="Method">The method.</param>
/// <param name="What">What is done, for messages: <c>manifest latest of r.io/app</c>.</param>
internal sealed record RegistryRequest(HttpMethod Method, string What)
{
    /// <summary>Where, below the registry's <c>/v2/</c>.</summary>
    public string Path { get; init; } = "";

    /// <summary>Where, as a Location or Link header said it; stands for <see cref="Path"/>.</summary>
    public Uri? Address { get; init; }

    /// <summary>The repository for whose sake it is made, by which the credential is chosen.</summary>
    public string? Repository { get; init; }

    /// <summary>
    /// The scopes that it needs, separated by spaces (distribution's token scopes); where nothing else was said, to read from
    /// <see cref="Repository"/>, and null without one.
    /// </summary>
    public string? Scope { get => field ?? (Repository is null ? null : PullScope(Repository)); init; }

    /// <summary>The media types that are accepted.</summary>
    public IReadOnlyList<string> Accept { get; init; } = [];

    /// <summary>The first byte that is wanted; 0 is all of it.</summary>
    public long From { get; init; }

    /// <summary>Makes the body anew for each attempt; what it is given is to be called whenever the body moves on.</summary>
    public Func<Action, CancellationToken, Task<HttpContent>>? Content { get; init; }

    /// <summary>The statuses beside 2xx that the caller understands.</summary>
    public IReadOnlyList<HttpStatusCode> Expected { get; init; } = [];

    /// <summary>Whether a failure is the caller's to repair.</summary>
    public bool Once { get; init; }

    /// <summary>The scope that reading from a repository needs.</summary>
    public static string PullScope(string repository) => $"repository:{repository}:pull";

    /// <summary>The scope that writing to a repository needs.</summary>
    public static string PushScope(string repository) => $"repository:{repository}:pull,push";
}
