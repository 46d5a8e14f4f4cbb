using Sampan.Oci;

namespace Sampan.Engine.Images;

/// <summary>Where an image comes from.</summary>
public enum ImageTransport
{
    /// <summary>The image inside the program.</summary>
    Embedded,

    /// <summary><c>oci:DIR[:TAG]</c>: an OCI image layout (image-spec image-layout.md).</summary>
    OciLayout,

    /// <summary><c>docker-archive:FILE[:NAME]</c>: what <c>docker save</c> writes, plain or compressed by gzip.</summary>
    DockerArchive,
}

/// <summary>An image as a user names it.</summary>
/// <param name="Transport">Where it comes from.</param>
/// <param name="Path">The directory or the file; empty for the embedded image.</param>
/// <param name="Tag">Which image of several, or null for the only one.</param>
public sealed record ImageReference(ImageTransport Transport, string Path, string? Tag)
{
    /// <summary>The name of the embedded image.</summary>
    public const string EmbeddedName = "busybox";

    /// <summary>Reads a reference.</summary>
    /// <exception cref="EngineException">It is none of the forms that this version knows.</exception>
    public static ImageReference Parse(string text)
    {
        if (text is EmbeddedName or EmbeddedName + ":latest" or "default")
            return new ImageReference(ImageTransport.Embedded, "", null);
        if (text.StartsWith("oci:", StringComparison.Ordinal))
            return WithTag(ImageTransport.OciLayout, text[4..], text);
        if (text.StartsWith("docker-archive:", StringComparison.Ordinal))
            return WithTag(ImageTransport.DockerArchive, text[15..], text);
        throw new EngineException(
            ErrorKind.NotFound,
            $"there is no image \"{Printable.Escape(text)}\": this version runs the built-in \"{EmbeddedName}\", an OCI layout (oci:DIR[:TAG]) and a docker save archive (docker-archive:FILE); registries come later");
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        string tag = Tag is null ? "" : $":{Tag}";
        return Transport switch
        {
            ImageTransport.OciLayout => $"oci:{Path}{tag}",
            ImageTransport.DockerArchive => $"docker-archive:{Path}{tag}",
            _ => EmbeddedName,
        };
    }

    private static ImageReference WithTag(ImageTransport transport, string rest, string text)
    {
        // A tag has no slash, so that the colon of a directory's name is not taken for one.
        int slash = rest.LastIndexOf('/');
        int colon = transport == ImageTransport.DockerArchive && rest.Contains(".tar:", StringComparison.Ordinal)
            ? rest.IndexOf(".tar:", StringComparison.Ordinal) + 4
            : rest.IndexOf(':', slash + 1);
        string path = colon < 0 ? rest : rest[..colon];
        string? tag = colon < 0 ? null : rest[(colon + 1)..];
        if (path.Length == 0 || tag is "")
            throw new EngineException(ErrorKind.InvalidArgument, $"\"{Printable.Escape(text)}\" does not name an image: the path or the tag is empty");
        return new ImageReference(transport, path, tag);
    }
}
