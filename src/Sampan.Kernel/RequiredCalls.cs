using System.Runtime.InteropServices;

namespace Sampan.Kernel;

/// <summary>
/// The system calls without which no container can be made, and which kernels before <see cref="LeastKernel"/> lack: mount_setattr(2) is the
/// youngest of them.
/// </summary>
public static unsafe class RequiredCalls
{
    /// <summary>The first version of Linux that has them all.</summary>
    public const string LeastKernel = "5.12";

    /// <summary>
    /// The names of those that do not exist here; null where none is missing. A seccomp filter around this process can hide one that the kernel has.
    /// Each is tried with arguments that it refuses before it does anything.
    /// </summary>
    public static List<string>? Missing()
    {
        List<string>? missing = null;
        Try(SyscallNumbers.clone3, 0, 0, ref missing); // a structure of no size: EINVAL
        Try(SyscallNumbers.close_range, 2, 1, ref missing); // an end before the beginning: EINVAL
        Try(SyscallNumbers.fsopen, 0, -1, ref missing); // flags that there are not: EINVAL, or EPERM
        Try(SyscallNumbers.mount_setattr, -1, 0, ref missing); // a structure of no size: EINVAL
        Try(SyscallNumbers.openat2, -1, 0, ref missing); // a structure of no size: EINVAL
        return missing;
    }

    /// <summary>What uname(2) says of the kernel's version, as <c>5.10.0-8-amd64</c>.</summary>
    public static string Release()
    {
        const int FieldSize = 65, ReleaseField = 2;
        byte* name = stackalloc byte[6 * FieldSize];
        return Syscalls.Call(SyscallNumbers.uname, (nint)name) < 0 ? "unknown" : Marshal.PtrToStringUTF8((nint)(name + (ReleaseField * FieldSize)))!;
    }

    private static void Try(nint number, nint first, nint second, ref List<string>? missing)
    {
        if (Syscalls.Call(number, first, second, 0, 0, 0) == -(nint)Errno.ENOSYS)
            (missing ??= []).Add(SyscallNumbers.NameOf(number));
    }
}
