using Microsoft.Win32.SafeHandles;

namespace Sampan.Images.Archives;

/// <summary>A part of a stream that can be sought in, as a stream of its own. Closing it leaves the whole open; windows of one whole may be read from several threads.</summary>
internal sealed class WindowStream(Stream whole, long offset, long length) : Stream
{
    private readonly SafeFileHandle? _file = (whole as FileStream)?.SafeFileHandle;
    private long _position;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => true;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => length;

    /// <inheritdoc/>
    public override long Position { get => _position; set => _position = value; }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        long left = length - _position;
        if (left <= 0 || buffer.Length == 0)
            return 0;
        int read = ReadAt(offset + _position, buffer[..(int)Math.Min(buffer.Length, left)]);
        _position += read;
        return read;
    }

    private int ReadAt(long position, Span<byte> buffer)
    {
        if (_file is not null)
            return RandomAccess.Read(_file, buffer, position);
        lock (whole)
        {
            whole.Position = position;
            return whole.Read(buffer);
        }
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => _position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => _position + offset,
        _ => length + offset,
    };

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
