namespace Sampan.Command;

/// <summary>Durations as Docker words them: the largest unit that fits, in whole numbers.</summary>
internal static class Duration
{
    public static string Describe(TimeSpan time) => time.TotalSeconds switch
    {
        < 1 => "Less than a second",
        < 2 => "1 second",
        < 60 => $"{(int)time.TotalSeconds} seconds",
        < 120 => "About a minute",
        < 3600 => $"{(int)time.TotalMinutes} minutes",
        < 7200 => "About an hour",
        < 172_800 => $"{(int)time.TotalHours} hours",
        < 1_209_600 => $"{(int)time.TotalDays} days",
        < 5_184_000 => $"{(int)time.TotalDays / 7} weeks",
        < 63_072_000 => $"{(int)time.TotalDays / 30} months",
        _ => $"{(int)time.TotalDays / 365} years",
    };

    /// <summary>Reads a length of time as Go writes it: <c>24h</c>, <c>1h30m</c>, <c>90s</c>.</summary>
    public static bool TryParse(string text, out TimeSpan time)
    {
        time = TimeSpan.Zero;
        int start = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsAsciiDigit(text[i]) || text[i] == '.')
                continue;
            TimeSpan? unit = text[i] switch
            {
                'h' => TimeSpan.FromHours(1),
                'm' => TimeSpan.FromMinutes(1),
                's' => TimeSpan.FromSeconds(1),
                _ => null,
            };
            if (unit is null || !double.TryParse(text.AsSpan(start, i - start), System.Globalization.CultureInfo.InvariantCulture, out double number) || number > 1e6)
                return false;
            time += unit.Value * number;
            start = i + 1;
        }
        return text.Length > 0 && start == text.Length;
    }
}
