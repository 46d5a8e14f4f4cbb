using System.Runtime.InteropServices;
using System.Text;

namespace Sampan.Kernel;

public static unsafe partial class Syscalls
{
    /// <summary>mount(2). An absent source, type or data is a null pointer.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void Mount(string? source, string target, string? type, MountFlags flags, string? data = null) =>
        ThrowIfFailed(TryMount(source, target, type, flags, data), $"mount({QuoteOrNull(source)}, {Quote(target)}, {QuoteOrNull(type)}, {flags}, {QuoteOrNull(data)})");

    /// <summary>As <see cref="Mount"/>, but returns the error.</summary>
    public static Errno TryMount(string? source, string target, string? type, MountFlags flags, string? data = null)
    {
        using var nativeSource = new NativeString(source ?? "");
        using var nativeTarget = new NativeString(target);
        using var nativeType = new NativeString(type ?? "");
        using var nativeData = new NativeString(data ?? "");
        return ToErrno(Call(
            SyscallNumbers.mount, source is null ? 0 : nativeSource.Address, nativeTarget.Address, type is null ? 0 : nativeType.Address, (nint)flags,
            data is null ? 0 : nativeData.Address));
    }

    /// <summary>umount2(2).</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void Umount2(string target, UnmountFlags flags = UnmountFlags.None) =>
        ThrowIfFailed(TryUmount2(target, flags), $"umount2({Quote(target)}, {flags})");

    /// <summary>As <see cref="Umount2"/>, but returns the error.</summary>
    public static Errno TryUmount2(string target, UnmountFlags flags = UnmountFlags.None)
    {
        using var native = new NativeString(target);
        return ToErrno(Call(SyscallNumbers.umount2, native.Address, (nint)flags));
    }

    /// <summary>pivot_root(2).</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void PivotRoot(string newRoot, string putOld)
    {
        using var nativeNew = new NativeString(newRoot);
        using var nativeOld = new NativeString(putOld);
        _ = Check(Call(SyscallNumbers.pivot_root, nativeNew.Address, nativeOld.Address), $"pivot_root({Quote(newRoot)}, {Quote(putOld)})");
    }

    /// <summary>fsopen(2): a context in which a file system of a type is configured.</summary>
    /// <exception cref="KernelException">The call failed; ENODEV where the kernel does not know the type.</exception>
    public static FileDescriptor FsOpen(string type)
    {
        Errno error = TryFsOpen(type, out FileDescriptor? context);
        return context ?? throw new KernelException($"fsopen({Quote(type)})", error);
    }

    /// <summary>As <see cref="FsOpen"/>, but returns the error.</summary>
    public static Errno TryFsOpen(string type, out FileDescriptor? context)
    {
        using var native = new NativeString(type);
        return Opened(Call(SyscallNumbers.fsopen, native.Address, 1), out context);
    }

    /// <summary>fspick(2): a context in which a mounted file system is configured anew.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static FileDescriptor FsPick(FileDescriptor directory, string path, FsPickFlags flags)
    {
        using var native = new NativeString(path);
        return new FileDescriptor((int)Check(Call(SyscallNumbers.fspick, directory.Number, native.Address, (nint)flags | 1), $"fspick({directory.Number}, {Quote(path)}, {flags})"));
    }

    /// <summary>fsconfig(FSCONFIG_SET_FLAG): a parameter without a value.</summary>
    /// <exception cref="KernelException">The call failed; the message ends with what the context's log says.</exception>
    public static void FsConfigSetFlag(FileDescriptor context, string key) => FsConfig(context, FsConfigCommand.SetFlag, key, null, 0);

    /// <summary>fsconfig(FSCONFIG_SET_STRING).</summary>
    /// <exception cref="KernelException">The call failed; the message ends with what the context's log says.</exception>
    public static void FsConfigSetString(FileDescriptor context, string key, string value) => FsConfig(context, FsConfigCommand.SetString, key, value, 0);

    /// <summary>fsconfig(FSCONFIG_SET_FD).</summary>
    /// <exception cref="KernelException">The call failed; the message ends with what the context's log says.</exception>
    public static void FsConfigSetFd(FileDescriptor context, string key, FileDescriptor value) => FsConfig(context, FsConfigCommand.SetFd, key, null, value.Number);

    /// <summary>fsconfig(FSCONFIG_CMD_CREATE): makes the superblock.</summary>
    /// <exception cref="KernelException">The call failed; the message ends with what the context's log says.</exception>
    public static void FsConfigCreate(FileDescriptor context) => FsConfig(context, FsConfigCommand.Create, null, null, 0);

    /// <summary>fsconfig(FSCONFIG_CMD_RECONFIGURE): applies the parameters to the picked superblock.</summary>
    /// <exception cref="KernelException">The call failed; the message ends with what the context's log says.</exception>
    public static void FsConfigReconfigure(FileDescriptor context) => FsConfig(context, FsConfigCommand.Reconfigure, null, null, 0);

    private static void FsConfig(FileDescriptor context, FsConfigCommand command, string? key, string? value, nint auxiliary)
    {
        using var nativeKey = new NativeString(key ?? "");
        using var nativeValue = new NativeString(value ?? "");
        nint result = Retry(
            SyscallNumbers.fsconfig, context.Number, (nint)command, key is null ? 0 : nativeKey.Address, value is null ? 0 : nativeValue.Address, auxiliary);
        if (result < 0)
        {
            string call = $"fsconfig({context.Number}, {command}, {QuoteOrNull(key)}, {QuoteOrNull(value)}, {auxiliary})";
            throw new KernelException(call, (Errno)(-result), FsContextLog(context));
        }
    }

    /// <summary>
    /// The messages that a file system context has logged and nobody has read yet, joined by <c>; </c>, without their leading
    /// <c>e </c>, <c>w </c>, <c>i </c> of kind; "" where there is none. Reading takes them out of the context (fsopen(2)).
    /// </summary>
    public static string FsContextLog(FileDescriptor context)
    {
        const int Max = 1024;
        byte* buffer = stackalloc byte[Max];
        var text = new StringBuilder();
        while (true)
        {
            nint length = Retry(SyscallNumbers.read, context.Number, (nint)buffer, Max);
            if (length <= 0)
                return text.ToString();
            string line = Encoding.UTF8.GetString(buffer, (int)length).Trim();
            if (line.Length > 2 && line[1] == ' ' && (line[0] is 'e' or 'w' or 'i'))
                line = line[2..];
            if (text.Length > 0)
                text.Append("; ");
            text.Append(line);
        }
    }

    /// <summary>fsmount(2): a detached mount of a created context.</summary>
    /// <exception cref="KernelException">The call failed; the message ends with what the context's log says.</exception>
    public static FileDescriptor FsMount(FileDescriptor context, MountAttributes attributes = MountAttributes.None)
    {
        nint result = Retry(SyscallNumbers.fsmount, context.Number, 1, (nint)attributes);
        if (result < 0)
            throw new KernelException($"fsmount({context.Number}, FSMOUNT_CLOEXEC, {attributes})", (Errno)(-result), FsContextLog(context));
        return new FileDescriptor((int)result);
    }

    /// <summary>open_tree(2).</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static FileDescriptor OpenTree(FileDescriptor directory, string path, OpenTreeFlags flags)
    {
        Errno error = TryOpenTree(directory, path, flags, out FileDescriptor? tree);
        return tree ?? throw new KernelException($"open_tree({directory.Number}, {Quote(path)}, {flags})", error);
    }

    /// <summary>As <see cref="OpenTree"/>, but returns the error.</summary>
    public static Errno TryOpenTree(FileDescriptor directory, string path, OpenTreeFlags flags, out FileDescriptor? tree)
    {
        using var native = new NativeString(path);
        return Opened(Call(SyscallNumbers.open_tree, directory.Number, native.Address, (nint)flags | (nint)OpenFlags.CloseOnExec), out tree);
    }

    /// <summary>move_mount(2).</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void MoveMount(FileDescriptor fromDirectory, string from, FileDescriptor toDirectory, string to, MoveMountFlags flags) =>
        ThrowIfFailed(TryMoveMount(fromDirectory, from, toDirectory, to, flags), $"move_mount({fromDirectory.Number}, {Quote(from)}, {toDirectory.Number}, {Quote(to)}, {flags})");

    /// <summary>move_mount(2) of a detached mount onto what an open descriptor stands for: no path is walked.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void MoveMount(FileDescriptor mount, FileDescriptor target) =>
        MoveMount(mount, "", target, "", MoveMountFlags.FromEmptyPath | MoveMountFlags.ToEmptyPath);

    /// <summary>As <see cref="MoveMount(FileDescriptor, string, FileDescriptor, string, MoveMountFlags)"/>, but returns the error.</summary>
    public static Errno TryMoveMount(FileDescriptor fromDirectory, string from, FileDescriptor toDirectory, string to, MoveMountFlags flags)
    {
        using var nativeFrom = new NativeString(from);
        using var nativeTo = new NativeString(to);
        return ToErrno(Call(SyscallNumbers.move_mount, fromDirectory.Number, nativeFrom.Address, toDirectory.Number, nativeTo.Address, (nint)flags));
    }

    /// <summary>mount_setattr(2).</summary>
    /// <param name="directory">Where a relative path starts.</param>
    /// <param name="path">The mount point, or "" with AT_EMPTY_PATH implied: the mount of <paramref name="directory"/> itself.</param>
    /// <param name="recursive">Whether the mounts below change too (AT_RECURSIVE).</param>
    /// <param name="set">Attributes to set.</param>
    /// <param name="clear">Attributes to clear; a changed access-time rule needs <see cref="MountAttributes.AtimeMask"/> here.</param>
    /// <param name="propagation">0 to leave it, else one of MS_SHARED, MS_PRIVATE, MS_SLAVE, MS_UNBINDABLE.</param>
    /// <param name="userNamespace">The user namespace of an id-mapped mount, with <see cref="MountAttributes.IdMap"/> in <paramref name="set"/>.</param>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void MountSetAttr(
        FileDescriptor directory, string path, bool recursive, MountAttributes set, MountAttributes clear = 0, MountFlags propagation = 0, FileDescriptor? userNamespace = null) =>
        ThrowIfFailed(
            TryMountSetAttr(directory, path, recursive, set, clear, propagation, userNamespace),
            $"mount_setattr({directory.Number}, {Quote(path)}, {(recursive ? "AT_RECURSIVE" : "0")}, set={set}, clear={clear}, propagation={propagation}, userns={userNamespace?.Number ?? 0})");

    /// <summary>As <see cref="MountSetAttr"/>, but returns the error.</summary>
    public static Errno TryMountSetAttr(
        FileDescriptor directory, string path, bool recursive, MountAttributes set, MountAttributes clear = 0, MountFlags propagation = 0, FileDescriptor? userNamespace = null)
    {
        using var native = new NativeString(path);
        var attributes = new MountAttr { Set = (ulong)set, Clear = (ulong)clear, Propagation = (ulong)propagation, UserNamespace = (ulong)(userNamespace?.Number ?? 0) };
        nint flags = (recursive ? 0x8000 : 0) | (path.Length == 0 ? 0x1000 : 0);
        return ToErrno(Call(SyscallNumbers.mount_setattr, directory.Number, native.Address, flags, (nint)(&attributes), sizeof(MountAttr)));
    }

    private static string QuoteOrNull(string? text) => text is null ? "NULL" : Quote(text);

    private enum FsConfigCommand
    {
        SetFlag = 0,
        SetString = 1,
        SetFd = 5,
        Create = 6,
        Reconfigure = 7,
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct MountAttr
    {
        public ulong Set, Clear, Propagation, UserNamespace;
    }
}
