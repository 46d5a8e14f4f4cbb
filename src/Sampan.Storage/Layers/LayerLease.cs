namespace Sampan.Storage.Layers;

/// <summary>
/// Holds an image's unpacked layers against <see cref="LayerStore.Prune"/> until it is disposed or its process dies: long enough to write the record that
/// names them.
/// </summary>
public sealed class LayerLease : IDisposable
{
    private readonly List<LayerLock> _locks;

    internal LayerLease(IReadOnlyList<string> directories, List<LayerLock> locks)
    {
        Directories = directories;
        _locks = locks;
    }

    /// <summary>The directories of the layers, the uppermost first, without those that an upper one hides whole.</summary>
    public IReadOnlyList<string> Directories { get; }

    /// <inheritdoc/>
    public void Dispose() => _locks.ForEach(static one => one.Dispose());
}
