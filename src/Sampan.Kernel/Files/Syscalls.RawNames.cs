using System.Runtime.InteropServices;

namespace Sampan.Kernel;

/// <summary>Calls on names that need not be UTF-8; each ends with a NUL byte.</summary>
public static unsafe partial class Syscalls
{
    internal static Errno TryUnlinkRaw(FileDescriptor directory, byte[] name, bool removeDirectory)
    {
        fixed (byte* bytes = name)
            return ToErrno(Call(SyscallNumbers.unlinkat, directory.Number, (nint)bytes, removeDirectory ? 0x200 : 0));
    }

    internal static void RenameRaw(FileDescriptor fromDirectory, byte[] from, FileDescriptor toDirectory, byte[] to)
    {
        nint result;
        fixed (byte* nativeFrom = from, nativeTo = to)
            result = Call(SyscallNumbers.renameat2, fromDirectory.Number, (nint)nativeFrom, toDirectory.Number, (nint)nativeTo, 1);
        _ = Check(result, $"renameat2({fromDirectory.Number}, {QuoteRaw(from)}, {toDirectory.Number}, {QuoteRaw(to)})");
    }

    internal static FileDescriptor OpenDirectoryRaw(FileDescriptor directory, byte[] name)
    {
        var how = new OpenHow
        {
            Flags = (ulong)OpenFlagNumbers.Of(OpenFlags.Directory | OpenFlags.ReadOnly | OpenFlags.NoFollow | OpenFlags.CloseOnExec),
            Resolve = (ulong)(ResolveFlags.NoCrossDevice | ResolveFlags.NoSymlinks),
        };
        nint result;
        fixed (byte* bytes = name)
            result = Retry(SyscallNumbers.openat2, directory.Number, (nint)bytes, (nint)(&how), sizeof(OpenHow));
        if (result == -(nint)Errno.ENOSYS)
            return OpenDirectoryRawWithoutOpenAt2(directory, name);
        if (result == -(nint)Errno.EXDEV)
            throw new KernelException($"unlinkat({directory.Number}, {QuoteRaw(name)}, AT_REMOVEDIR)", Errno.EBUSY); // a mount point
        return new FileDescriptor((int)Check(result, $"openat2({directory.Number}, {QuoteRaw(name)}, RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS)"));
    }

    /// <summary>Before Linux 5.6. A name is one component, so O_NOFOLLOW refuses every link; the mount's root is known by its attribute (5.8) or its other file system.</summary>
    internal static FileDescriptor OpenDirectoryRawWithoutOpenAt2(FileDescriptor directory, byte[] name)
    {
        nint result;
        fixed (byte* bytes = name)
            result = Retry(SyscallNumbers.openat, directory.Number, (nint)bytes, OpenFlagNumbers.Of(OpenFlags.Directory | OpenFlags.ReadOnly | OpenFlags.NoFollow | OpenFlags.CloseOnExec), 0);
        var opened = new FileDescriptor((int)Check(result, $"openat({directory.Number}, {QuoteRaw(name)}, O_NOFOLLOW)"));
        FileStatus status = Stat(opened);
        if (!status.IsMountRoot && status.FileSystem == Stat(directory).FileSystem)
            return opened;
        opened.Dispose();
        throw new KernelException($"unlinkat({directory.Number}, {QuoteRaw(name)}, AT_REMOVEDIR)", Errno.EBUSY);
    }

    internal static List<byte[]> ReadDirectoryRaw(FileDescriptor directory)
    {
        const int Size = 32 * 1024;
        byte* buffer = (byte*)NativeMemory.Alloc(Size);
        var names = new List<byte[]>();
        try
        {
            while (true)
            {
                nint length = Check(Call(SyscallNumbers.getdents64, directory.Number, (nint)buffer, Size), $"getdents64({directory.Number})");
                if (length == 0)
                    return names;
                for (byte* entry = buffer; entry < buffer + length; entry += *(ushort*)(entry + 16))
                {
                    ReadOnlySpan<byte> name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(entry + 19);
                    if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
                        names.Add([.. name, 0]);
                }
            }
        }
        finally
        {
            NativeMemory.Free(buffer);
        }
    }

    internal static string QuoteRaw(byte[] name) => Quote(System.Text.Encoding.UTF8.GetString(name.AsSpan(0, name.Length - 1)));
}
