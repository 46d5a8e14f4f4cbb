namespace Sampan.Kernel;

/// <summary>
/// Resolves one path inside a root without openat2(2): each component is opened from the descriptor of the one before it, never following,
/// and a link is read and its text put in front of what is left. <c>..</c> goes back to the descriptor that the walk came from and so never
/// above the root, whatever is renamed meanwhile. It also makes what is missing, for which openat2(2) has no help.
/// </summary>
internal sealed class RootWalk : IDisposable
{
    private const int MaxLinks = 40, MaxSteps = 10_000;

    private readonly FileDescriptor _root;
    private readonly List<FileDescriptor> _directories = [];
    private readonly Stack<string> _pending = new();
    private int _links;
    private bool _mustBeDirectory;

    public RootWalk(FileDescriptor root) => _root = root;

    private FileDescriptor Current => _directories.Count == 0 ? _root : _directories[^1];

    /// <summary>As open(2) with these flags.</summary>
    public Errno Open(string path, OpenFlags flags, uint mode, out FileDescriptor? file)
    {
        file = null;
        if ((flags & OpenFlags.Directory) != 0)
            _mustBeDirectory = true;
        Push(path);
        for (int step = 0; step < MaxSteps; step++)
        {
            if (!TryNext(out string name))
                return Syscalls.TryOpenAt(Current, ".", flags & ~OpenFlags.Create, 0, out file);
            bool last = _pending.Count == 0;
            Errno error = Syscalls.TryOpenAt(Current, name, OpenFlags.Path | OpenFlags.NoFollow, 0, out FileDescriptor? found);
            if (found is null)
            {
                if (error != Errno.ENOENT || !last || (flags & OpenFlags.Create) == 0)
                    return error;
                error = Syscalls.TryOpenAt(Current, name, flags | OpenFlags.NoFollow, mode, out file);
                if (error != Errno.ELOOP)
                    return error;
                _pending.Push(name);
                continue;
            }

            bool keepLink = last && (flags & OpenFlags.NoFollow) != 0;
            if (Syscalls.Stat(found).IsSymlink && !keepLink)
                error = Follow(found);
            else if (!last)
                error = Enter(found);
            else if (OpenFound(found, name, flags, mode, ref error, out file))
                return error;
            if (error != Errno.None)
                return error;
        }

        return Errno.ELOOP;
    }

    /// <summary>Makes the missing directories of a path and, if asked, a regular file at its end; gives what is there then as O_PATH.</summary>
    public Errno Make(string path, bool makeFile, uint fileMode, uint directoryMode, out FileDescriptor? made)
    {
        made = null;
        Push(path);
        for (int step = 0; step < MaxSteps; step++)
        {
            if (!TryNext(out string name))
                return Syscalls.TryOpenAt(Current, ".", OpenFlags.Path | OpenFlags.Directory, 0, out made);
            bool last = _pending.Count == 0;
            bool asFile = last && makeFile && !_mustBeDirectory;
            Errno error = Syscalls.TryOpenAt(Current, name, OpenFlags.Path | OpenFlags.NoFollow, 0, out FileDescriptor? found);
            if (error == Errno.ENOENT)
            {
                error = asFile ? Syscalls.TryMkNodAt(Current, name, FileType.Regular | fileMode) : Syscalls.TryMkDirAt(Current, name, directoryMode);
                if (error is not (Errno.None or Errno.EEXIST))
                    return error;
                _pending.Push(name);
                continue;
            }

            if (found is null)
                return error;
            if (Syscalls.Stat(found).IsSymlink)
            {
                error = Follow(found);
            }
            else if (asFile)
            {
                made = found;
                return Errno.None;
            }
            else
            {
                error = Enter(found);
            }

            if (error != Errno.None)
                return error;
        }

        return Errno.ELOOP;
    }

    public void Dispose() => PopTo(0);

    /// <summary>True where the walk has its answer; false where the name changed under it and is to be looked at again.</summary>
    private bool OpenFound(FileDescriptor found, string name, OpenFlags flags, uint mode, ref Errno error, out FileDescriptor? file)
    {
        file = null;
        FileStatus status = Syscalls.Stat(found);
        if (_mustBeDirectory && !status.IsDirectory)
        {
            found.Dispose();
            error = Errno.ENOTDIR;
            return true;
        }

        if ((flags & OpenFlags.Path) != 0)
        {
            file = found;
            error = Errno.None;
            return true;
        }

        found.Dispose();
        error = Syscalls.TryOpenAt(Current, name, flags | OpenFlags.NoFollow, mode, out file);
        if (error != Errno.ELOOP || (flags & OpenFlags.NoFollow) != 0)
            return true;
        _pending.Push(name);
        error = Errno.None;
        return false;
    }

    private bool TryNext(out string name)
    {
        while (_pending.TryPop(out name!))
        {
            if (name == "..")
                PopTo(Math.Max(0, _directories.Count - 1));
            else if (name != ".")
                return true;
        }

        return false;
    }

    private Errno Enter(FileDescriptor found)
    {
        if (!Syscalls.Stat(found).IsDirectory)
        {
            found.Dispose();
            return Errno.ENOTDIR;
        }

        _directories.Add(found);
        return Errno.None;
    }

    private Errno Follow(FileDescriptor link)
    {
        using (link)
        {
            if (++_links > MaxLinks)
                return Errno.ELOOP;
            string target = Syscalls.ReadLinkAt(link, "");
            if (target.Length == 0)
                return Errno.ENOENT;

            // The text of a jumping link of /proc (exe, cwd, fd/3) is a host path or "pipe:[7]"; openat2 refuses them with EXDEV too.
            if ((target[0] == '/' || target.Contains(':', StringComparison.Ordinal)) && Syscalls.FStatFs(link).Magic == FileSystemMagic.Proc)
                return Errno.EXDEV;
            if (target[0] == '/')
                PopTo(0);
            Push(target);
            return Errno.None;
        }
    }

    private void Push(string path)
    {
        if (path.Length > 0 && path[^1] == '/' && _pending.Count == 0)
            _mustBeDirectory = true;
        int end = path.Length;
        while (end > 0)
        {
            int slash = path.LastIndexOf('/', end - 1);
            if (slash + 1 < end)
                _pending.Push(path[(slash + 1)..end]);
            end = Math.Max(slash, 0);
        }
    }

    private void PopTo(int count)
    {
        while (_directories.Count > count)
        {
            _directories[^1].Dispose();
            _directories.RemoveAt(_directories.Count - 1);
        }
    }
}
