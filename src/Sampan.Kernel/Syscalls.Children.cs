namespace Sampan.Kernel;

public static unsafe partial class Syscalls
{
    /// <summary>Blocks every signal of the calling thread and returns the mask that was.</summary>
    internal static ulong BlockAllSignals()
    {
        ulong all = ulong.MaxValue;
        ulong before = 0;
        _ = Call(SyscallNumbers.rt_sigprocmask, 2, (nint)(&all), (nint)(&before), 8);
        return before;
    }

    /// <summary>Sets the calling thread's signal mask.</summary>
    internal static void RestoreSignals(ulong mask) => _ = Call(SyscallNumbers.rt_sigprocmask, 2, (nint)(&mask), 0, 8);

    /// <summary>A page of memory with machine code in it, readable and executable.</summary>
    /// <exception cref="KernelException">The kernel refused the mapping.</exception>
    internal static nint MapExecutable(ReadOnlySpan<byte> code)
    {
        const int Page = 65536;
        nint address = Check(Call(SyscallNumbers.mmap, 0, Page, 3, 0x22, -1, 0), "mmap(PROT_READ | PROT_WRITE)");
        code.CopyTo(new Span<byte>((void*)address, Page));
        _ = Check(Call(SyscallNumbers.mprotect, address, Page, 5), "mprotect(PROT_READ | PROT_EXEC)");
        return address;
    }
}
