using System.Runtime.InteropServices;

namespace Sampan.Kernel;

/// <summary>Descriptors for another program, and its start.</summary>
public static unsafe partial class Syscalls
{
    // Larger than the C library's own types on every machine (80 and 336 bytes on x86-64).
    private const int OpaqueSize = 512;

    /// <summary>fcntl(F_SETFD): whether the descriptor is closed by execve(2).</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void SetCloseOnExec(FileDescriptor file, bool on) =>
        Check(Call(SyscallNumbers.fcntl, file.Number, 2, on ? 1 : 0), $"fcntl({file.Number}, F_SETFD)");

    /// <summary>fcntl(F_SETFL) of O_NONBLOCK: the open file, which other descriptors may share, does not wait any more.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void SetNonBlocking(FileDescriptor file, bool on = true)
    {
        nint flags = Check(Call(SyscallNumbers.fcntl, file.Number, 3), $"fcntl({file.Number}, F_GETFL)");
        const nint NonBlocking = (nint)OpenFlags.NonBlocking;
        _ = Check(Call(SyscallNumbers.fcntl, file.Number, 4, on ? flags | NonBlocking : flags & ~NonBlocking), $"fcntl({file.Number}, F_SETFL)");
    }

    /// <summary>dup3(2) onto a number; the copy stays open in an executed program.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void DuplicateOnto(FileDescriptor file, int number)
    {
        if (file.Number == number)
            SetCloseOnExec(file, false);
        else
            _ = Check(Retry(SyscallNumbers.dup3, file.Number, number, 0), $"dup3({file.Number}, {number})");
    }

    /// <summary>
    /// posix_spawn(3): starts a program in a child, with every signal at its default and none blocked. The child has exactly the descriptors that are
    /// given, as 0, 1, 2, … in their order, because all others of this library are close-on-exec.
    /// </summary>
    /// <param name="path">The program; no PATH is searched.</param>
    /// <param name="arguments">Its arguments, the first being its own name.</param>
    /// <param name="environment">Its environment, <c>NAME=value</c>.</param>
    /// <param name="descriptors">Its descriptors from 0 on.</param>
    /// <param name="newSession">Whether it leads a session of its own (setsid(2)).</param>
    /// <returns>The child's process id; the caller waits for it.</returns>
    /// <exception cref="KernelException">The program cannot be started.</exception>
    public static int Spawn(string path, IReadOnlyList<string> arguments, IReadOnlyList<string> environment, ReadOnlySpan<FileDescriptor> descriptors, bool newSession)
    {
        using var nativePath = new NativeString(path);
        using var nativeArguments = new NativeStringArray(arguments);
        using var nativeEnvironment = new NativeStringArray(environment);
        byte* actions = stackalloc byte[OpaqueSize];
        byte* attributes = stackalloc byte[OpaqueSize];
        ulong* signals = stackalloc ulong[16];
        var lifted = new FileDescriptor[descriptors.Length];
        _ = ActionsInit(actions);
        _ = AttributesInit(attributes);
        try
        {
            for (int i = 0; i < descriptors.Length; i++)
            {
                lifted[i] = Duplicate(descriptors[i], lowest: 100); // above every target, so that no dup2 hits a source of the next
                _ = ActionsAddDup2(actions, lifted[i].Number, i);
            }
            new Span<ulong>(signals, 16).Clear();
            _ = AttributesSetSignalMask(attributes, signals);
            new Span<ulong>(signals, 16).Fill(ulong.MaxValue);
            _ = AttributesSetSignalDefault(attributes, signals);
            _ = AttributesSetFlags(attributes, (short)(0x04 | 0x08 | (newSession ? 0x80 : 0)));
            int error = PosixSpawn(out int pid, (byte*)nativePath.Address, actions, attributes, (byte**)nativeArguments.Address, (byte**)nativeEnvironment.Address);
            ThrowIfFailed((Errno)error, $"posix_spawn({Quote(path)})");
            return pid;
        }
        finally
        {
            _ = ActionsDestroy(actions);
            _ = AttributesDestroy(attributes);
            foreach (FileDescriptor? descriptor in lifted)
                descriptor?.Dispose();
        }
    }

    [LibraryImport("libc", EntryPoint = "posix_spawn")]
    private static partial int PosixSpawn(out int pid, byte* path, byte* actions, byte* attributes, byte** arguments, byte** environment);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    private static partial int ActionsInit(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_destroy")]
    private static partial int ActionsDestroy(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_adddup2")]
    private static partial int ActionsAddDup2(byte* actions, int from, int to);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_init")]
    private static partial int AttributesInit(byte* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_destroy")]
    private static partial int AttributesDestroy(byte* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setflags")]
    private static partial int AttributesSetFlags(byte* attributes, short flags);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigmask")]
    private static partial int AttributesSetSignalMask(byte* attributes, ulong* signals);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigdefault")]
    private static partial int AttributesSetSignalDefault(byte* attributes, ulong* signals);
}
