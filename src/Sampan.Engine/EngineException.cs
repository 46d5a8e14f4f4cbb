namespace Sampan.Engine;

/// <summary>What kind of failure an <see cref="EngineException"/> is. Each interface has one table from these to its own numbers.</summary>
public enum ErrorKind
{
    /// <summary>The kernel, the disk or the runtime failed.</summary>
    Failed,

    /// <summary>A flag, a name, a reference or a file that the user gave is wrong.</summary>
    InvalidArgument,

    /// <summary>There is no such container, image or file.</summary>
    NotFound,

    /// <summary>The name is taken, or the container's state does not allow it.</summary>
    Conflict,

    /// <summary>The image or archive is malformed, lies about itself, or is hostile.</summary>
    InvalidImage,

    /// <summary>The container's program is not there.</summary>
    ExecutableNotFound,

    /// <summary>The container's program is there and cannot be executed.</summary>
    ExecutableNotAllowed,
}

/// <summary>A failure of the engine: one sentence with the cause and the way out.</summary>
public sealed class EngineException : Exception
{
    /// <summary>Makes the exception of one sentence.</summary>
    public EngineException(ErrorKind kind, string message, Exception? cause = null)
        : base(message, cause) => Kind = kind;

    /// <summary>What kind of failure this is.</summary>
    public ErrorKind Kind { get; }
}
