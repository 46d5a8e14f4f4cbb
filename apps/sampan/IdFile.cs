using System.Text;
using Sampan.Engine;
using Sampan.Kernel;
using Sampan.Oci;

namespace Sampan.Command;

/// <summary>
/// The file of <c>--cidfile</c>. It must be new, so that no script takes an old container's id, and is made before the container, so that no container is left
/// whose id could not be written. Without <see cref="Keep"/> it goes again.
/// </summary>
internal sealed class IdFile : IDisposable
{
    private readonly string _path;
    private readonly FileDescriptor _file;
    private bool _kept;

    private IdFile(string path, FileDescriptor file)
    {
        _path = path;
        _file = file;
    }

    /// <summary>Makes the file; null where none is asked for.</summary>
    /// <exception cref="EngineException">It exists, or cannot be made.</exception>
    public static IdFile? Make(string? path)
    {
        if (path is null)
            return null;
        Errno error = Syscalls.TryOpenAt(Syscalls.WorkingDirectory, path, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Exclusive, 0x1A4, out FileDescriptor? file);
        return error switch
        {
            Errno.None => new IdFile(path, file!),
            Errno.EEXIST => throw new EngineException(ErrorKind.Conflict, $"the file \"{Printable.Escape(path)}\" exists; remove it or name another with --cidfile"),
            _ => throw new EngineException(ErrorKind.InvalidArgument, $"--cidfile \"{Printable.Escape(path)}\" cannot be made: {KernelException.Describe(error)}"),
        };
    }

    public void Write(string id) => Syscalls.WriteAll(_file, Encoding.ASCII.GetBytes(id));

    /// <summary>The container has been started: the file stays.</summary>
    public void Keep() => _kept = true;

    public void Dispose()
    {
        _file.Dispose();
        if (!_kept)
            _ = Syscalls.TryUnlinkAt(Syscalls.WorkingDirectory, _path);
    }
}
