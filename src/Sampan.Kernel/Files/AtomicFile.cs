namespace Sampan.Kernel;

/// <summary>
/// Writes a file so that readers, and whoever looks after a crash, see the old content or the new and nothing between: a temporary file
/// beside it is written, synced and renamed, and then the directory is synced.
/// </summary>
public static class AtomicFile
{
    private const string Prefix = ".sampan-";

    /// <summary>Whether a name is one of the temporary files, which a crash can leave behind and anyone who holds the directory's lock may remove.</summary>
    public static bool IsTemporary(string name) => name.StartsWith(Prefix, StringComparison.Ordinal) && name.EndsWith(".tmp", StringComparison.Ordinal);

    /// <summary>Replaces or makes a file.</summary>
    /// <param name="directory">Its directory, opened for reading (not O_PATH, which cannot be synced).</param>
    /// <param name="name">Its name there, without a slash.</param>
    /// <param name="content">All of its content.</param>
    /// <param name="mode">Its permission bits, before the umask.</param>
    /// <param name="durable">Whether to wait until the content is on the disk; false for files that need not outlive the machine.</param>
    /// <exception cref="KernelException">A call failed, as with ENOSPC; the old file is unchanged then and the temporary one removed.</exception>
    public static void Write(FileDescriptor directory, string name, ReadOnlySpan<byte> content, uint mode = 0x180, bool durable = true)
    {
        string temporary = TemporaryName();
        try
        {
            using (FileDescriptor file = Syscalls.OpenAt(directory, temporary, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Exclusive | OpenFlags.NoFollow, mode))
            {
                Syscalls.WriteAll(file, content);
                if (durable)
                    Syscalls.FSync(file);
            }

            Syscalls.RenameAt(directory, temporary, directory, name);
        }
        catch (KernelException failed)
        {
            _ = Syscalls.TryUnlinkAt(directory, temporary);
            // "write(6): ENOSPC" would not tell anybody where to make room.
            throw failed.Errno is Errno.ENOSPC or Errno.EDQUOT or Errno.EFBIG ? new KernelException($"write(\"{PathOf(directory)}/{name}\")", failed.Errno) : failed;
        }

        if (durable)
            Syscalls.FSync(directory);
    }

    /// <summary>As the other, by a trusted path of the host.</summary>
    /// <exception cref="KernelException">A call failed; the old file is unchanged then.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content, uint mode = 0x180, bool durable = true)
    {
        string parent = Path.GetDirectoryName(path) is { Length: > 0 } given ? given : ".";
        using FileDescriptor directory = Syscalls.Open(parent, OpenFlags.ReadOnly | OpenFlags.Directory);
        Write(directory, Path.GetFileName(path), content, mode, durable);
    }

    private static string PathOf(FileDescriptor directory)
    {
        try
        {
            return Syscalls.ReadLinkAt(Syscalls.WorkingDirectory, directory.ProcPath);
        }
        catch (KernelException)
        {
            return "…"; // without /proc the name alone must do
        }
    }

    private static string TemporaryName()
    {
        Span<byte> random = stackalloc byte[8];
        Syscalls.GetRandom(random);
        return $"{Prefix}{Convert.ToHexStringLower(random)}.tmp";
    }
}
