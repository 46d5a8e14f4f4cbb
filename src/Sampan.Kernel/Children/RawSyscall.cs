using System.Runtime.InteropServices;

namespace Sampan.Kernel.Children;

/// <summary>
/// A system call that a cloned child of a managed program may make: a few bytes of machine code in an executable page, called through a managed
/// function pointer. P/Invoke will not do there: even with SuppressGCTransition the compiler emits a check of the collector's flag behind the call,
/// in which a child cloned during a collection waits for ever (docs/decisions/0003-child-replays-operations.md).
/// </summary>
internal static unsafe class RawSyscall
{
    // mov rax,rdi; mov rdi,rsi; mov rsi,rdx; mov rdx,rcx; mov r10,r8; mov r8,r9; mov r9,[rsp+8]; syscall; ret
    private static ReadOnlySpan<byte> X64 =>
    [
        0x48, 0x89, 0xF8, 0x48, 0x89, 0xF7, 0x48, 0x89, 0xD6, 0x48, 0x89, 0xCA, 0x4D, 0x89, 0xC2, 0x4D, 0x89, 0xC8, 0x4C, 0x8B, 0x4C, 0x24, 0x08, 0x0F, 0x05, 0xC3,
    ];

    // mov x8,x0; mov x0,x1; mov x1,x2; mov x2,x3; mov x3,x4; mov x4,x5; mov x5,x6; svc #0; ret
    private static ReadOnlySpan<byte> Arm64 =>
    [
        0xE8, 0x03, 0x00, 0xAA, 0xE0, 0x03, 0x01, 0xAA, 0xE1, 0x03, 0x02, 0xAA, 0xE2, 0x03, 0x03, 0xAA, 0xE3, 0x03, 0x04, 0xAA, 0xE4, 0x03, 0x05, 0xAA,
        0xE5, 0x03, 0x06, 0xAA, 0x01, 0x00, 0x00, 0xD4, 0xC0, 0x03, 0x5F, 0xD6,
    ];

    private static nint s_page;

    /// <summary>The code's address: (number, a0 … a5) → the kernel's result, negative for an error.</summary>
    /// <exception cref="PlatformNotSupportedException">The machine is neither x86-64 nor arm64.</exception>
    /// <exception cref="KernelException">The page could not be made executable.</exception>
    public static delegate*<nint, nint, nint, nint, nint, nint, nint, nint> Stub
    {
        get
        {
            if (s_page == 0)
                s_page = Assemble();
            return (delegate*<nint, nint, nint, nint, nint, nint, nint, nint>)s_page;
        }
    }

    private static nint Assemble()
    {
        ReadOnlySpan<byte> code = RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 => X64,
            Architecture.Arm64 => Arm64,
            Architecture other => throw new PlatformNotSupportedException($"Sampan has no system call stub for {other}; it runs on x86-64 and arm64."),
        };
        return Syscalls.MapExecutable(code);
    }
}
