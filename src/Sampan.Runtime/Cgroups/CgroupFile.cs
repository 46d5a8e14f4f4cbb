using System.Buffers.Text;
using System.Text;
using Sampan.Kernel;

namespace Sampan.Runtime.Cgroups;

/// <summary>
/// Reading and writing the small files of a cgroup directory, with errors as values: what is missing or refused is ordinary here. No path in
/// it comes from a container's root file system, and a link as last component is refused.
/// </summary>
internal static class CgroupFile
{
    private static readonly uint DirectoryMode = 0x1ED; // 0755

    /// <summary>Writes the whole value by one write(2), as cgroup files ask for.</summary>
    public static Errno Write(string directory, string file, ReadOnlySpan<char> value)
    {
        using var writer = new Writer(directory, file);
        return writer.Write(value);
    }

    /// <summary>A file that several values are written to, each by one write(2); opened with the first.</summary>
    public sealed class Writer(string directory, string file) : IDisposable
    {
        private FileDescriptor? _open;

        /// <summary>Writes one value whole.</summary>
        public Errno Write(ReadOnlySpan<char> value)
        {
            if (_open is null)
            {
                Errno error = Syscalls.TryOpenAt(Syscalls.WorkingDirectory, directory + "/" + file, OpenFlags.WriteOnly | OpenFlags.NoFollow, 0, out _open);
                if (_open is null)
                    return error;
            }
            int size = Encoding.UTF8.GetByteCount(value);
            Span<byte> bytes = size <= 512 ? stackalloc byte[512] : new byte[size];
            Encoding.UTF8.GetBytes(value, bytes);
            int written = Syscalls.TryWrite(_open, bytes[..size]);
            return written < 0 ? (Errno)(-written) : Errno.None;
        }

        /// <inheritdoc/>
        public void Dispose() => _open?.Dispose();
    }

    /// <summary>The contents of a file, or null where it cannot be read.</summary>
    public static byte[]? ReadBytes(string path)
    {
        _ = Syscalls.TryOpenAt(Syscalls.WorkingDirectory, path, OpenFlags.ReadOnly | OpenFlags.NoFollow, 0, out FileDescriptor? open);
        if (open is null)
            return null;
        using (open)
        {
            Span<byte> buffer = stackalloc byte[4096];
            int filled = 0;
            while (true)
            {
                int read = Syscalls.TryRead(open, buffer[filled..]);
                if (read < 0)
                    return null;
                if (read == 0)
                    return buffer[..filled].ToArray();
                filled += read;
                if (filled == buffer.Length)
                {
                    byte[] larger = new byte[buffer.Length * 2];
                    buffer.CopyTo(larger);
                    buffer = larger;
                }
            }
        }
    }

    /// <summary>The contents of a file of a cgroup without the last newline, or null where it cannot be read.</summary>
    public static string? Read(string directory, string file)
    {
        byte[]? bytes = ReadBytes(directory + "/" + file);
        return bytes is null ? null : Encoding.UTF8.GetString(bytes.AsSpan().TrimEnd((byte)'\n'));
    }

    /// <summary>The number in a file of a cgroup; <c>max</c> is the largest number; null where the file cannot be read.</summary>
    public static ulong? ReadNumber(string directory, string file)
    {
        byte[]? bytes = ReadBytes(directory + "/" + file);
        if (bytes is null)
            return null;
        ReadOnlySpan<byte> text = bytes.AsSpan().Trim("\n "u8);
        if (text.SequenceEqual("max"u8))
            return ulong.MaxValue;
        return Utf8Parser.TryParse(text, out ulong value, out int used) && used == text.Length ? value : null;
    }

    /// <summary>True where the path exists.</summary>
    public static bool Exists(string path)
    {
        _ = Syscalls.TryOpenAt(Syscalls.WorkingDirectory, path, OpenFlags.Path | OpenFlags.NoFollow, 0, out FileDescriptor? open);
        open?.Dispose();
        return open is not null;
    }

    /// <summary>mkdir(2) of a cgroup, mode 0755.</summary>
    public static Errno MakeDirectory(string path) => Syscalls.TryMkDirAt(Syscalls.WorkingDirectory, path, DirectoryMode);

    /// <summary>rmdir(2) of a cgroup; one that is gone already counts as removed.</summary>
    public static Errno RemoveDirectory(string path)
    {
        Errno error = Syscalls.TryUnlinkAt(Syscalls.WorkingDirectory, path, removeDirectory: true);
        return error == Errno.ENOENT ? Errno.None : error;
    }

    /// <summary>The names of the cgroups directly below one; none where it is gone.</summary>
    public static List<string> Children(string directory)
    {
        var children = new List<string>();
        _ = Syscalls.TryOpenAt(Syscalls.WorkingDirectory, directory, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoFollow, 0, out FileDescriptor? open);
        if (open is null)
            return children;
        using (open)
        {
            Syscalls.ReadDirectories(open, children);
        }
        return children;
    }

    /// <summary>Adds the process ids in <c>cgroup.procs</c> of a cgroup and of all below it to <paramref name="processes"/>.</summary>
    public static void AddProcesses(string directory, List<int> processes, bool recursive = true)
    {
        ReadOnlySpan<byte> text = ReadBytes(directory + "/cgroup.procs");
        while (Utf8Parser.TryParse(text, out int pid, out int used))
        {
            if (pid != 0)
                processes.Add(pid);
            text = text[used..].TrimStart((byte)'\n');
        }
        if (!recursive)
            return;
        foreach (string child in Children(directory))
            AddProcesses(directory + "/" + child, processes);
    }
}
