using System.Security.Cryptography;

namespace Sampan.Oci;

/// <summary>
/// The name of content by its hash, <c>sha256:</c> and 64 or <c>sha512:</c> and 128 lower-case hexadecimal digits
/// (image-spec descriptor.md, Digests). The default value is not a digest: <see cref="IsValid"/> is false and <see cref="ToString"/> throws,
/// so that a forgotten one can never become a file name.
/// </summary>
public readonly struct Digest : IEquatable<Digest>
{
    private const string Sha256 = "sha256:";
    private const string Sha512 = "sha512:";

    private readonly string? _text;

    private Digest(string text) => _text = text;

    /// <summary>Whether this is a digest and not the default value.</summary>
    public bool IsValid => _text is not null;

    /// <summary>The algorithm, <c>sha256</c> or <c>sha512</c>.</summary>
    /// <exception cref="InvalidOperationException">This is the default value.</exception>
    public string Algorithm => Valid()[..6];

    /// <summary>The algorithm by .NET's name.</summary>
    /// <exception cref="InvalidOperationException">This is the default value.</exception>
    public HashAlgorithmName HashAlgorithm => Valid().StartsWith(Sha512, StringComparison.Ordinal) ? HashAlgorithmName.SHA512 : HashAlgorithmName.SHA256;

    /// <summary>The hash in lower-case hexadecimal digits.</summary>
    /// <exception cref="InvalidOperationException">This is the default value.</exception>
    public string Hex => Valid()[7..];

    /// <summary>Reads a digest.</summary>
    /// <exception cref="FormatException">The text is not a digest.</exception>
    public static Digest Parse(string text) => TryParse(text, out Digest digest)
        ? digest
        : throw new FormatException($"\"{Printable.Excerpt(text, 60)}\" is not a digest (sha256: and 64, or sha512: and 128 lower-case hexadecimal digits)");

    /// <summary>Reads a digest; false when the text is not one.</summary>
    public static bool TryParse(string? text, out Digest digest)
    {
        digest = default;
        if (text is null)
            return false;
        bool rightLength = (text.Length == 7 + 64 && text.StartsWith(Sha256, StringComparison.Ordinal))
            || (text.Length == 7 + 128 && text.StartsWith(Sha512, StringComparison.Ordinal));
        if (!rightLength || !IsLowerHex(text.AsSpan(7)))
            return false;
        digest = new Digest(text);
        return true;
    }

    /// <summary>The digest of a hash that was computed: 32 bytes of SHA-256 or 64 of SHA-512.</summary>
    /// <exception cref="ArgumentException">The hash has another length.</exception>
    public static Digest FromHash(ReadOnlySpan<byte> hash) => hash.Length switch
    {
        32 => new Digest(Sha256 + Convert.ToHexStringLower(hash)),
        64 => new Digest(Sha512 + Convert.ToHexStringLower(hash)),
        _ => throw new ArgumentException($"A hash of {hash.Length} bytes is neither SHA-256 nor SHA-512.", nameof(hash)),
    };

    /// <summary>The digest as <c>algorithm:hex</c>.</summary>
    /// <exception cref="InvalidOperationException">This is the default value.</exception>
    public override string ToString() => Valid();

    /// <inheritdoc/>
    public bool Equals(Digest other) => _text == other._text;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Digest other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _text is null ? 0 : _text.GetHashCode(StringComparison.Ordinal);

    /// <summary>Whether both name the same content.</summary>
    public static bool operator ==(Digest left, Digest right) => left.Equals(right);

    /// <summary>Whether they name different content.</summary>
    public static bool operator !=(Digest left, Digest right) => !left.Equals(right);

    private static bool IsLowerHex(ReadOnlySpan<char> text)
    {
        foreach (char c in text)
        {
            if (!char.IsAsciiHexDigitLower(c))
                return false;
        }
        return true;
    }

    private string Valid() => _text ?? throw new InvalidOperationException("This digest was never set.");
}
