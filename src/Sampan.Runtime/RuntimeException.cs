namespace Sampan.Runtime;

/// <summary>What kind of failure a <see cref="RuntimeException"/> is; an interface maps it to its own numbers (exit codes).</summary>
public enum RuntimeErrorKind
{
    /// <summary>The operation failed for a reason outside of the request: the kernel, the disk, a hook.</summary>
    Failed,

    /// <summary>The request itself is wrong: an id, an option, a field of config.json.</summary>
    InvalidArgument,

    /// <summary>No container (or process) of that name.</summary>
    NotFound,

    /// <summary>A container of that name exists.</summary>
    AlreadyExists,

    /// <summary>The container is in a state in which this cannot be done.</summary>
    WrongState,

    /// <summary>The container's program does not exist in its root file system.</summary>
    ExecutableNotFound,

    /// <summary>The container's program exists and cannot be executed.</summary>
    ExecutableNotAllowed,
}

/// <summary>
/// A failure of the runtime, told in one sentence with its cause and, where there is one, the way out. Wording that runc's callers
/// search for ("container not running", "does not exist") is kept literally.
/// </summary>
public sealed class RuntimeException : Exception
{
    /// <summary>Makes the exception of one sentence.</summary>
    public RuntimeException(string message, RuntimeErrorKind kind = RuntimeErrorKind.Failed, Exception? cause = null)
        : base(message, cause) => Kind = kind;

    /// <summary>What kind of failure this is.</summary>
    public RuntimeErrorKind Kind { get; }
}
