using Sampan.Kernel;
using Sampan.Oci;

namespace Sampan.Engine.Containers;

/// <summary>One end of a copy: a path below a root, which is the host's or a container's. No link leads out of the root.</summary>
/// <param name="Root">The root.</param>
/// <param name="Path">The path as the user wrote it; in a container it begins at its root.</param>
/// <param name="Label">What it is called in messages.</param>
internal sealed record CopyPlace(RootDirectory Root, string Path, string Label)
{
    /// <summary>Whether what is in the directory is meant, and not the directory.</summary>
    public bool IsContent => Name is "" or "." or "..";

    /// <summary>Whether the path ends with a slash, and so names a directory.</summary>
    public bool IsDirectoryName => Path.EndsWith('/') || IsContent;

    /// <summary>The last part of the path.</summary>
    public string Name
    {
        get
        {
            string trimmed = Path.TrimEnd('/');
            return trimmed[(trimmed.LastIndexOf('/') + 1)..];
        }
    }

    private string Parent
    {
        get
        {
            string trimmed = Path.TrimEnd('/');
            int slash = trimmed.LastIndexOf('/');
            return slash < 0 ? "." : slash == 0 ? "/" : trimmed[..slash];
        }
    }

    /// <summary>What is there: null where there is nothing.</summary>
    /// <param name="follow">Whether a link at the end counts as what it leads to.</param>
    /// <exception cref="EngineException">It cannot be looked at.</exception>
    public FileStatus? Look(bool follow)
    {
        Errno error = Root.TryOpenInRoot(Path, OpenFlags.Path | (follow || IsDirectoryName ? 0 : OpenFlags.NoFollow), 0, out FileDescriptor? file);
        using (file)
        {
            return error switch
            {
                Errno.None => Syscalls.Stat(file!),
                Errno.ENOENT => null,
                _ => throw Failure(error),
            };
        }
    }

    /// <summary>Opens what is there.</summary>
    /// <exception cref="EngineException">It cannot be opened.</exception>
    public FileDescriptor Open(OpenFlags flags)
    {
        Errno error = Root.TryOpenInRoot(Path, flags | OpenFlags.NonBlocking, 0, out FileDescriptor? file);
        return file ?? throw Failure(error);
    }

    /// <summary>Opens the directory in which it is or will be.</summary>
    /// <exception cref="EngineException">There is none.</exception>
    public FileDescriptor OpenParent()
    {
        Errno error = Root.TryOpenInRoot(Parent, OpenFlags.ReadOnly | OpenFlags.Directory, 0, out FileDescriptor? directory);
        return directory ?? throw new EngineException(
            error is Errno.ENOENT or Errno.ENOTDIR ? ErrorKind.NotFound : ErrorKind.Failed,
            $"the directory \"{Printable.Escape(Parent)}\" of {Label} is not there or cannot be opened: {KernelException.Describe(error)}");
    }

    private EngineException Failure(Errno error) => new(error is Errno.ENOENT or Errno.ENOTDIR ? ErrorKind.NotFound : ErrorKind.Failed, $"{Label} cannot be opened: {KernelException.Describe(error)}");
}
