using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace Sampan.Storage.Archives;

/// <summary>
/// Reads another stream on a thread of its own, a bounded number of bytes ahead, so that decompression and unpacking go on at the same time.
/// An exception of that thread is thrown to the reader where the data ends. Disposing waits for the read that is under way and leaves the
/// source open.
/// </summary>
public sealed class ReadAheadStream : ForwardStream
{
    private const int BufferSize = 256 * 1024;
    private const int BufferCount = 8; // 2 MiB ahead

    private readonly Stream _source;
    private readonly BlockingCollection<byte[]> _free = new(BufferCount);
    private readonly BlockingCollection<(byte[] Buffer, int Length)> _full = new(BufferCount);
    private readonly CancellationTokenSource _stop = new();
    private readonly Thread _thread;
    private ExceptionDispatchInfo? _failure;
    private byte[]? _current;
    private int _length;
    private int _offset;

    /// <summary>Starts to read.</summary>
    public ReadAheadStream(Stream source)
    {
        _source = source;
        for (int i = 0; i < BufferCount; i++)
            _free.Add(GC.AllocateUninitializedArray<byte>(BufferSize));
        _thread = new Thread(Fill, 256 * 1024) { IsBackground = true, Name = "read ahead" };
        _thread.Start();
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        if (buffer.Length == 0)
            return 0;
        if (_offset == _length && !Next())
            return 0;
        int read = Math.Min(buffer.Length, _length - _offset);
        _current.AsSpan(_offset, read).CopyTo(buffer);
        _offset += read;
        return read;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && _thread.IsAlive)
            _stop.Cancel();
        if (disposing)
        {
            _thread.Join();
            _free.Dispose();
            _full.Dispose();
            _stop.Dispose();
        }
        base.Dispose(disposing);
    }

    private bool Next()
    {
        if (_current is not null)
            _free.Add(_current);
        _current = null;
        _offset = _length = 0;
        if (_full.TryTake(out (byte[] Buffer, int Length) next, Timeout.Infinite))
        {
            (_current, _length) = next;
            return true;
        }
        _failure?.Throw();
        return false;
    }

    private void Fill()
    {
        try
        {
            while (true)
            {
                byte[] buffer = _free.Take(_stop.Token);
                int length = _source.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
                if (length > 0)
                    _full.Add((buffer, length), _stop.Token);
                if (length < buffer.Length)
                    return;
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The reader is gone.
        }
        catch (Exception error)
        {
            _failure = ExceptionDispatchInfo.Capture(error);
        }
        finally
        {
            _full.CompleteAdding();
        }
    }
}
