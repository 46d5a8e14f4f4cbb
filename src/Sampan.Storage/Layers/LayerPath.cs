using Sampan.Oci;

namespace Sampan.Storage.Layers;

/// <summary>A member's path, normalised: no empty part, no <c>.</c>, no <c>..</c>, no leading slash. <c>""</c> is the layer's root itself.</summary>
/// <param name="Parent">The directory's path, <c>""</c> for the root.</param>
/// <param name="Name">The last part; empty only for the root.</param>
public readonly record struct LayerPath(string Parent, string Name)
{
    /// <summary>The whole path.</summary>
    public string Full => Parent.Length == 0 ? Name : $"{Parent}/{Name}";

    /// <summary>Normalises a path of an archive.</summary>
    /// <exception cref="StorageException">The path steps upwards with <c>..</c>, or a part is longer than a file name can be.</exception>
    public static LayerPath Parse(string path)
    {
        var parts = new List<string>();
        foreach (string part in path.Split('/'))
        {
            if (part is "" or ".")
                continue;
            if (part == "..")
                throw new StorageException(StorageErrorKind.InvalidContent, $"the layer is refused: the path \"{Printable.Escape(path)}\" steps upwards with \"..\"");
            if (System.Text.Encoding.UTF8.GetByteCount(part) > 255)
                throw new StorageException(StorageErrorKind.InvalidContent, $"the layer is refused: a file name in it is longer than 255 bytes (\"{Printable.Escape(part[..60])}…\")");
            parts.Add(part);
        }
        return parts.Count == 0 ? new LayerPath("", "") : new LayerPath(string.Join('/', parts[..^1]), parts[^1]);
    }
}
