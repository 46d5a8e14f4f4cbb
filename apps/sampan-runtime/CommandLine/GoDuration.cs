using System.Globalization;

namespace Sampan.RuntimeCommand.CommandLine;

/// <summary>Durations as Go's time.ParseDuration reads them: <c>5s</c>, <c>1m30s</c>, <c>0.5h</c>, <c>100ms</c>. Units ns, us, µs, ms, s, m, h.</summary>
public static class GoDuration
{
    /// <summary>Reads a duration that is not negative; false where the text is none.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        if (text == "0")
            return true;
        double ticks = 0;
        int at = 0;
        do
        {
            int start = at;
            while (at < text.Length && (char.IsAsciiDigit(text[at]) || text[at] == '.'))
                at++;
            int unit = at;
            while (at < text.Length && !char.IsAsciiDigit(text[at]) && text[at] != '.')
                at++;
            if (!double.TryParse(text.AsSpan(start, unit - start), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number))
                return false;
            double factor = UnitTicks(text.AsSpan(unit, at - unit));
            if (factor == 0)
                return false;
            ticks += number * factor;
        }
        while (at < text.Length);

        if (ticks > TimeSpan.MaxValue.Ticks)
            return false;
        duration = TimeSpan.FromTicks((long)ticks);
        return true;
    }

    private static double UnitTicks(ReadOnlySpan<char> unit) => unit switch
    {
        "ns" => 1 / (double)TimeSpan.NanosecondsPerTick,
        "us" or "µs" or "μs" => TimeSpan.TicksPerMicrosecond,
        "ms" => TimeSpan.TicksPerMillisecond,
        "s" => TimeSpan.TicksPerSecond,
        "m" => TimeSpan.TicksPerMinute,
        "h" => TimeSpan.TicksPerHour,
        _ => 0,
    };
}
