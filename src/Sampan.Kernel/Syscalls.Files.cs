using System.Runtime.InteropServices;

namespace Sampan.Kernel;

public static unsafe partial class Syscalls
{
    /// <summary>openat(2). <see cref="OpenFlags.CloseOnExec"/> is always added.</summary>
    /// <param name="directory">Where a relative path starts; <see cref="WorkingDirectory"/> for the working directory.</param>
    /// <param name="path">The path; links in it are followed, also out of the directory. For untrusted paths use <see cref="OpenAt2"/>.</param>
    /// <param name="flags">Access mode and open flags.</param>
    /// <param name="mode">Permission bits of a file that the call creates, before the umask.</param>
    /// <exception cref="KernelException">The call failed.</exception>
    public static FileDescriptor OpenAt(FileDescriptor directory, string path, OpenFlags flags, uint mode = 0)
    {
        Errno error = TryOpenAt(directory, path, flags, mode, out FileDescriptor? file);
        return file ?? throw new KernelException($"openat({directory.Number}, {Quote(path)}, {flags})", error);
    }

    /// <summary>As <see cref="OpenAt"/>, but returns the error.</summary>
    public static Errno TryOpenAt(FileDescriptor directory, string path, OpenFlags flags, uint mode, out FileDescriptor? file)
    {
        using var native = new NativeString(path);
        nint result = Retry(SyscallNumbers.openat, directory.Number, native.Address, OpenFlagNumbers.Of(flags | OpenFlags.CloseOnExec), (nint)mode);
        return Opened(result, out file);
    }

    /// <summary>open(2) of an absolute or working-directory path of the host.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static FileDescriptor Open(string path, OpenFlags flags, uint mode = 0) => OpenAt(WorkingDirectory, path, flags, mode);

    /// <summary>
    /// openat2(2): opens a path under rules for its resolution. With <see cref="ResolveFlags.InRoot"/> no link, no <c>..</c> and no absolute
    /// path in it leads outside <paramref name="directory"/>. EAGAIN, with which the kernel reports a rename race, is tried again.
    /// </summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static FileDescriptor OpenAt2(FileDescriptor directory, string path, OpenFlags flags, ResolveFlags resolve, uint mode = 0)
    {
        Errno error = TryOpenAt2(directory, path, flags, resolve, mode, out FileDescriptor? file);
        return file ?? throw new KernelException($"openat2({directory.Number}, {Quote(path)}, {flags}, {resolve})", error);
    }

    /// <summary>As <see cref="OpenAt2"/>, but returns the error.</summary>
    public static Errno TryOpenAt2(FileDescriptor directory, string path, OpenFlags flags, ResolveFlags resolve, uint mode, out FileDescriptor? file)
    {
        using var native = new NativeString(path);
        var how = new OpenHow { Flags = (ulong)OpenFlagNumbers.Of(flags | OpenFlags.CloseOnExec), Mode = mode, Resolve = (ulong)resolve };
        nint result;
        int attempts = 0;
        do
        {
            result = Retry(SyscallNumbers.openat2, directory.Number, native.Address, (nint)(&how), sizeof(OpenHow));
        }
        while (result == -(nint)Errno.EAGAIN && ++attempts < 128);
        return Opened(result, out file);
    }

    private static Errno Opened(nint result, out FileDescriptor? file)
    {
        file = result < 0 ? null : new FileDescriptor((int)result);
        return result < 0 ? (Errno)(-result) : Errno.None;
    }

    /// <summary>read(2).</summary>
    /// <returns>The number of bytes read, 0 at the end.</returns>
    /// <exception cref="KernelException">The call failed.</exception>
    public static int Read(FileDescriptor file, Span<byte> buffer)
    {
        fixed (byte* bytes = buffer)
        {
            return (int)Check(Retry(SyscallNumbers.read, file.Number, (nint)bytes, buffer.Length), $"read({file.Number})");
        }
    }

    /// <summary>read(2) that returns minus the error number where it failed.</summary>
    public static int TryRead(FileDescriptor file, Span<byte> buffer)
    {
        fixed (byte* bytes = buffer)
        {
            return (int)Retry(SyscallNumbers.read, file.Number, (nint)bytes, buffer.Length);
        }
    }

    /// <summary>write(2), once: a short count is possible.</summary>
    /// <returns>The number of bytes written, or minus the error number.</returns>
    public static int TryWrite(FileDescriptor file, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            return (int)Retry(SyscallNumbers.write, file.Number, (nint)start, bytes.Length);
        }
    }

    /// <summary>write(2), repeated until every byte is written.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void WriteAll(FileDescriptor file, ReadOnlySpan<byte> bytes)
    {
        do
        {
            int written = TryWrite(file, bytes);
            _ = Check(written, $"write({file.Number})");
            bytes = bytes[written..];
        }
        while (bytes.Length > 0);
    }

    /// <summary>pread(2).</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static int PRead(FileDescriptor file, Span<byte> buffer, long offset)
    {
        fixed (byte* bytes = buffer)
        {
            return (int)Check(Retry(SyscallNumbers.pread64, file.Number, (nint)bytes, buffer.Length, (nint)offset), $"pread({file.Number})");
        }
    }

    /// <summary>mkdirat(2).</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void MkDirAt(FileDescriptor directory, string path, uint mode) =>
        ThrowIfFailed(TryMkDirAt(directory, path, mode), $"mkdirat({directory.Number}, {Quote(path)}, 0{Convert.ToString(mode, 8)})");

    /// <summary>As <see cref="MkDirAt"/>, but returns the error.</summary>
    public static Errno TryMkDirAt(FileDescriptor directory, string path, uint mode)
    {
        using var native = new NativeString(path);
        return ToErrno(Call(SyscallNumbers.mkdirat, directory.Number, native.Address, (nint)mode));
    }

    /// <summary>mknodat(2). <paramref name="mode"/> holds the file type and the permission bits.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void MkNodAt(FileDescriptor directory, string path, uint mode, DeviceNumber device) =>
        ThrowIfFailed(TryMkNodAt(directory, path, mode, device), $"mknodat({directory.Number}, {Quote(path)}, 0{Convert.ToString(mode, 8)}, {device})");

    /// <summary>As <see cref="MkNodAt"/>, but returns the error.</summary>
    public static Errno TryMkNodAt(FileDescriptor directory, string path, uint mode, DeviceNumber device = default)
    {
        using var native = new NativeString(path);
        return ToErrno(Call(SyscallNumbers.mknodat, directory.Number, native.Address, (nint)mode, (nint)device.Encoded));
    }

    /// <summary>unlinkat(2).</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void UnlinkAt(FileDescriptor directory, string path, bool removeDirectory = false) =>
        ThrowIfFailed(TryUnlinkAt(directory, path, removeDirectory), $"unlinkat({directory.Number}, {Quote(path)}{(removeDirectory ? ", AT_REMOVEDIR" : "")})");

    /// <summary>As <see cref="UnlinkAt"/>, but returns the error.</summary>
    public static Errno TryUnlinkAt(FileDescriptor directory, string path, bool removeDirectory = false)
    {
        using var native = new NativeString(path);
        return ToErrno(Call(SyscallNumbers.unlinkat, directory.Number, native.Address, removeDirectory ? 0x200 : 0));
    }

    /// <summary>symlinkat(2).</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void SymlinkAt(string target, FileDescriptor directory, string path)
    {
        using var nativeTarget = new NativeString(target);
        using var native = new NativeString(path);
        _ = Check(Call(SyscallNumbers.symlinkat, nativeTarget.Address, directory.Number, native.Address), $"symlinkat({Quote(target)}, {directory.Number}, {Quote(path)})");
    }

    /// <summary>linkat(2); <paramref name="flags"/> are AT_* flags.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void LinkAt(FileDescriptor fromDirectory, string from, FileDescriptor toDirectory, string to, int flags = 0)
    {
        using var nativeFrom = new NativeString(from);
        using var nativeTo = new NativeString(to);
        _ = Check(Call(SyscallNumbers.linkat, fromDirectory.Number, nativeFrom.Address, toDirectory.Number, nativeTo.Address, flags), $"linkat({fromDirectory.Number}, {Quote(from)}, {toDirectory.Number}, {Quote(to)})");
    }

    /// <summary>renameat2(2).</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void RenameAt(FileDescriptor fromDirectory, string from, FileDescriptor toDirectory, string to, RenameFlags flags = 0) =>
        ThrowIfFailed(TryRenameAt(fromDirectory, from, toDirectory, to, flags), $"renameat2({fromDirectory.Number}, {Quote(from)}, {toDirectory.Number}, {Quote(to)}, {flags})");

    /// <summary>As <see cref="RenameAt"/>, but returns the error.</summary>
    public static Errno TryRenameAt(FileDescriptor fromDirectory, string from, FileDescriptor toDirectory, string to, RenameFlags flags = 0)
    {
        using var nativeFrom = new NativeString(from);
        using var nativeTo = new NativeString(to);
        return ToErrno(Call(SyscallNumbers.renameat2, fromDirectory.Number, nativeFrom.Address, toDirectory.Number, nativeTo.Address, (nint)flags));
    }

    /// <summary>readlinkat(2).</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static string ReadLinkAt(FileDescriptor directory, string path)
    {
        using var native = new NativeString(path);
        const int Max = 4096;
        byte* buffer = stackalloc byte[Max];
        nint length = Check(Call(SyscallNumbers.readlinkat, directory.Number, native.Address, (nint)buffer, Max), $"readlinkat({directory.Number}, {Quote(path)})");
        return System.Text.Encoding.UTF8.GetString(buffer, (int)length);
    }

    /// <summary>fchmod(2).</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void FChMod(FileDescriptor file, uint mode) =>
        Check(Call(SyscallNumbers.fchmod, file.Number, (nint)mode), $"fchmod({file.Number}, 0{Convert.ToString(mode, 8)})");

    /// <summary>fchown(2) of the open file itself.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void FChOwn(FileDescriptor file, uint uid, uint gid) =>
        Check(Call(SyscallNumbers.fchown, file.Number, (nint)uid, (nint)gid), $"fchown({file.Number}, {uid}, {gid})");

    /// <summary>fchownat(2) with AT_SYMLINK_NOFOLLOW: a link's own owner is changed.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void LChOwnAt(FileDescriptor directory, string path, uint uid, uint gid)
    {
        using var native = new NativeString(path);
        _ = Check(Call(SyscallNumbers.fchownat, directory.Number, native.Address, (nint)uid, (nint)gid, 0x100), $"fchownat({directory.Number}, {Quote(path)}, {uid}, {gid})");
    }

    /// <summary>statx(2) of a name in a directory, without following a link at its end.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static FileStatus StatAt(FileDescriptor directory, string path)
    {
        Errno error = TryStatAt(directory, path, out FileStatus status);
        ThrowIfFailed(error, $"statx({directory.Number}, {Quote(path)})");
        return status;
    }

    /// <summary>As <see cref="StatAt"/>, but returns the error.</summary>
    public static Errno TryStatAt(FileDescriptor directory, string path, out FileStatus status)
    {
        using var native = new NativeString(path);
        StatX raw;
        nint result = Call(SyscallNumbers.statx, directory.Number, native.Address, 0x100 | 0x1000, 0x1fff, (nint)(&raw));
        status = result < 0 ? default : raw.ToStatus();
        return ToErrno(result);
    }

    /// <summary>statx(2) of an open file.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static FileStatus Stat(FileDescriptor file) => StatAt(file, "");

    /// <summary>fstatfs(2).</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static FileSystemStatus FStatFs(FileDescriptor file)
    {
        StatFs raw;
        _ = Check(Retry(SyscallNumbers.fstatfs, file.Number, (nint)(&raw)), $"fstatfs({file.Number})");
        return new FileSystemStatus((FileSystemMagic)raw.Type, raw.BlockSize, raw.Blocks, raw.BlocksAvailable, raw.Files, raw.FilesFree, (FileSystemFlags)raw.Flags);
    }

    /// <summary>fcntl(F_DUPFD_CLOEXEC).</summary>
    /// <exception cref="KernelException">The process has no descriptor left.</exception>
    public static FileDescriptor Duplicate(FileDescriptor file, int lowest = 3) =>
        new((int)Check(Call(SyscallNumbers.fcntl, file.Number, 1030, lowest), $"fcntl({file.Number}, F_DUPFD_CLOEXEC)"));

    /// <summary>flock(2). With <paramref name="wait"/> false a lock held by another open file gives false.</summary>
    /// <exception cref="KernelException">The call failed for another reason.</exception>
    public static bool FLock(FileDescriptor file, LockKind kind, bool wait = true)
    {
        nint result = Retry(SyscallNumbers.flock, file.Number, (nint)kind | (wait ? 0 : 4));
        if (result == -(nint)Errno.EAGAIN)
            return false;
        _ = Check(result, $"flock({file.Number}, {kind})");
        return true;
    }

    /// <summary>fsync(2).</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void FSync(FileDescriptor file) => Check(Retry(SyscallNumbers.fsync, file.Number), $"fsync({file.Number})");

    /// <summary>ftruncate(2).</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void FTruncate(FileDescriptor file, long length) => Check(Retry(SyscallNumbers.ftruncate, file.Number, (nint)length), $"ftruncate({file.Number}, {length})");

    /// <summary>lseek(2) from the start.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void Seek(FileDescriptor file, long offset) => Check(Call(SyscallNumbers.lseek, file.Number, (nint)offset, 0), $"lseek({file.Number}, {offset})");

    /// <summary>pipe2(O_CLOEXEC).</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static (FileDescriptor Read, FileDescriptor Write) Pipe()
    {
        int* ends = stackalloc int[2];
        _ = Check(Call(SyscallNumbers.pipe2, (nint)ends, (nint)OpenFlags.CloseOnExec), "pipe2(O_CLOEXEC)");
        return (new FileDescriptor(ends[0]), new FileDescriptor(ends[1]));
    }

    /// <summary>memfd_create(MFD_CLOEXEC | MFD_ALLOW_SEALING).</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static FileDescriptor MemFdCreate(string name)
    {
        using var native = new NativeString(name);
        return new FileDescriptor((int)Check(Call(SyscallNumbers.memfd_create, native.Address, 1 | 2), $"memfd_create({Quote(name)})"));
    }

    /// <summary>The names in an open directory, without <c>.</c> and <c>..</c> (getdents64(2), from the start).</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static List<string> ReadDirectory(FileDescriptor directory)
    {
        const int Size = 32 * 1024;
        byte* buffer = (byte*)NativeMemory.Alloc(Size);
        var names = new List<string>();
        try
        {
            Seek(directory, 0);
            while (true)
            {
                nint length = Check(Call(SyscallNumbers.getdents64, directory.Number, (nint)buffer, Size), $"getdents64({directory.Number})");
                if (length == 0)
                    return names;
                for (byte* entry = buffer; entry < buffer + length; entry += *(ushort*)(entry + 16))
                {
                    string name = Marshal.PtrToStringUTF8((nint)(entry + 19))!;
                    if (name is not ("." or ".."))
                        names.Add(name);
                }
            }
        }
        finally
        {
            NativeMemory.Free(buffer);
        }
    }

    /// <summary>Sets an extended attribute of the path itself, of a link and not of its target (lsetxattr(2)).</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void LSetXAttr(string path, string name, ReadOnlySpan<byte> value)
    {
        using var nativePath = new NativeString(path);
        using var native = new NativeString(name);
        fixed (byte* bytes = value)
        {
            _ = Check(Call(SyscallNumbers.lsetxattr, nativePath.Address, native.Address, (nint)bytes, value.Length), $"lsetxattr({Quote(path)}, {Quote(name)})");
        }
    }

    /// <summary>
    /// Sets access and modification time of a name without following a link (utimensat(2)). Seconds since 1970, which may be negative, and nanoseconds.
    /// </summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void UTimeNsAt(FileDescriptor directory, string path, (long Seconds, long Nanoseconds) access, (long Seconds, long Nanoseconds) modification)
    {
        using var native = new NativeString(path);
        long* times = stackalloc long[] { access.Seconds, access.Nanoseconds, modification.Seconds, modification.Nanoseconds };
        _ = Check(Call(SyscallNumbers.utimensat, directory.Number, native.Address, (nint)times, 0x100), $"utimensat({directory.Number}, {Quote(path)})");
    }

    /// <summary>Closes a descriptor by number; false where it was not open (close(2)).</summary>
    internal static bool CloseNumber(int number) => Call(SyscallNumbers.close, number) == 0;

    internal static Errno ToErrno(nint result) => result < 0 ? (Errno)(-result) : Errno.None;

    private static void ThrowIfFailed(Errno error, FormattableCall call)
    {
        if (error != Errno.None)
            throw new KernelException(call(), error);
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct OpenHow
    {
        public ulong Flags;
        public ulong Mode;
        public ulong Resolve;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct StatFs
    {
        public long Type, BlockSize;
        public ulong Blocks, BlocksFree, BlocksAvailable, Files, FilesFree;
        public long Id, NameLength, FragmentSize, Flags;
        public fixed long Spare[4];
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct StatX
    {
        public uint Mask, BlockSize;
        public ulong Attributes;
        public uint Links, Uid, Gid;
        public ushort Mode, Padding;
        public ulong Inode, Size, Blocks, AttributesMask;
        public StatXTime Access, Birth, Change, Modification;
        public uint DeviceMajor, DeviceMinor, FileSystemMajor, FileSystemMinor;
        public ulong MountId;
        public fixed ulong Spare[13];

        public readonly FileStatus ToStatus() => new(
            Mode, Uid, Gid, Inode, (long)Size, (long)Blocks, Links, new DeviceNumber(DeviceMajor, DeviceMinor),
            new DeviceNumber(FileSystemMajor, FileSystemMinor), Access.Seconds, Access.Nanoseconds, Modification.Seconds, Modification.Nanoseconds, MountId,
            (Attributes & 0x2000) != 0);
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct StatXTime
    {
        public long Seconds;
        public uint Nanoseconds;
        public int Reserved;
    }
}
