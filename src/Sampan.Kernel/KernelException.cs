namespace Sampan.Kernel;

/// <summary>
/// A system call that failed: which one, with which arguments, and the error number it gave.
/// The message reads <c>openat2(7, "etc/passwd", RESOLVE_IN_ROOT): ELOOP (Too many levels of symbolic links)</c>.
/// </summary>
public sealed class KernelException : IOException
{
    /// <summary>
    /// Makes the exception for <paramref name="call"/>, the call as it would be written in a program, and its error.
    /// <paramref name="detail"/> is what the kernel says besides, as the log of a file system context does.
    /// </summary>
    public KernelException(string call, Errno errno, string? detail = null)
        : base(string.IsNullOrEmpty(detail) ? $"{call}: {errno} ({Describe(errno)})" : $"{call}: {errno} ({Describe(errno)}): {detail}")
    {
        Call = call;
        Errno = errno;
        Detail = detail;
    }

    /// <summary>The call with its arguments.</summary>
    public string Call { get; }

    /// <summary>The error number that the kernel returned.</summary>
    public Errno Errno { get; }

    /// <summary>The kernel's own words about the failure, where it has any.</summary>
    public string? Detail { get; }

    /// <summary>The system's sentence for an error number, as strerror(3) gives it in the C locale.</summary>
    public static string Describe(Errno errno) => Syscalls.StrError((int)errno);
}
