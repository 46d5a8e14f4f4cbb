using Sampan.Kernel;

namespace Sampan.Runtime.State;

/// <summary>
/// The files of one container: <c>state.json</c> (<see cref="ContainerState"/>), <c>config.json</c> (the bundle's, copied at create),
/// and <c>exec.fifo</c> (the socket on which a created container waits; exists from create to start).
/// </summary>
/// <remarks>
/// Life: <see cref="StateRoot.Reserve"/> makes it; create saves a first state before it makes a cgroup or a process, so that whatever a
/// kill -9 leaves is named here; start removes the socket; delete removes the directory. A directory without a readable state is what a create
/// left that was killed in its first microseconds: there is nothing outside of it, and delete --force removes it.
/// </remarks>
public sealed class StateDirectory : IDisposable
{
    private const string StateFile = "state.json";
    private const string ConfigFile = "config.json";
    private const string StartSocketFile = "exec.fifo"; // runc's name, for what runc makes a fifo
    private const int SizeLimit = 64 * 1024 * 1024;

    private readonly string _root;

    internal StateDirectory(ContainerId id, string root, FileDescriptor directory)
    {
        Id = id;
        _root = root;
        Directory = directory;
    }

    /// <summary>The container's id.</summary>
    public ContainerId Id { get; }

    /// <summary>The open directory.</summary>
    public FileDescriptor Directory { get; }

    /// <summary>The directory's absolute path.</summary>
    public string Path => $"{_root}/{Id}";

    /// <summary>The absolute path of the socket on which a created container waits for <c>start</c>.</summary>
    public string StartSocketPath => $"{_root}/{Id}/{StartSocketFile}";

    /// <summary>True from the end of create to start: the socket exists.</summary>
    public bool HasStartSocket => Syscalls.TryStatAt(Directory, StartSocketFile, out _) == Errno.None;

    /// <summary>Removes the socket; false where it was gone: another <c>start</c> was first.</summary>
    public bool RemoveStartSocket() => Syscalls.TryUnlinkAt(Directory, StartSocketFile) == Errno.None;

    /// <summary>
    /// Takes the container's lock until the result is disposed. Whoever changes the state or the life of the container holds it, for
    /// milliseconds; whoever only reads does not need it. The kernel lets go of it when the holder dies.
    /// </summary>
    /// <exception cref="RuntimeException">The directory was removed while we waited.</exception>
    public IDisposable Lock()
    {
        // An own open file: flock(2) belongs to the open file, and Directory may be shared with a child.
        FileDescriptor file = Syscalls.OpenAt(Directory, ".", OpenFlags.Directory);
        Syscalls.FLock(file, LockKind.Exclusive);
        if (Syscalls.Stat(file).Links > 0) // 0: rmdir(2) was faster
            return file;
        file.Dispose();
        throw DoesNotExist(Id);
    }

    /// <summary>
    /// Writes the state: one more line of its file, and the last whole line counts, so that a reader sees the old state or the new one. A rename would say
    /// the same, but to replace a file three times in a start costs a twentieth of its CPU time. Nobody waits for the disk: a state tells of processes, which
    /// a power cut ends too.
    /// </summary>
    /// <exception cref="KernelException">The disk is full or the directory gone.</exception>
    public void Save(ContainerState state) => Write(StateFile, OpenFlags.Append, state.ToLine());

    /// <summary>
    /// Writes the first files of a new directory: the copy of the bundle's config.json, as bytes (the bundle may change under a running container), and
    /// the first state. They are written straight under their names, in one write(2) each: whoever meets one that is empty meets a half-made container.
    /// </summary>
    /// <exception cref="KernelException">The disk is full.</exception>
    public void Begin(ReadOnlySpan<byte> config, ContainerState state)
    {
        Write(ConfigFile, OpenFlags.Exclusive, config);
        Write(StateFile, OpenFlags.Exclusive, state.ToLine());
    }

    /// <summary>Reads the state; null for a half-made container that has none yet.</summary>
    /// <exception cref="RuntimeException">The file is no state, or of a newer format.</exception>
    public ContainerState? TryLoad()
    {
        ReadOnlySpan<byte> line = LastWholeLine(Read(StateFile));
        return line.IsEmpty ? null : ContainerState.Parse(line, $"{Path}/{StateFile}");
    }

    /// <summary>Reads the state.</summary>
    /// <exception cref="RuntimeException"><see cref="RuntimeErrorKind.NotFound"/> for a half-made container; <see cref="RuntimeErrorKind.Failed"/> for a file that is no state.</exception>
    public ContainerState Load() => TryLoad() ?? throw DoesNotExist(Id);

    /// <summary>The copy of config.json.</summary>
    /// <exception cref="RuntimeException"><see cref="RuntimeErrorKind.NotFound"/>: there is none, the container is half-made.</exception>
    public byte[] LoadConfig() => Read(ConfigFile) ?? throw DoesNotExist(Id);

    /// <summary>Removes the directory and everything in it. Its files are the runtime's own and flat; one level of directories is removed too.</summary>
    /// <exception cref="KernelException">Something in it cannot be removed.</exception>
    public void Remove()
    {
        RemoveEntries(Directory, StateFile);
        // The state goes last, so that a remove that was killed can be repeated with all that the state knows.
        _ = Syscalls.TryUnlinkAt(Directory, StateFile);
        Errno error = Syscalls.TryUnlinkAt(Syscalls.WorkingDirectory, Path, removeDirectory: true);
        if (error is not (Errno.None or Errno.ENOENT))
            throw new KernelException($"rmdir(\"{Path}\")", error);
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Dispose();

    internal static RuntimeException DoesNotExist(ContainerId id) => new($"container \"{id}\" does not exist", RuntimeErrorKind.NotFound);

    private static void RemoveEntries(FileDescriptor directory, string? keep)
    {
        foreach (string name in Syscalls.ReadDirectory(directory))
        {
            if (name == keep)
                continue;
            Errno error = Syscalls.TryUnlinkAt(directory, name);
            if (error is Errno.EISDIR or Errno.EPERM && Syscalls.TryOpenAt(directory, name, OpenFlags.Directory | OpenFlags.NoFollow, 0, out FileDescriptor? inner) == Errno.None)
            {
                using (inner)
                    RemoveEntries(inner!, null);
                error = Syscalls.TryUnlinkAt(directory, name, removeDirectory: true);
            }

            if (error is not (Errno.None or Errno.ENOENT))
                throw new KernelException($"unlinkat({directory.Number}, \"{name}\")", error);
        }
    }

    private void Write(string name, OpenFlags how, ReadOnlySpan<byte> bytes)
    {
        using FileDescriptor file = Syscalls.OpenAt(Directory, name, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.NoFollow | how, 0x180);
        try
        {
            Syscalls.WriteAll(file, bytes);
        }
        catch (KernelException full) when (full.Errno is Errno.ENOSPC or Errno.EDQUOT)
        {
            throw new KernelException($"write(\"{Path}/{name}\")", full.Errno); // where to make room
        }
    }

    /// <summary>What stands after the last line feed was cut off by a kill -9 or a full disk. A file of format 1 has no line feed.</summary>
    private static ReadOnlySpan<byte> LastWholeLine(ReadOnlySpan<byte> lines)
    {
        int end = lines.LastIndexOf((byte)'\n');
        ReadOnlySpan<byte> whole = end < 0 ? lines : lines[..end].TrimEnd((byte)'\n');
        return whole[(whole.LastIndexOf((byte)'\n') + 1)..];
    }

    private byte[]? Read(string name)
    {
        Errno error = Syscalls.TryOpenAt(Directory, name, OpenFlags.ReadOnly | OpenFlags.NoFollow, 0, out FileDescriptor? file);
        if (error == Errno.ENOENT)
            return null;
        if (error != Errno.None)
            throw new KernelException($"openat(\"{Path}/{name}\")", error);
        using (file)
        {
            long size = Syscalls.Stat(file!).Size;
            if (size > SizeLimit)
                throw new RuntimeException($"{Path}/{name} has {size} bytes, which no state of Sampan has: remove the container with \"delete --force {Id}\"");
            byte[] bytes = new byte[size];
            int filled = 0;
            while (filled < bytes.Length)
            {
                int read = Syscalls.Read(file!, bytes.AsSpan(filled));
                if (read == 0)
                    return bytes[..filled];
                filled += read;
            }

            return bytes;
        }
    }
}
