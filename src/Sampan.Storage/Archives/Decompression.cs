using System.IO.Compression;

namespace Sampan.Storage.Archives;

/// <summary>Finds out by the first bytes how a stream is compressed. A manifest's media type may lie; the bytes cannot.</summary>
public static class Decompression
{
    /// <summary>The plain form of a stream: gzip (RFC 1952) and zstd (RFC 8878) are decompressed, anything else is passed on.</summary>
    /// <param name="source">Read from where it stands; it needs not be able to seek. Not closed by the result.</param>
    /// <returns>A stream that is read from front to back. It throws <see cref="InvalidDataException"/> where the data is damaged.</returns>
    public static Stream Open(Stream source)
    {
        byte[] magic = new byte[4];
        int read = source.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false);
        var whole = new PrefixedStream(magic.AsMemory(0, read), source);
        if (IsGzip(magic.AsSpan(0, read)))
            return new GZipStream(whole, CompressionMode.Decompress);
        return IsZstd(magic.AsSpan(0, read)) ? new ZstdStream(whole) : whole;
    }

    /// <summary>How a stream is compressed: <c>gzip</c>, <c>zstd</c>, or empty. A few bytes of it are read.</summary>
    public static string Kind(Stream source)
    {
        Span<byte> magic = stackalloc byte[4];
        magic = magic[..source.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false)];
        return IsGzip(magic) ? "gzip" : IsZstd(magic) ? "zstd" : "";
    }

    /// <summary>Whether these first bytes are gzip's.</summary>
    public static bool IsGzip(ReadOnlySpan<byte> magic) => magic.Length >= 2 && magic[0] == 0x1f && magic[1] == 0x8b;

    /// <summary>Whether these first bytes are those of a zstd frame, or of a skippable frame as zstd:chunked has them in front.</summary>
    public static bool IsZstd(ReadOnlySpan<byte> magic) =>
        magic.Length >= 4 && (magic[..4].SequenceEqual((ReadOnlySpan<byte>)[0x28, 0xb5, 0x2f, 0xfd]) || ((magic[0] & 0xf0) == 0x50 && magic[1..4].SequenceEqual((ReadOnlySpan<byte>)[0x2a, 0x4d, 0x18])));
}
