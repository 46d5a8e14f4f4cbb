namespace Sampan.Engine.Containers;

/// <summary>Signals by name, as signal(7) numbers them on x86-64 and arm64.</summary>
public static class SignalNames
{
    private static readonly string[] s_names =
    [
        "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT",
        "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
    ];

    /// <summary>The number of a signal: <c>TERM</c>, <c>SIGTERM</c>, <c>15</c>, <c>RTMIN+3</c>, in either case.</summary>
    /// <exception cref="EngineException">There is no such signal.</exception>
    public static int Parse(string text)
    {
        string name = text.ToUpperInvariant();
        if (name.StartsWith("SIG", StringComparison.Ordinal))
            name = name[3..];
        if (int.TryParse(name, System.Globalization.NumberStyles.None, null, out int number) && number is >= 1 and <= 64)
            return number;
        int index = Array.IndexOf(s_names, name, 1);
        if (index > 0)
            return index;
        if (name == "POLL")
            return 29;
        if (name is "RTMIN")
            return 34;
        if (name.StartsWith("RTMIN+", StringComparison.Ordinal) && int.TryParse(name[6..], out int above) && above is >= 0 and <= 30)
            return 34 + above;
        if (name.StartsWith("RTMAX", StringComparison.Ordinal) && (name.Length == 5 || (name[5] == '-' && int.TryParse(name[6..], out _))))
            return name.Length == 5 ? 64 : Math.Max(34, 64 - int.Parse(name[6..], System.Globalization.CultureInfo.InvariantCulture));
        throw new EngineException(ErrorKind.InvalidArgument, $"there is no signal \"{Text.Printable(text)}\"");
    }
}
