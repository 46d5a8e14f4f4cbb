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
    private sealed class UnclosedStream(Stream target) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Flush() => target.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(ReadOnlySpan<byte> buffer) => target.Write(buffer);

        public override void Write(byte[] buffer, int offset, int count) => target.Write(buffer, offset, count);
    }
}
