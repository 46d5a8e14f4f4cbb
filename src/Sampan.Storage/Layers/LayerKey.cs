using System.Security.Cryptography;
using System.Text;
using Sampan.Oci;

namespace Sampan.Storage.Layers;

/// <summary>By what a layer is known in the <see cref="LayerStore"/>: half of its chain id's digits.</summary>
public static class LayerKey
{
    private const int Length = 32;

    /// <summary>The key of a chain id.</summary>
    public static string Of(Digest chainId) => chainId.Hex[..Length];

    /// <summary>The keys of an image's layers, the lowest first.</summary>
    /// <param name="diffIds">The digests of the uncompressed layers, the lowest first.</param>
    public static IReadOnlyList<string> Of(IReadOnlyList<Digest> diffIds) => [.. ChainIds(diffIds).Select(Of)];

    /// <summary>The chain ids of an image's layers, the lowest first (image-spec config.md, Layer ChainID).</summary>
    /// <param name="diffIds">The digests of the uncompressed layers, the lowest first.</param>
    public static IReadOnlyList<Digest> ChainIds(IReadOnlyList<Digest> diffIds)
    {
        var chain = new List<Digest>(diffIds.Count);
        foreach (Digest diffId in diffIds)
            chain.Add(chain.Count == 0 ? diffId : Digest.FromHash(SHA256.HashData(Encoding.ASCII.GetBytes($"{chain[^1]} {diffId}"))));
        return chain;
    }
}
