using System.Runtime.InteropServices;

namespace Sampan.Kernel;

/// <content>The calls that control groups need besides those for files.</content>
public static unsafe partial class Syscalls
{
    private const byte DirectoryEntry = 4;

    /// <summary>
    /// Adds the names of the directories in an open directory to <paramref name="names"/>, by the type that getdents64(2) gives (cgroupfs and
    /// other kernel file systems always give it). A directory that is removed meanwhile gives no more names.
    /// </summary>
    public static void ReadDirectories(FileDescriptor directory, List<string> names)
    {
        const int Size = 8 * 1024;
        byte* buffer = stackalloc byte[Size];
        while (true)
        {
            nint length = Call(SyscallNumbers.getdents64, directory.Number, (nint)buffer, Size);
            if (length <= 0)
                return;
            for (byte* entry = buffer; entry < buffer + length; entry += *(ushort*)(entry + 16))
            {
                if (entry[18] != DirectoryEntry)
                    continue;
                string name = Marshal.PtrToStringUTF8((nint)(entry + 19))!;
                if (name is not ("." or ".."))
                    names.Add(name);
            }
        }
    }
}
