using Sampan.Oci;
using Sampan.Storage;

namespace Sampan.Images.Archives;

/// <summary>In which form an image lies in a file or a directory.</summary>
public enum ImageTransport
{
    /// <summary><c>oci:DIR[:TAG]</c>: an OCI image layout (image-spec image-layout.md).</summary>
    OciLayout,

    /// <summary><c>oci-archive:FILE[:TAG]</c>: the same in a tar archive, plain or compressed.</summary>
    OciArchive,

    /// <summary><c>docker-archive:FILE[:NAME]</c>: what <c>docker save</c> writes, plain or compressed.</summary>
    DockerArchive,
}

/// <summary>An image in a file or a directory, as a user names it.</summary>
/// <param name="Transport">Its form.</param>
/// <param name="Path">The directory or the file.</param>
/// <param name="Tag">Which image of several, or null for the only one.</param>
public sealed record ImageLocation(ImageTransport Transport, string Path, string? Tag)
{
    private static readonly (string Prefix, ImageTransport Transport)[] s_prefixes =
        [("oci:", ImageTransport.OciLayout), ("oci-archive:", ImageTransport.OciArchive), ("docker-archive:", ImageTransport.DockerArchive)];

    /// <summary>Reads a location; null where the text does not begin as one, and so is the name of an image.</summary>
    /// <exception cref="StorageException">The path or the tag is empty.</exception>
    public static ImageLocation? TryParse(string text)
    {
        foreach ((string prefix, ImageTransport transport) in s_prefixes)
        {
            if (text.StartsWith(prefix, StringComparison.Ordinal))
                return WithTag(transport, text[prefix.Length..], text);
        }
        return null;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Array.Find(s_prefixes, one => one.Transport == Transport).Prefix}{Path}{(Tag is null ? "" : $":{Tag}")}";

    private static ImageLocation WithTag(ImageTransport transport, string rest, string text)
    {
        // A tag has no slash, so that the colon of a directory's name is not taken for one.
        int slash = rest.LastIndexOf('/');
        int colon = transport != ImageTransport.OciLayout && rest.Contains(".tar:", StringComparison.Ordinal)
            ? rest.IndexOf(".tar:", StringComparison.Ordinal) + 4
            : rest.IndexOf(':', slash + 1);
        string path = colon < 0 ? rest : rest[..colon];
        string? tag = colon < 0 ? null : rest[(colon + 1)..];
        if (path.Length == 0 || tag is "")
            throw new StorageException(StorageErrorKind.InvalidArgument, $"\"{Printable.Escape(text)}\" does not name an image: the path or the tag is empty");
        return new ImageLocation(transport, path, tag);
    }
}
