namespace Sampan.Kernel;

/// <content>Seals of memory files, and copies into them.</content>
public static unsafe partial class Syscalls
{
    private const int F_ADD_SEALS = 1033;
    private const int F_GET_SEALS = 1034;
    private const int F_SEAL_SEAL = 1;
    private const int F_SEAL_SHRINK = 2;
    private const int F_SEAL_GROW = 4;
    private const int F_SEAL_WRITE = 8;

    /// <summary>fcntl(F_ADD_SEALS): nothing about the memory file can change any more.</summary>
    /// <exception cref="KernelException">The file cannot be sealed.</exception>
    public static void AddAllSeals(FileDescriptor memoryFile) => Check(
        Call(SyscallNumbers.fcntl, memoryFile.Number, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE), $"fcntl({memoryFile.Number}, F_ADD_SEALS)");

    /// <summary>memfd_create(MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC); without the last before Linux 6.3, which does not know it and needs it for nothing.</summary>
    /// <exception cref="KernelException">Memory files may not be made, or not executed (vm.memfd_noexec).</exception>
    public static FileDescriptor MemFdCreateExecutable(string name)
    {
        using var native = new NativeString(name);
        nint result = Call(SyscallNumbers.memfd_create, native.Address, 1 | 2 | 0x10);
        if (result == -(nint)Errno.EINVAL)
            result = Call(SyscallNumbers.memfd_create, native.Address, 1 | 2);
        return new FileDescriptor((int)Check(result, $"memfd_create({Quote(name)}, MFD_EXEC)"));
    }

    /// <summary>fcntl(F_GET_SEALS): true where the file is a memory file that nobody can write.</summary>
    public static bool HasWriteSeal(FileDescriptor file)
    {
        nint seals = Call(SyscallNumbers.fcntl, file.Number, F_GET_SEALS);
        return seals > 0 && (seals & F_SEAL_WRITE) != 0;
    }

    /// <summary>sendfile(2) of a whole file.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void SendAll(FileDescriptor target, FileDescriptor source, long length)
    {
        while (length > 0)
        {
            nint sent = Check(Retry(SyscallNumbers.sendfile, target.Number, source.Number, 0, (nint)length), $"sendfile({target.Number}, {source.Number})");
            if (sent == 0)
                throw new KernelException($"sendfile({target.Number}, {source.Number})", Errno.EIO);
            length -= sent;
        }
    }
}
