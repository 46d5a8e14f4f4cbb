using System.Net;
using System.Net.Http.Headers;

namespace Sampan.Registry;

/// <summary>What kind of failure a <see cref="RegistryException"/> is. Each interface has one table from these to its own numbers.</summary>
public enum RegistryErrorKind
{
    /// <summary>The network, the disk or a credential helper failed.</summary>
    Failed,

    /// <summary>A reference, a platform or a setting is wrong.</summary>
    InvalidArgument,

    /// <summary>The registry has no such repository, tag, manifest or blob.</summary>
    NotFound,

    /// <summary>The registry does not let this user do it.</summary>
    Unauthorized,

    /// <summary>What the registry sent is not what was asked for: a wrong digest or length, a web page, a document that is no manifest.</summary>
    InvalidContent,

    /// <summary>The registry is overloaded or out of order, and stayed so while it was asked again.</summary>
    Unavailable,

    /// <summary>The registry or this version cannot do it.</summary>
    Unsupported,
}

/// <summary>A failure in talking with a registry: one sentence with the cause and the way out, and never a credential in it.</summary>
public sealed class RegistryException : Exception
{
    /// <summary>Makes the exception of one sentence.</summary>
    public RegistryException(RegistryErrorKind kind, string message, Exception? cause = null)
        : base(message, cause) => Kind = kind;

    /// <summary>What kind of failure this is.</summary>
    public RegistryErrorKind Kind { get; }

    /// <summary>The status of the registry's answer, or null where there was none.</summary>
    internal HttpStatusCode? Status { get; init; }

    /// <summary>How long the registry asks to wait, or null.</summary>
    internal RetryConditionHeaderValue? RetryAfter { get; init; }

    /// <summary>Whether an upload can go on after it: the network broke, the registry was out of order, or it lost or counted the upload otherwise.</summary>
    internal bool MayPass => Status is { } status ? Backoff.Passes(status) || status is HttpStatusCode.NotFound or HttpStatusCode.RequestedRangeNotSatisfiable
        : InnerException is { } cause && Backoff.Passes(cause);
}
