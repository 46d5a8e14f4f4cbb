using System.Diagnostics.CodeAnalysis;
using Sampan.Oci;

namespace Sampan.Registry;

/// <summary>
/// An image in a registry as a user names it, <c>[HOST[:PORT]/]PATH[:TAG][@DIGEST]</c>, with Docker's rules: without a host it is Docker
/// Hub's, there a name of one part lies in <c>library/</c>, and without tag and digest the tag is <c>latest</c>
/// (distribution's reference grammar; distribution-spec, Pulling manifests).
/// </summary>
public sealed partial record ImageReference
{
    /// <summary>The registry of a name without one.</summary>
    public const string DefaultRegistry = "docker.io";

    /// <summary>The tag of a name with neither tag nor digest.</summary>
    public const string DefaultTag = "latest";

    /// <summary>The longest host and path together, in characters.</summary>
    public const int MaximumNameLength = 255;

    private ImageReference(string registry, string repository, string? tag, Digest? digest)
    {
        Registry = registry;
        Repository = repository;
        Tag = tag;
        Digest = digest;
    }

    /// <summary>The host, with its port where one was given: <c>docker.io</c>, <c>localhost:5000</c>, <c>[::1]:5000</c>.</summary>
    public string Registry { get; }

    /// <summary>The path in the registry, for instance <c>library/debian</c>.</summary>
    public string Repository { get; }

    /// <summary>The tag, or null where only a digest was given.</summary>
    public string? Tag { get; private init; }

    /// <summary>The digest of the manifest, or null where only a tag was given. With both, the digest decides.</summary>
    public Digest? Digest { get; private init; }

    /// <summary>Host and path, without tag and digest.</summary>
    public string Name => $"{Registry}/{Repository}";

    /// <summary>What the registry is asked for: the digest where there is one, else the tag.</summary>
    public string Target => Digest?.ToString() ?? Tag!;

    /// <summary>The name as people write it: without <c>docker.io/</c> and <c>library/</c>.</summary>
    public string Familiar => FamiliarName + Suffix;

    /// <summary>The repository's name as people write it.</summary>
    public string FamiliarName => Registry != DefaultRegistry ? Name
        : Repository.StartsWith("library/", StringComparison.Ordinal) && Repository.LastIndexOf('/') == 7 ? Repository[8..] : Repository;

    private string Suffix => (Tag is null ? "" : ":" + Tag) + (Digest is { } digest ? $"@{digest}" : "");

    /// <summary>Reads a reference.</summary>
    /// <exception cref="RegistryException">It is not one; the message says which part is wrong.</exception>
    public static ImageReference Parse(string text) => Read(text, out string? problem)
        ?? throw new RegistryException(RegistryErrorKind.InvalidArgument, $"\"{Printable.Excerpt(text, 100)}\" does not name an image: {problem}");

    /// <summary>Reads a reference; false when the text is not one.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out ImageReference? reference)
    {
        reference = text is null ? null : Read(text, out _);
        return reference is not null;
    }

    /// <summary>The same repository's image of another tag, without a digest.</summary>
    /// <exception cref="RegistryException">The text is not a tag.</exception>
    public ImageReference WithTag(string tag) => IsTag(tag)
        ? this with { Tag = tag, Digest = null }
        : throw new RegistryException(RegistryErrorKind.InvalidArgument, $"\"{Printable.Excerpt(tag, 60)}\" is not a tag ({TagRule})");

    /// <summary>The same repository's manifest of a digest, without a tag.</summary>
    public ImageReference WithDigest(Digest digest) => this with { Tag = null, Digest = digest.IsValid ? digest : throw new ArgumentException("The digest was never set.", nameof(digest)) };

    /// <summary>The whole name, with registry and tag or digest.</summary>
    public override string ToString() => Name + Suffix;
}
