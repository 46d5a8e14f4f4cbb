using Microsoft.Win32.SafeHandles;

namespace Sampan.Kernel;

/// <summary>
/// An open file descriptor, closed when disposed. Every descriptor that this library opens is close-on-exec.
/// </summary>
public sealed class FileDescriptor : SafeHandleMinusOneIsInvalid
{
    /// <summary>Takes over <paramref name="number"/>; with <paramref name="owns"/> false it is never closed by this object.</summary>
    public FileDescriptor(int number, bool owns = true)
        : base(owns) => SetHandle(number);

    /// <summary>The descriptor's number, or -1 after it was closed.</summary>
    public int Number => IsClosed ? -1 : (int)handle;

    /// <summary>The path that reopens the descriptor's file in this process: <c>/proc/self/fd/N</c>.</summary>
    public string ProcPath => $"/proc/self/fd/{Number}";

    /// <summary>A second descriptor for the same open file (fcntl F_DUPFD_CLOEXEC).</summary>
    /// <exception cref="KernelException">The process has no descriptor left.</exception>
    public FileDescriptor Duplicate() => Syscalls.Duplicate(this);

    /// <summary>A stream that reads or writes the descriptor and closes it when disposed.</summary>
    public FileStream ToStream(FileAccess access)
    {
        var file = new SafeFileHandle(handle, ownsHandle: true);
        SetHandleAsInvalid();
        return new FileStream(file, access, bufferSize: 0);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Syscalls.CloseNumber((int)handle);
}
