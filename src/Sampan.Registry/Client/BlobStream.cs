using System.Net;
using System.Security.Cryptography;
using Sampan.Oci;

namespace Sampan.Registry;

/// <summary>
/// A blob as it comes from a registry. The connection behind it may break any number of times, as long as something came in between: it asks for the rest
/// (RFC 9110, 14.2), at the next source where one is left. The last bytes are not given out before length and digest of the whole were found right, so
/// that whoever reads to the end has what the descriptor names, and whoever is thrown out by <see cref="RegistryErrorKind.InvalidContent"/> must drop what
/// he has read. Dispose it to let the next transfer begin. Not for two readers at once.
/// </summary>
public sealed class BlobStream : Stream
{
    // What must have come for the next cut to count as the first.
    private const long Progress = 64 << 10;
    private readonly IReadOnlyList<RegistryEndpoint> _sources;
    private readonly string _repository;
    private readonly Descriptor _descriptor;
    private readonly int _retries;
    private readonly IncrementalHash _hash;
    private int _source;
    private RegistryEndpoint? _held;
    private HttpResponseMessage? _response;
    private Stream? _body;
    private long _position;
    private long _lastCut;
    private int _attempt;
    private bool _verified;

    internal BlobStream(IReadOnlyList<RegistryEndpoint> sources, string repository, Descriptor descriptor, long offset, IncrementalHash? prefix, int retries)
    {
        (_sources, _repository, _descriptor, _retries) = (sources, repository, descriptor, retries);
        (_position, _lastCut) = (offset, offset);
        _hash = prefix ?? IncrementalHash.CreateHash(descriptor.Digest.HashAlgorithm);
    }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <summary>The blob's length, in bytes.</summary>
    public override long Length => _descriptor.Size;

    /// <summary>How far the blob was read, in bytes from its beginning. It cannot be set.</summary>
    public override long Position { get => _position; set => throw new NotSupportedException(); }

    /// <summary>How often the connection broke and was made anew.</summary>
    public int Resumptions { get; private set; }

    private RegistryEndpoint Source => _sources[_source];

    private string What => $"blob {_descriptor.Digest} of {Source.Registry}/{Source.Prefix}{_repository}";

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.Length == 0)
            return 0;
        while (true)
        {
            if (_position == _descriptor.Size)
            {
                Verify();
                return 0;
            }
            Exception cut;
            try
            {
                if (_body is null)
                    await OpenAsync(cancellationToken).ConfigureAwait(false);
                Memory<byte> wanted = buffer[..(int)Math.Min(buffer.Length, _descriptor.Size - _position)];
                int read = await ResponseErrors.ReadOrStallAsync(_body!, wanted, Source.StallTimeout, cancellationToken).ConfigureAwait(false);
                if (read > 0)
                {
                    _hash.AppendData(wanted.Span[..read]);
                    _position += read;
                    if (_position == _descriptor.Size)
                        Verify();
                    return read;
                }
                cut = new IOException($"it ends after {_position} of {_descriptor.Size} bytes");
            }
            catch (Exception failure) when (failure is IOException or HttpRequestException or TimeoutException)
            {
                cut = failure;
            }
            await AfterCutAsync(cut, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

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
        {
            Disconnect();
            Release();
            _hash.Dispose();
        }
        base.Dispose(disposing);
    }

    /// <summary>Connects, at the first source that has the blob.</summary>
    internal async Task OpenAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await OpenHereAsync(cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (RegistryException) when (_source + 1 < _sources.Count)
            {
                // What a mirror cannot give, the next source is asked for.
                Disconnect();
                _source++;
            }
        }
    }

    private async Task OpenHereAsync(CancellationToken cancellationToken)
    {
        if (_held != Source)
        {
            Release();
            await Source.Transfers.WaitAsync(cancellationToken).ConfigureAwait(false);
            _held = Source;
        }
        string repository = Source.Prefix + _repository;
        _response = await Source.SendAsync(new RegistryRequest(HttpMethod.Get, What)
        {
            Path = $"{repository}/blobs/{_descriptor.Digest}",
            Repository = repository,
            From = _position,
        }, cancellationToken).ConfigureAwait(false);
        bool partial = _response.StatusCode == HttpStatusCode.PartialContent;
        Check(_response, partial);
        _body = await _response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        // A server that does not know ranges sends it all again.
        byte[] waste = new byte[16 << 10];
        for (long left = partial ? 0 : _position; left > 0;)
        {
            int read = await ResponseErrors.ReadOrStallAsync(_body, waste.AsMemory(0, (int)Math.Min(waste.Length, left)), Source.StallTimeout, cancellationToken).ConfigureAwait(false);
            if (read == 0)
                throw new IOException("it ends before the place where it was cut the last time");
            left -= read;
        }
    }

    private void Check(HttpResponseMessage response, bool partial)
    {
        if (ResponseErrors.IsWebPage(response))
            throw new RegistryException(RegistryErrorKind.InvalidContent, $"{What}: a web page came in its place: it may be no registry, or a proxy or a login page stands between");
        long? length = partial ? response.Content.Headers.ContentRange?.Length : response.Content.Headers.ContentLength;
        if (length is { } said && said != _descriptor.Size)
            throw new RegistryException(RegistryErrorKind.InvalidContent, $"{What} has {said} bytes where the manifest says {_descriptor.Size}");
        if (partial && response.Content.Headers.ContentRange?.From != _position)
            throw new RegistryException(RegistryErrorKind.InvalidContent, $"{What}: the registry sends another part of it than the one from byte {_position} on");
    }

    private async Task AfterCutAsync(Exception cut, CancellationToken cancellationToken)
    {
        Disconnect();
        if (_position - _lastCut >= Progress)
            _attempt = 0;
        _lastCut = _position;
        if (_attempt >= _retries)
        {
            if (_source + 1 == _sources.Count)
                throw new RegistryException(RegistryErrorKind.Unavailable, $"{What} was cut {_attempt + 1} times at byte {_position} of {_descriptor.Size}: {Printable.Excerpt(cut.Message, 200)}", cut);
            _source++;
            _attempt = 0;
        }
        await Source.PauseAsync(_attempt++, What, cancellationToken).ConfigureAwait(false);
        Resumptions++;
    }

    private void Verify()
    {
        if (_verified)
            return;
        Digest actual = Digest.FromHash(_hash.GetCurrentHash());
        if (actual != _descriptor.Digest)
            throw new RegistryException(RegistryErrorKind.InvalidContent, $"{What} has the digest {actual}: it was damaged on its way or exchanged");
        _verified = true;
    }

    private void Disconnect()
    {
        _body?.Dispose();
        _response?.Dispose();
        (_body, _response) = (null, null);
    }

    private void Release()
    {
        _held?.Transfers.Release();
        _held = null;
    }
}
