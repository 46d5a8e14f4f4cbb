using Sampan.Kernel;

namespace Sampan.Runtime.Sessions;

/// <summary>Bytes on their way from one descriptor to another; whatever a partial write left stays for the next.</summary>
internal sealed class RelayBuffer
{
    /// <summary>No more than a pipe takes without waiting once poll(2) says that it is writable (PIPE_BUF, pipe(7)).</summary>
    private const int WriteAtMost = 4096;

    private readonly byte[] _bytes = new byte[32 * 1024];
    private int _start;
    private int _end;

    public bool IsEmpty => _start == _end;

    /// <summary>Whether it makes sense to read more before something is written.</summary>
    public bool HasRoom => _end - _start < _bytes.Length;

    /// <summary>Reads once. Returns the number of bytes, 0 at the end of the input, or a negative error number.</summary>
    public int Fill(FileDescriptor source)
    {
        if (_start > 0)
        {
            Array.Copy(_bytes, _start, _bytes, 0, _end - _start);
            _end -= _start;
            _start = 0;
        }

        int count = Syscalls.TryRead(source, _bytes.AsSpan(_end));
        if (count > 0)
            _end += count;
        return count;
    }

    /// <summary>Drops what waits.</summary>
    public void Clear() => _start = _end = 0;

    /// <summary>Writes once. Returns false where nobody can read what we write any more; everything that waits is dropped then.</summary>
    public bool Drain(FileDescriptor target)
    {
        int count = Syscalls.TryWrite(target, _bytes.AsSpan(_start, Math.Min(WriteAtMost, _end - _start)));
        if (count == -(int)Errno.EAGAIN)
            return true;
        _start = count < 0 ? _end : _start + count;
        if (_start == _end)
            _start = _end = 0;
        return count >= 0;
    }
}
