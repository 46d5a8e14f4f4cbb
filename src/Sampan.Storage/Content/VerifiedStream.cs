using System.Security.Cryptography;
using Sampan.Oci;
using Sampan.Storage.Archives;

namespace Sampan.Storage.Content;

/// <summary>
/// A stream that hashes what is read through it and does not report the end before length and digest are those that were promised. It reads
/// no byte more than the promised length from the stream below. Dispose it without reading to the end and nothing is verified: call <see cref="Finish"/>.
/// </summary>
public sealed class VerifiedStream : ForwardStream
{
    private readonly Stream _source;
    private readonly IncrementalHash _hash;
    private readonly Digest _expected;
    private readonly long _length;
    private readonly string _what;
    private readonly long _limit;
    private long _read;
    private bool _verified;

    /// <summary>Wraps <paramref name="source"/>.</summary>
    /// <param name="source">Where the bytes come from; not closed by this stream.</param>
    /// <param name="expected">The digest that the bytes must have.</param>
    /// <param name="length">The number of bytes, or -1 where it was not promised; then the end of <paramref name="source"/> is the end.</param>
    /// <param name="what">What it is, for the error message.</param>
    /// <param name="limit">The most bytes that are read where the length was not promised.</param>
    public VerifiedStream(Stream source, Digest expected, long length, string what, long limit = long.MaxValue)
    {
        _limit = limit;
        _source = source;
        _expected = expected;
        _length = length;
        _what = what;
        _hash = IncrementalHash.CreateHash(expected.HashAlgorithm);
    }

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
        if (_read > _limit)
            throw new StorageException(StorageErrorKind.InvalidContent, $"{_what} is larger than {_limit} bytes, which is the limit: it may be a decompression bomb");
        return read;
    }

    /// <summary>Reads what is left and verifies it.</summary>
    /// <exception cref="StorageException">Length or digest are not as promised.</exception>
    public void Finish()
    {
        byte[] waste = new byte[64 * 1024];
        while (Read(waste) > 0)
        {
        }
    }

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
            throw new StorageException(StorageErrorKind.InvalidContent, $"{_what} ends after {_read} of {_length} bytes");
        Digest actual = Digest.FromHash(_hash.GetHashAndReset());
        if (actual != _expected)
            throw new StorageException(StorageErrorKind.InvalidContent, $"{_what} has the digest {actual} and not {_expected}: it was damaged or exchanged");
        _verified = true;
    }
}
