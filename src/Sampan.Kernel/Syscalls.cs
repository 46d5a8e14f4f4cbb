using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sampan.Kernel;

/// <summary>
/// The kernel's calls, one small method each, named as in section 2 of the manual. A failing call throws <see cref="KernelException"/>
/// unless its name begins with <c>Try</c>, in which case it returns the error number. EINTR is retried here where that is legal,
/// and every descriptor that comes from here is close-on-exec. Calls are grouped by subject into the partial files of this class.
/// </summary>
public static unsafe partial class Syscalls
{
    /// <summary>AT_FDCWD: the working directory, where a directory descriptor is asked for.</summary>
    public static readonly FileDescriptor WorkingDirectory = new(-100, owns: false);

    internal static string StrError(int errno) => Marshal.GetPInvokeErrorMessage(errno);

    /// <summary>The raw call: the result, or minus the error number.</summary>
    internal static nint Call(nint number, nint a0 = 0, nint a1 = 0, nint a2 = 0, nint a3 = 0, nint a4 = 0, nint a5 = 0)
    {
        nint result = SyscallLibc(number, a0, a1, a2, a3, a4, a5);
        return result == -1 ? -Marshal.GetLastPInvokeError() : result;
    }

    /// <summary>The raw call, tried again while a signal interrupts it.</summary>
    private static nint Retry(nint number, nint a0 = 0, nint a1 = 0, nint a2 = 0, nint a3 = 0, nint a4 = 0, nint a5 = 0)
    {
        nint result;
        do
        {
            result = Call(number, a0, a1, a2, a3, a4, a5);
        }
        while (result == -(nint)Errno.EINTR);
        return result;
    }

    private static nint Check(nint result, [InterpolatedStringHandlerArgument(nameof(result))] CallText call)
    {
        if (result < 0)
            throw new KernelException(call.ToStringAndClear(), (Errno)(-result));
        return result;
    }

    private static nint Check(nint result, string call) => result < 0 ? throw new KernelException(call, (Errno)(-result)) : result;

    private static nint Check(nint result, FormattableCall call) => result < 0 ? throw new KernelException(call(), (Errno)(-result)) : result;

    private static void ThrowIfFailed(Errno error, [InterpolatedStringHandlerArgument(nameof(error))] CallText call)
    {
        if (error != Errno.None)
            throw new KernelException(call.ToStringAndClear(), error);
    }

    private static void ThrowIfFailed(Errno error, string call)
    {
        if (error != Errno.None)
            throw new KernelException(call, error);
    }

    /// <summary>Describes a call for an error message; it is only asked when the call failed.</summary>
    private delegate string FormattableCall();

    /// <summary>Describes a call for an error message; the text is put together only where the call failed.</summary>
    [InterpolatedStringHandler]
    private ref struct CallText
    {
        private DefaultInterpolatedStringHandler _text;

        public CallText(int literalLength, int formattedCount, nint result, out bool failed)
        {
            failed = result < 0;
            if (failed)
                _text = new DefaultInterpolatedStringHandler(literalLength, formattedCount);
        }

        public CallText(int literalLength, int formattedCount, Errno error, out bool failed)
            : this(literalLength, formattedCount, error == Errno.None ? 0 : -1, out failed)
        {
        }

        public void AppendLiteral(string text) => _text.AppendLiteral(text);

        public void AppendFormatted<T>(T value, string? format = null) => _text.AppendFormatted(value, format);

        public string ToStringAndClear() => _text.ToStringAndClear();
    }

    private static string Quote(string text) => $"\"{text}\"";

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SyscallLibc(nint number, nint a0, nint a1, nint a2, nint a3, nint a4, nint a5);
}
