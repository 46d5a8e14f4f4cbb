using Sampan.Storage;

namespace Sampan.Engine.Containers;

/// <summary>The one table from the storage's kinds of failure to the engine's.</summary>
internal static class StorageFailure
{
    /// <summary>The same sentence as the engine's failure.</summary>
    public static EngineException ToEngine(StorageException failure) => new(
        failure.Kind switch
        {
            StorageErrorKind.InvalidArgument => ErrorKind.InvalidArgument,
            StorageErrorKind.NotFound => ErrorKind.NotFound,
            StorageErrorKind.Conflict => ErrorKind.Conflict,
            StorageErrorKind.InvalidContent => ErrorKind.InvalidImage,
            _ => ErrorKind.Failed,
        },
        failure.Message,
        failure);
}
