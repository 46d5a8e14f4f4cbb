namespace Sampan.Kernel;

/// <summary>
/// Reads the account files of an image. They are strangers: the path is resolved inside the root, only a regular file is read (a fifo would
/// hang the reader, a device may do anything when opened), and at most <see cref="MaxBytes"/> of it.
/// </summary>
public static class AccountFile
{
    /// <summary>The largest file that is read, 4 MiB.</summary>
    public const int MaxBytes = 4 << 20;

    /// <summary>All bytes of a file inside the root, or null where there is none.</summary>
    /// <param name="root">The image's root.</param>
    /// <param name="path">As <c>/etc/passwd</c>.</param>
    /// <exception cref="InvalidDataException">It is no regular file, or too large.</exception>
    /// <exception cref="KernelException">It cannot be read.</exception>
    public static byte[]? Read(RootDirectory root, string path)
    {
        Errno error = root.TryOpenInRoot(path, OpenFlags.Path, 0, out FileDescriptor? place);
        if (error is Errno.ENOENT or Errno.ENOTDIR)
            return null;
        using (place ?? throw new KernelException($"openat2({root.Descriptor.Number}, \"{path}\", RESOLVE_IN_ROOT)", error))
        {
            FileStatus status = Syscalls.Stat(place);
            if (!status.IsRegular)
                throw new InvalidDataException($"{path} in the root file system is not a regular file; replace it by one, or give user and group as numbers");
            if (status.Size > MaxBytes)
                throw new InvalidDataException($"{path} in the root file system has {status.Size} bytes, more than the {MaxBytes} that are read; give user and group as numbers");
            using FileDescriptor file = Syscalls.Open(place.ProcPath, OpenFlags.ReadOnly | OpenFlags.NoControllingTerminal | OpenFlags.NonBlocking);
            return ReadUpTo(file, path);
        }
    }

    private static byte[] ReadUpTo(FileDescriptor file, string path)
    {
        byte[] buffer = new byte[4096];
        int length = 0;
        while (true)
        {
            int count = Syscalls.Read(file, buffer.AsSpan(length));
            if (count == 0)
                return buffer[..length];
            length += count;
            if (length > MaxBytes)
                throw new InvalidDataException($"{path} in the root file system grows while it is read; give user and group as numbers");
            if (length == buffer.Length)
                Array.Resize(ref buffer, buffer.Length * 2);
        }
    }
}
