namespace Sampan.Kernel;

/// <summary>Reads a file that the user names on the command line: of any kind, also a pipe of the shell's, but not without end.</summary>
public static class GivenFile
{
    /// <summary>All bytes of a file.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="most">The most bytes that are read.</param>
    /// <param name="content">The bytes; empty when it fails.</param>
    /// <returns>The error of open(2) or read(2); EFBIG where there are more bytes.</returns>
    public static Errno TryRead(string path, int most, out byte[] content)
    {
        content = [];
        Errno error = Syscalls.TryOpenAt(Syscalls.WorkingDirectory, path, OpenFlags.ReadOnly, 0, out FileDescriptor? file);
        if (file is null)
            return error;
        using (file)
        {
            byte[] buffer = new byte[Math.Min(most, 64 * 1024) + 1];
            int length = 0;
            for (int count; (count = Syscalls.TryRead(file, buffer.AsSpan(length))) != 0;)
            {
                if (count < 0)
                    return (Errno)(-count);
                length += count;
                if (length > most)
                    return Errno.EFBIG;
                if (length == buffer.Length)
                    Array.Resize(ref buffer, Math.Min(most, buffer.Length * 2) + 1);
            }
            content = buffer[..length];
            return Errno.None;
        }
    }
}
