using Sampan.Kernel;

namespace Sampan.Engine.Containers;

/// <summary>A container's root file system seen from the host. Its content is a stranger's: every path is resolved inside it, only regular files are read.</summary>
public sealed class RootDirectory : IDisposable
{
    private const ResolveFlags Inside = ResolveFlags.InRoot | ResolveFlags.NoMagicLinks;
    private const int MaxFile = 4 << 20;

    private readonly FileDescriptor _root;

    /// <summary>Opens the root.</summary>
    /// <exception cref="KernelException">It cannot be opened.</exception>
    public RootDirectory(string path) => _root = HostDirectory.Open(path);

    /// <summary>A file's content, or null where it is missing, not a regular file (a fifo would hang the reader), or larger than 4 MiB.</summary>
    public byte[]? TryRead(string path)
    {
        if (Syscalls.TryOpenAt2(_root, path, OpenFlags.ReadOnly | OpenFlags.NonBlocking | OpenFlags.NoControllingTerminal, Inside, 0, out FileDescriptor? file) != Errno.None)
            return null;
        using (file)
        {
            FileStatus status = Syscalls.Stat(file!);
            if (!status.IsRegular || status.Size > MaxFile)
                return null;
            byte[] content = new byte[status.Size];
            int length = 0;
            int read;
            while (length < content.Length && (read = Syscalls.Read(file!, content.AsSpan(length))) > 0)
                length += read;
            return content[..length];
        }
    }

    /// <summary>What a path leads to: null where it leads nowhere.</summary>
    public FileStatus? TryStat(string path)
    {
        if (Syscalls.TryOpenAt2(_root, path, OpenFlags.Path, Inside, 0, out FileDescriptor? file) != Errno.None)
            return null;
        using (file)
            return Syscalls.Stat(file!);
    }

    /// <summary>Makes a directory with its parents, each step resolved inside the root; a link on the way is followed inside, too.</summary>
    /// <exception cref="EngineException">A part of the path is a file.</exception>
    public void MakeDirectories(string path)
    {
        string done = "";
        foreach (string part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            Errno error = Syscalls.TryOpenAt2(_root, done.Length == 0 ? "." : done, OpenFlags.ReadOnly | OpenFlags.Directory, Inside, 0, out FileDescriptor? parent);
            if (error != Errno.None)
                throw new EngineException(ErrorKind.InvalidArgument, $"the directory \"{Text.Printable(path)}\" cannot be made in the container: \"/{Text.Printable(done)}\": {KernelException.Describe(error)}");
            using (parent)
            {
                done = done.Length == 0 ? part : $"{done}/{part}";
                if (part is "." or "..")
                    continue;
                error = Syscalls.TryMkDirAt(parent!, part, 0x1ED);
                if (error is not (Errno.None or Errno.EEXIST or Errno.EROFS))
                    throw new EngineException(ErrorKind.Failed, $"the directory \"{Text.Printable(path)}\" cannot be made in the container: {KernelException.Describe(error)}");
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _root.Dispose();
}
