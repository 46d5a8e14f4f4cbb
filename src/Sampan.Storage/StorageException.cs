namespace Sampan.Storage;

/// <summary>What kind of failure a <see cref="StorageException"/> is. The engine has one table from these to its own kinds.</summary>
public enum StorageErrorKind
{
    /// <summary>The kernel or the disk failed, or a newer Sampan wrote what is there.</summary>
    Failed,

    /// <summary>A name or a value that the caller gave is wrong.</summary>
    InvalidArgument,

    /// <summary>There is no such content, layer or image.</summary>
    NotFound,

    /// <summary>Something is in use, or there already.</summary>
    Conflict,

    /// <summary>An archive or its content is malformed, lies about itself, or is hostile.</summary>
    InvalidContent,
}

/// <summary>A failure of the storage: one sentence with the cause and the way out.</summary>
public sealed class StorageException : IOException
{
    /// <summary>Makes the exception of one sentence.</summary>
    public StorageException(StorageErrorKind kind, string message, Exception? cause = null)
        : base(message, cause) => Kind = kind;

    /// <summary>What kind of failure this is.</summary>
    public StorageErrorKind Kind { get; }
}
