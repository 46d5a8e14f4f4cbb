using System.Globalization;

namespace Sampan.Kernel;

/// <summary>Names and numbers of signals (signal(7)), as x86-64 and arm64 share them. Real-time signals count from 34, as glibc does.</summary>
public static class Signal
{
    /// <summary>SIGHUP.</summary>
    public const int Hup = 1;

    /// <summary>SIGHUP.</summary>
    public const int Hangup = 1;

    /// <summary>SIGINT.</summary>
    public const int Int = 2;

    /// <summary>SIGQUIT.</summary>
    public const int Quit = 3;

    /// <summary>SIGKILL.</summary>
    public const int Kill = 9;

    /// <summary>SIGPIPE.</summary>
    public const int Pipe = 13;

    /// <summary>SIGTERM.</summary>
    public const int Term = 15;

    /// <summary>SIGCHLD.</summary>
    public const int Child = 17;

    /// <summary>SIGCONT.</summary>
    public const int Cont = 18;

    /// <summary>SIGSTOP.</summary>
    public const int Stop = 19;

    /// <summary>SIGURG.</summary>
    public const int Urg = 23;

    /// <summary>SIGWINCH.</summary>
    public const int WindowChange = 28;

    /// <summary>SIGRTMIN, the first real-time signal that the C library leaves to programs.</summary>
    public const int RtMin = 34;

    /// <summary>SIGRTMAX, the last signal.</summary>
    public const int RtMax = 64;

    private static readonly string[] s_names =
    [
        "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM",
        "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
    ];

    private static readonly string[] s_descriptions =
    [
        "", "hangup", "interrupt", "quit", "illegal instruction", "trace/breakpoint trap", "aborted", "bus error", "floating point exception", "killed",
        "user defined signal 1", "segmentation fault", "user defined signal 2", "broken pipe", "alarm clock", "terminated", "stack fault", "child exited",
        "continued", "stopped (signal)", "stopped", "stopped (tty input)", "stopped (tty output)", "urgent I/O condition", "CPU time limit exceeded",
        "file size limit exceeded", "virtual timer expired", "profiling timer expired", "window changed", "I/O possible", "power failure", "bad system call",
    ];

    /// <summary>What a signal means, in the words of strsignal(3) as Go writes them, for instance <c>bad system call</c>; else its name.</summary>
    public static string Describe(int signal) => signal is > 0 and < 32 ? s_descriptions[signal] : NameOf(signal);

    /// <summary>The name of a signal, as <c>SIGKILL</c> or <c>SIGRTMIN+3</c>; the bare number where it has none.</summary>
    public static string NameOf(int signal) => signal switch
    {
        > 0 and < 32 => "SIG" + s_names[signal],
        RtMin => "SIGRTMIN",
        RtMax => "SIGRTMAX",
        > RtMin and < RtMax => $"SIGRTMIN+{signal - RtMin}",
        _ => signal.ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>
    /// The number of a signal written as <c>SIGKILL</c>, <c>KILL</c>, <c>kill</c>, <c>9</c>, <c>SIGRTMIN+3</c> or <c>RTMAX-1</c>.
    /// A number is taken from 0 (which kill(2) only checks with) to 64.
    /// </summary>
    /// <returns>False for any other text.</returns>
    public static bool TryParse(string text, out int signal)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out signal))
            return signal <= RtMax;
        ReadOnlySpan<char> name = text.StartsWith("SIG", StringComparison.OrdinalIgnoreCase) ? text.AsSpan(3) : text;
        for (signal = 1; signal < s_names.Length; signal++)
        {
            if (name.Equals(s_names[signal], StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return TryAlias(name, out signal) || TryRealTime(name, "RTMIN", RtMin, '+', out signal) || TryRealTime(name, "RTMAX", RtMax, '-', out signal);
    }

    private static bool TryAlias(ReadOnlySpan<char> name, out int signal)
    {
        signal = name.Equals("IOT", StringComparison.OrdinalIgnoreCase) ? 6
            : name.Equals("CLD", StringComparison.OrdinalIgnoreCase) ? Child
            : name.Equals("POLL", StringComparison.OrdinalIgnoreCase) ? 29 : 0;
        return signal != 0;
    }

    private static bool TryRealTime(ReadOnlySpan<char> name, string prefix, int from, char sign, out int signal)
    {
        signal = from;
        if (!name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            return false;
        ReadOnlySpan<char> offset = name[prefix.Length..];
        if (offset.Length == 0)
            return true;
        if (offset[0] != sign || !int.TryParse(offset[1..], NumberStyles.None, CultureInfo.InvariantCulture, out int distance) || distance > RtMax - RtMin)
            return false;
        signal = sign == '+' ? from + distance : from - distance;
        return true;
    }
}
