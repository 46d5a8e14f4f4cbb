using Sampan.Oci;

namespace Sampan.Images;

/// <summary>Where a layer is on its way.</summary>
public enum LayerStage
{
    /// <summary>It is known that it is needed.</summary>
    Waiting,

    /// <summary>It is there already; nothing is transferred.</summary>
    Exists,

    /// <summary>It was taken from another repository of the same registry (pushes alone).</summary>
    Mounted,

    /// <summary>Bytes come or go; a layer that is pulled is unpacked at the same time.</summary>
    Transferring,

    /// <summary>All of it is there.</summary>
    Done,
}

/// <summary>A step of a layer on its way, in a pull, a push, a load or a save.</summary>
/// <param name="Layer">The layer's digest, as the manifest has it.</param>
/// <param name="Stage">Where it is.</param>
/// <param name="Transferred">Bytes so far.</param>
/// <param name="Total">Bytes in all; -1 where that is not known.</param>
public readonly record struct LayerProgress(Digest Layer, LayerStage Stage, long Transferred, long Total);
