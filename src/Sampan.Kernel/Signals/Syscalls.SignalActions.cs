namespace Sampan.Kernel;

/// <content>Signal handlers.</content>
public static unsafe partial class Syscalls
{
    /// <summary>rt_sigaction(2) with a handler of machine code. What was set before is gone.</summary>
    /// <param name="signal">The signal.</param>
    /// <param name="handler">The code's address.</param>
    /// <param name="flags">SA_… flags.</param>
    /// <param name="restorer">The address of code that calls rt_sigreturn(2), for x86-64.</param>
    /// <exception cref="KernelException">The signal cannot be caught.</exception>
    internal static void SigAction(int signal, nint handler, ulong flags, nint restorer)
    {
        ulong* action = stackalloc ulong[4] { (ulong)handler, flags, (ulong)restorer, ulong.MaxValue };
        _ = Check(Call(SyscallNumbers.rt_sigaction, signal, (nint)action, 0, sizeof(ulong)), $"rt_sigaction({signal})");
    }
}
