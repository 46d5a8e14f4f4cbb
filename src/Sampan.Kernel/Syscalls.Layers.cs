namespace Sampan.Kernel;

/// <summary>Calls that unpacking a layer needs.</summary>
public static unsafe partial class Syscalls
{
    /// <summary>fchmodat(2). A link at the end of the path is followed: only for names whose type the caller made itself.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void FChModAt(FileDescriptor directory, string path, uint mode)
    {
        using var native = new NativeString(path);
        _ = Check(Call(SyscallNumbers.fchmodat, directory.Number, native.Address, (nint)mode), $"fchmodat({directory.Number}, {Quote(path)}, 0{Convert.ToString(mode, 8)})");
    }

    /// <summary>syncfs(2): writes the file system of an open file to its disk.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void SyncFs(FileDescriptor file) => Check(Retry(SyscallNumbers.syncfs, file.Number), $"syncfs({file.Number})");
}
