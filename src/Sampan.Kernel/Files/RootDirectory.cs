namespace Sampan.Kernel;

/// <summary>
/// A directory that is the root of an untrusted tree, as a container's root file system is. Every path given here is resolved as if the
/// directory were <c>/</c>: links, absolute or not, and <c>..</c> stay inside, also while somebody else moves things about in the tree.
/// <para>
/// Paths are resolved by openat2(2) with RESOLVE_IN_ROOT. Before Linux 5.6, where there is no such call, and where a race keeps it from an
/// answer, a walk of its own takes one component at a time and reads each link itself (<see cref="RootWalk"/>).
/// </para>
/// <para>The object holds one descriptor until it is disposed. What it creates stays when the process dies.</para>
/// </summary>
public sealed class RootDirectory : IDisposable
{
    private static bool s_noOpenAt2;
    private readonly bool _assumeNoOpenAt2;

    /// <summary>Takes over an open directory. <paramref name="assumeNoOpenAt2"/> takes the way of old kernels, for its tests.</summary>
    public RootDirectory(FileDescriptor directory, bool assumeNoOpenAt2 = false)
    {
        Descriptor = directory;
        _assumeNoOpenAt2 = assumeNoOpenAt2;
    }

    /// <summary>The directory itself (O_PATH).</summary>
    public FileDescriptor Descriptor { get; }

    private bool HasOpenAt2 => !_assumeNoOpenAt2 && !s_noOpenAt2;

    /// <summary>Opens the directory at a trusted path of the host.</summary>
    /// <exception cref="KernelException">It is not there, or no directory.</exception>
    public static RootDirectory Open(string path) => new(Syscalls.Open(path, OpenFlags.Path | OpenFlags.Directory));

    /// <summary>Opens a path inside the root.</summary>
    /// <param name="path">The path, with or without a leading slash.</param>
    /// <param name="flags">Flags of open(2). With <see cref="OpenFlags.NoFollow"/> a link at the end is not followed.</param>
    /// <param name="mode">Permission bits of a file that <see cref="OpenFlags.Create"/> makes.</param>
    /// <exception cref="KernelException">The path cannot be opened; EXDEV for a link of /proc that jumps.</exception>
    public FileDescriptor OpenInRoot(string path, OpenFlags flags, uint mode = 0)
    {
        Errno error = TryOpenInRoot(path, flags, mode, out FileDescriptor? file);
        return file ?? throw new KernelException($"openat2({Descriptor.Number}, \"{path}\", {flags}, RESOLVE_IN_ROOT)", error);
    }

    /// <summary>As <see cref="OpenInRoot"/>, but returns the error.</summary>
    public Errno TryOpenInRoot(string path, OpenFlags flags, uint mode, out FileDescriptor? file)
    {
        if (path.Length == 0)
            path = ".";
        if ((flags & OpenFlags.Create) == 0)
            mode = 0; // openat2 refuses a mode that has no use
        if (HasOpenAt2)
        {
            Errno error = Syscalls.TryOpenAt2(Descriptor, path, flags, ResolveFlags.InRoot, mode, out file);
            if (error == Errno.ENOSYS)
                s_noOpenAt2 = true;
            else if (error != Errno.EAGAIN)
                return error;
        }

        using var walk = new RootWalk(Descriptor);
        return walk.Open(path, flags, mode, out file);
    }

    /// <summary>
    /// Makes the directories of a path that are missing, and returns the last one (O_PATH). A link whose target is missing counts as the
    /// path it names inside the root, as runc's SecureJoin has it, and that is made.
    /// </summary>
    /// <param name="path">The path inside the root.</param>
    /// <param name="mode">Permission bits of each directory made, before the umask.</param>
    /// <exception cref="KernelException">ENOTDIR where a component is a file; or another failure of mkdirat(2).</exception>
    public FileDescriptor MakeDirectories(string path, uint mode)
    {
        if (TryOpenInRoot(path, OpenFlags.Path | OpenFlags.Directory, 0, out FileDescriptor? directory) == Errno.None)
            return directory!;
        using var walk = new RootWalk(Descriptor);
        Errno error = walk.Make(path, makeFile: false, 0, mode, out directory);
        return directory ?? throw new KernelException($"mkdirat({Descriptor.Number}, \"{path}\", 0{Convert.ToString(mode, 8)})", error);
    }

    /// <summary>
    /// Makes an empty regular file, and the directories above it, where there is nothing; returns it, or what was there already, as O_PATH.
    /// </summary>
    /// <param name="path">The path inside the root.</param>
    /// <param name="mode">Permission bits of a file made, before the umask.</param>
    /// <param name="directoryMode">Permission bits of each directory made, before the umask.</param>
    /// <exception cref="KernelException">EISDIR where a directory is there; ENOTDIR where a component above is a file.</exception>
    public FileDescriptor CreateFile(string path, uint mode, uint directoryMode = 0x1ed)
    {
        Errno error = TryOpenInRoot(path, OpenFlags.Path, 0, out FileDescriptor? file);
        if (file is null)
        {
            using var walk = new RootWalk(Descriptor);
            error = walk.Make(path, makeFile: true, mode, directoryMode, out file);
        }

        if (file is not null && Syscalls.Stat(file).IsDirectory)
        {
            file.Dispose();
            file = null;
            error = Errno.EISDIR;
        }

        return file ?? throw new KernelException($"mknodat({Descriptor.Number}, \"{path}\", 0{Convert.ToString(mode, 8)})", error);
    }

    /// <summary>
    /// Removes a file, a link (not its target) or a directory with all that is in it; nothing happens where the path does not exist.
    /// A mount point is not crossed.
    /// </summary>
    /// <exception cref="KernelException">EBUSY at a mount point; or another failure of unlinkat(2). EINVAL for the root itself.</exception>
    public void RemoveAll(string path)
    {
        ReadOnlySpan<char> trimmed = path.AsSpan().TrimEnd('/');
        int slash = trimmed.LastIndexOf('/');
        string name = trimmed[(slash + 1)..].ToString();
        if (name is "" or "." or "..")
            throw new KernelException($"unlinkat({Descriptor.Number}, \"{path}\")", Errno.EINVAL);
        Errno error = TryOpenInRoot(slash <= 0 ? "." : trimmed[..slash].ToString(), OpenFlags.ReadOnly | OpenFlags.Directory, 0, out FileDescriptor? parent);
        if (error is Errno.ENOENT or Errno.ENOTDIR)
            return;
        using (parent ?? throw new KernelException($"openat2({Descriptor.Number}, \"{path}\", RESOLVE_IN_ROOT)", error))
        {
            DirectoryTree.Remove(parent, name, !HasOpenAt2);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Descriptor.Dispose();
}
