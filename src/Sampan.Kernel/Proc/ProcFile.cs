namespace Sampan.Kernel;

/// <summary>Reads files of /proc and /sys whole; their size is not known before they are read.</summary>
public static class ProcFile
{
    /// <summary>All bytes of a file.</summary>
    /// <exception cref="KernelException">It cannot be opened or read.</exception>
    public static byte[] Read(string path)
    {
        Errno error = TryRead(path, out byte[] content);
        return error == Errno.None ? content : throw new KernelException($"read(\"{path}\")", error);
    }

    /// <summary>As <see cref="Read(string)"/>, but returns the error; ESRCH or ENOENT where a process has gone.</summary>
    public static Errno TryRead(string path, out byte[] content)
    {
        content = [];
        Errno error = Syscalls.TryOpenAt(Syscalls.WorkingDirectory, path, OpenFlags.ReadOnly, 0, out FileDescriptor? file);
        if (file is null)
            return error;
        using (file)
        {
            return TryRead(file, out content);
        }
    }

    /// <summary>All bytes of an open file from where it stands.</summary>
    /// <returns>The error of read(2).</returns>
    public static Errno TryRead(FileDescriptor file, out byte[] content)
    {
        byte[] buffer = new byte[4096];
        int length = 0;
        while (true)
        {
            int count = Syscalls.TryRead(file, buffer.AsSpan(length));
            if (count < 0)
            {
                content = [];
                return (Errno)(-count);
            }

            if (count == 0)
                break;
            length += count;
            if (length == buffer.Length)
                Array.Resize(ref buffer, buffer.Length * 2);
        }

        Array.Resize(ref buffer, length);
        content = buffer;
        return Errno.None;
    }
}
