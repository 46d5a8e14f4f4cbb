using System.IO.Compression;

namespace Sampan.Storage.Archives;

/// <summary>How an archive or a layer is compressed when it is written.</summary>
public enum CompressionKind
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>gzip (RFC 1952), which every engine reads.</summary>
    Gzip,

    /// <summary>zstd (RFC 8878): smaller and faster, and not read by old engines.</summary>
    Zstd,
}

/// <summary>The counterpart of <see cref="Decompression"/>.</summary>
public static class Compression
{
    private const int ZstdLevel = 3;

    /// <summary>A stream to write plain bytes to; closing it ends the compressed form and leaves <paramref name="target"/> open.</summary>
    public static Stream Open(Stream target, CompressionKind kind) => kind switch
    {
        CompressionKind.Gzip => new GZipStream(target, CompressionLevel.Fastest, leaveOpen: true),
        CompressionKind.Zstd => new ZstdSharp.CompressionStream(target, ZstdLevel, leaveOpen: true),
        _ => new BufferedStream(new UnclosedStream(target), 256 * 1024),
    };

    /// <summary>Passes writes on and stays away from closing.</summary>
    private sealed class UnclosedStream(Stream target) : OutwardStream
    {
        public override void Flush() => target.Flush();

        public override void Write(ReadOnlySpan<byte> buffer) => target.Write(buffer);
    }
}
