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
}
