using Sampan.Oci;

namespace Sampan.Images.Archives;

/// <summary>One layer of an image as it lies in an archive or a layout.</summary>
/// <param name="File">Its name among the archive's files.</param>
/// <param name="Stored">What its manifest says of it; without digest (not valid) and size (-1) where there is no such promise, as in Docker's archives.</param>
internal sealed record ArchivedLayer(string File, Descriptor Stored);

/// <summary>One image of an archive or a layout, its documents read and checked.</summary>
/// <param name="Names">What it is called there: full or short references, or bare tags.</param>
/// <param name="ConfigBytes">The configuration, byte for byte.</param>
/// <param name="Config">The same, read.</param>
/// <param name="Id">The digest of the configuration, by which the image is known.</param>
/// <param name="Target">The manifest's descriptor; null where there is no manifest of OCI's or Docker's registries.</param>
/// <param name="ManifestBytes">The manifest, byte for byte, or null.</param>
/// <param name="Layers">The layers, the lowest first.</param>
internal sealed record ArchivedImage(IReadOnlyList<string> Names, byte[] ConfigBytes, ImageConfig Config, Digest Id, Descriptor? Target, byte[]? ManifestBytes, IReadOnlyList<ArchivedLayer> Layers);
