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

    /// <summary>The value of an extended attribute of an open file, or null where it has none (fgetxattr(2)).</summary>
    /// <exception cref="KernelException">The call failed for another reason.</exception>
    public static byte[]? FGetXAttr(FileDescriptor file, string name)
    {
        const int Max = 65536; // XATTR_SIZE_MAX
        using var native = new NativeString(name);
        Span<byte> few = stackalloc byte[256];
        nint length;
        fixed (byte* bytes = few)
            length = Call(SyscallNumbers.fgetxattr, file.Number, native.Address, (nint)bytes, few.Length);
        if (length is -(nint)Errno.ENODATA or -(nint)Errno.EOPNOTSUPP)
            return null;
        if (length >= 0)
            return few[..(int)length].ToArray();
        byte[] many = new byte[Max];
        fixed (byte* bytes = many)
            length = Check(Call(SyscallNumbers.fgetxattr, file.Number, native.Address, (nint)bytes, Max), $"fgetxattr({file.Number}, {Quote(name)})");
        return many[..(int)length];
    }

    /// <summary>Sets an extended attribute of an open file (fsetxattr(2)).</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void FSetXAttr(FileDescriptor file, string name, ReadOnlySpan<byte> value)
    {
        using var native = new NativeString(name);
        fixed (byte* bytes = value)
        {
            _ = Check(Call(SyscallNumbers.fsetxattr, file.Number, native.Address, (nint)bytes, value.Length), $"fsetxattr({file.Number}, {Quote(name)})");
        }
    }

    /// <summary>The names of an open file's extended attributes (flistxattr(2)); none where the file system has no such thing.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static IReadOnlyList<string> FListXAttr(FileDescriptor file)
    {
        const int Max = 65536; // XATTR_LIST_MAX
        Span<byte> few = stackalloc byte[1024];
        nint length;
        fixed (byte* bytes = few)
            length = Call(SyscallNumbers.flistxattr, file.Number, (nint)bytes, few.Length);
        if (length is 0 or -(nint)Errno.EOPNOTSUPP)
            return [];
        if (length > 0)
            return Names(few[..(int)length]);
        byte[] many = new byte[Max];
        fixed (byte* bytes = many)
            length = Check(Call(SyscallNumbers.flistxattr, file.Number, (nint)bytes, Max), $"flistxattr({file.Number})");
        return Names(many.AsSpan(0, (int)length));
    }

    private static List<string> Names(ReadOnlySpan<byte> list)
    {
        var names = new List<string>();
        while (list.IndexOf((byte)0) is >= 0 and int end)
        {
            names.Add(System.Text.Encoding.UTF8.GetString(list[..end]));
            list = list[(end + 1)..];
        }
        return names;
    }

    /// <summary>syncfs(2): writes the file system of an open file to its disk.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void SyncFs(FileDescriptor file) => Check(Retry(SyscallNumbers.syncfs, file.Number), $"syncfs({file.Number})");
}
