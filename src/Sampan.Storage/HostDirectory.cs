using Sampan.Kernel;

namespace Sampan.Storage;

/// <summary>Directories of the engine on the host: mode 0700, so that nobody else can step through them to a layer's set-user-id programs (CVE-2021-41091).</summary>
public static class HostDirectory
{
    private const uint OwnerOnly = 0x1C0;

    /// <summary>Makes a directory where it is missing, and its parents.</summary>
    /// <exception cref="KernelException">It cannot be made.</exception>
    public static void Ensure(string path)
    {
        Errno error = Syscalls.TryMkDirAt(Syscalls.WorkingDirectory, path, OwnerOnly);
        if (error is Errno.None or Errno.EEXIST)
            return;
        if (error == Errno.ENOENT && Path.GetDirectoryName(path) is { Length: > 0 } parent)
        {
            Ensure(parent);
            error = Syscalls.TryMkDirAt(Syscalls.WorkingDirectory, path, OwnerOnly);
        }
        if (error is not (Errno.None or Errno.EEXIST))
            throw new KernelException($"mkdir(\"{path}\")", error);
    }

    /// <summary>Opens a directory of the engine.</summary>
    public static FileDescriptor Open(string path) => Syscalls.Open(path, OpenFlags.Directory | OpenFlags.ReadOnly);
}
