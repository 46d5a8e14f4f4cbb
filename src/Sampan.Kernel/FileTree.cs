using System.Runtime.InteropServices;

namespace Sampan.Kernel;

/// <summary>
/// Removes a directory with everything in it, by descriptor, following no link and crossing no mount. Names are taken as the bytes they are, since
/// a container may have made some that are no UTF-8. A tree deeper than descriptors last is brought nearer the top by renaming.
/// </summary>
public static class FileTree
{
    private const int MaxDepth = 64;

    /// <summary>Removes <paramref name="name"/> from a directory; nothing happens where it is not there.</summary>
    /// <exception cref="KernelException">Something could not be removed.</exception>
    public static void Remove(FileDescriptor parent, string name)
    {
        byte[] first = System.Text.Encoding.UTF8.GetBytes(name + "\0");
        int moved = 0;
        var pending = new Queue<byte[]>();
        pending.Enqueue(first);
        while (pending.TryDequeue(out byte[]? next))
            Remove(parent, next, parent, 0, pending, name, ref moved);
    }

    private static void Remove(FileDescriptor directory, byte[] name, FileDescriptor top, int depth, Queue<byte[]> pending, string first, ref int moved)
    {
        Errno error = Syscalls.TryUnlinkRaw(directory, name, false);
        if (error is Errno.None or Errno.ENOENT)
            return;
        if (error is not (Errno.EISDIR or Errno.EPERM))
            throw new KernelException($"unlinkat({directory.Number}, {Syscalls.QuoteRaw(name)})", error);
        if (depth == MaxDepth)
        {
            byte[] aside = System.Text.Encoding.UTF8.GetBytes($"{first}.deep-{moved++}\0");
            Syscalls.RenameRaw(directory, name, top, aside);
            pending.Enqueue(aside);
            return;
        }
        using (FileDescriptor child = Syscalls.OpenDirectoryRaw(directory, name))
        {
            foreach (byte[] entry in Syscalls.ReadDirectoryRaw(child))
                Remove(child, entry, top, depth + 1, pending, first, ref moved);
        }
        error = Syscalls.TryUnlinkRaw(directory, name, true);
        if (error is not (Errno.None or Errno.ENOENT))
            throw new KernelException($"unlinkat({directory.Number}, {Syscalls.QuoteRaw(name)}, AT_REMOVEDIR)", error);
    }
}

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
        _ = Check(result, () => $"renameat2({fromDirectory.Number}, {QuoteRaw(from)}, {toDirectory.Number}, {QuoteRaw(to)})");
    }

    internal static FileDescriptor OpenDirectoryRaw(FileDescriptor directory, byte[] name)
    {
        var how = new OpenHow
        {
            Flags = (ulong)(OpenFlags.Directory | OpenFlags.ReadOnly | OpenFlags.NoFollow | OpenFlags.CloseOnExec),
            Resolve = (ulong)(ResolveFlags.NoCrossDevice | ResolveFlags.NoSymlinks),
        };
        nint result;
        fixed (byte* bytes = name)
            result = Retry(SyscallNumbers.openat2, directory.Number, (nint)bytes, (nint)(&how), sizeof(OpenHow));
        return new FileDescriptor((int)Check(result, () => $"openat2({directory.Number}, {QuoteRaw(name)}, RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS)"));
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
                nint length = Check(Call(SyscallNumbers.getdents64, directory.Number, (nint)buffer, Size), () => $"getdents64({directory.Number})");
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
