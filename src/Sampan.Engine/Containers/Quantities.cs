using System.Globalization;
using Sampan.Oci;

namespace Sampan.Engine.Containers;

/// <summary>Numbers as Docker's command line takes them.</summary>
public static class Quantities
{
    /// <summary>A size in bytes: digits, perhaps with a fraction, and b, k, m, g, t or p (powers of 1024, also <c>kb</c>, <c>KiB</c>).</summary>
    /// <exception cref="EngineException">The text is no size, or does not fit 63 bits.</exception>
    public static long Bytes(string option, string text)
    {
        string number = text.Trim().ToLowerInvariant();
        if (number.EndsWith("ib", StringComparison.Ordinal))
            number = number[..^2];
        else if (number.Length > 1 && number[^1] == 'b' && !char.IsAsciiDigit(number[^2]))
            number = number[..^1];
        int shift = number.Length == 0 ? -1 : number[^1] switch { 'b' => 0, 'k' => 10, 'm' => 20, 'g' => 30, 't' => 40, 'p' => 50, _ => -1 };
        if (shift >= 0)
            number = number[..^1];
        if (!decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal value) || value > long.MaxValue >> Math.Max(shift, 0))
            throw Invalid(option, text, "a size such as 512m or 1.5g");
        return (long)(value * (1L << Math.Max(shift, 0)));
    }

    /// <summary>A number of processors such as 1.5, as a quota in microseconds for a period of 100,000.</summary>
    /// <exception cref="EngineException">The text is no such number, or too small for the kernel (0.01).</exception>
    public static long CpuQuota(string option, string text)
    {
        if (!decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal cpus) || cpus < 0.01m || cpus > 100_000)
            throw Invalid(option, text, "a number of processors such as 0.5 or 2 (at least 0.01)");
        return (long)(cpus * 100_000);
    }

    /// <summary>A whole number in a range.</summary>
    /// <exception cref="EngineException">It is none, or out of the range.</exception>
    public static long Whole(string option, string text, long min, long max)
    {
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) || value < min || value > max)
            throw Invalid(option, text, $"a whole number from {min} to {max}");
        return value;
    }

    internal static EngineException Invalid(string option, string text, string wanted) =>
        new(ErrorKind.InvalidArgument, $"{option} \"{Printable.Escape(text)}\" is not {wanted}");
}
