using Sampan.Kernel;

namespace Sampan.Runtime.State;

/// <summary>
/// The directory that holds one <see cref="StateDirectory"/> for each container of one runtime (<c>--root</c>). Two roots know nothing of
/// each other. It is made, 0700, by the first container; reading from a root that does not exist finds nothing.
/// </summary>
public sealed class StateRoot
{
    private const uint StickyAndPrivate = 0x3c0; // 01700

    /// <summary>A root at a path, which need not exist yet and is made absolute.</summary>
    public StateRoot(string path) => Path = System.IO.Path.GetFullPath(path);

    /// <summary>The absolute path of the root.</summary>
    public string Path { get; }

    /// <summary><c>/run/sampan/runtime</c> for root, <c>$XDG_RUNTIME_DIR/sampan/runtime</c> for a user who has that variable.</summary>
    public static string DefaultPath(uint effectiveUid)
    {
        string? userRuntime = effectiveUid == 0 ? null : Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR");
        return string.IsNullOrEmpty(userRuntime) ? "/run/sampan/runtime" : userRuntime + "/sampan/runtime";
    }

    /// <summary>Makes the directory of a new container. Of several callers with one id exactly one gets it (mkdir(2) decides).</summary>
    /// <exception cref="RuntimeException"><see cref="RuntimeErrorKind.AlreadyExists"/>: a container of this id exists, or its remains do.</exception>
    /// <exception cref="KernelException">The directory cannot be made.</exception>
    public StateDirectory Reserve(ContainerId id)
    {
        using FileDescriptor root = OpenOrMake();
        Errno error = Syscalls.TryMkDirAt(root, id.Text, 0x1c0);
        if (error == Errno.EEXIST)
            throw new RuntimeException($"container with given ID already exists: {id} (see \"list\"; \"delete --force {id}\" removes what a killed create left)", RuntimeErrorKind.AlreadyExists);
        if (error != Errno.None)
            throw new KernelException($"mkdirat(\"{Path}/{id}\", 0700)", error);
        return new StateDirectory(id, Path, Syscalls.OpenAt(root, id.Text, OpenFlags.Directory | OpenFlags.NoFollow));
    }

    /// <summary>The directory of an existing container, also of a half-made one; null where there is none.</summary>
    /// <exception cref="KernelException">It exists and cannot be opened.</exception>
    public StateDirectory? Find(ContainerId id)
    {
        string path = $"{Path}/{id}";
        Errno error = Syscalls.TryOpenAt(Syscalls.WorkingDirectory, path, OpenFlags.Directory | OpenFlags.NoFollow, 0, out FileDescriptor? directory);
        return error switch
        {
            Errno.None => new StateDirectory(id, Path, directory!),
            Errno.ENOENT or Errno.ENOTDIR or Errno.ELOOP => null,
            _ => throw new KernelException($"openat(\"{path}\", Directory, NoFollow)", error),
        };
    }

    /// <summary>As <see cref="Find"/>, but a container that does not exist is an error.</summary>
    /// <exception cref="RuntimeException"><see cref="RuntimeErrorKind.NotFound"/>.</exception>
    public StateDirectory Open(ContainerId id) => Find(id) ?? throw StateDirectory.DoesNotExist(id);

    /// <summary>The ids of all containers of this root in ordinal order, half-made ones too. Other files in the root are passed over.</summary>
    public List<ContainerId> List()
    {
        var ids = new List<ContainerId>();
        if (Syscalls.TryOpenAt(Syscalls.WorkingDirectory, Path, OpenFlags.Directory, 0, out FileDescriptor? root) != Errno.None)
            return ids;
        using (root)
        {
            List<string> names = Syscalls.ReadDirectory(root!);
            names.Sort(StringComparer.Ordinal);
            foreach (string name in names)
            {
                if (ContainerId.TryParse(name, out ContainerId id) && Syscalls.TryStatAt(root!, name, out FileStatus status) == Errno.None && status.IsDirectory)
                    ids.Add(id);
            }
        }

        return ids;
    }

    /// <summary>Opens the root's directory; makes it, and those above it, where it does not exist.</summary>
    internal FileDescriptor OpenOrMake()
    {
        if (Syscalls.TryOpenAt(Syscalls.WorkingDirectory, Path, OpenFlags.Directory, 0, out FileDescriptor? root) == Errno.None)
            return root!;
        for (int slash = Path.IndexOf('/', 1); ; slash = Path.IndexOf('/', slash + 1))
        {
            string part = slash < 0 ? Path : Path[..slash];
            Errno error = Syscalls.TryMkDirAt(Syscalls.WorkingDirectory, part, slash < 0 ? 0x1c0u : 0x1edu);
            if (error is not (Errno.None or Errno.EEXIST or Errno.EROFS or Errno.EACCES))
                throw new KernelException($"mkdir(\"{part}\")", error);
            if (slash < 0)
                break;
        }

        root = Syscalls.Open(Path, OpenFlags.Directory);
        // The XDG base directory specification lets a cleaner remove what is old under $XDG_RUNTIME_DIR, unless it has the sticky bit.
        string? userRuntime = Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR");
        if (!string.IsNullOrEmpty(userRuntime) && Path.StartsWith(userRuntime, StringComparison.Ordinal))
            Syscalls.FChMod(root, StickyAndPrivate);
        return root;
    }
}
