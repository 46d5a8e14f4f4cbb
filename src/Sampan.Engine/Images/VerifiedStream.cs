using System.Security.Cryptography;
using Sampan.Oci;

namespace Sampan.Engine.Images;

/// <summary>
/// A stream that hashes what is read through it and does not report the end before length and digest are those that were promised. It reads
/// no byte more than the promised length from the stream below. Dispose it without reading to the end and nothing is verified: call <see cref="Finish"/>.
/// </summary>
public sealed class VerifiedStream : Stream
{
    private readonly Stream _source;
    private readonly IncrementalHash _hash;
    private readonly Digest _expected;
    private readonly long _length;
    private readonly string _what;
    private long _read;
    private bool _verified;

    /// <summary>Wraps <paramref name="source"/>.</summary>
    /// <param name="source">Where the bytes come from; not closed by this stream.</param>
    /// <param name="expected">The digest that the bytes must have.</param>
    /// <param name="length">The number of bytes, or -1 where it was not promised; then the end of <paramref name="source"/> is the end.</param>
    /// <param name="what">What it is, for the error message.</param>
    public VerifiedStream(Stream source, Digest expected, long length, string what)
    {
        _source = source;
        _expected = expected;
        _length = length;
        _what = what;
        _hash = IncrementalHash.CreateHash(expected.Algorithm == "sha512" ? HashAlgorithmName.SHA512 : HashAlgorithmName.SHA256);
    }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => _read; set => throw new NotSupportedException(); }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        if (buffer.Length == 0)
            return 0;
        if (_length >= 0)
            buffer = buffer[..(int)Math.Min(buffer.Length, _length - _read)];
        int read = buffer.Length == 0 ? 0 : _source.Read(buffer);
        if (read == 0)
        {
            Verify();
            return 0;
        }
        _hash.AppendData(buffer[..read]);
        _read += read;
        return read;
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <summary>Reads what is left and verifies it.</summary>
    /// <exception cref="EngineException">Length or digest are not as promised.</exception>
    public void Finish()
    {
        byte[] waste = new byte[64 * 1024];
        while (Read(waste) > 0)
        {
        }
    }

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _hash.Dispose();
        base.Dispose(disposing);
    }

    private void Verify()
    {
        if (_verified)
            return;
        if (_length >= 0 && _read != _length)
            throw new EngineException(ErrorKind.InvalidImage, $"{_what} ends after {_read} of {_length} bytes");
        Digest actual = Digest.FromHash(_hash.GetHashAndReset());
        if (actual != _expected)
            throw new EngineException(ErrorKind.InvalidImage, $"{_what} has the digest {actual} and not {_expected}: it was damaged or exchanged");
        _verified = true;
    }
}
