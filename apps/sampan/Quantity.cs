using System.Globalization;

namespace Sampan.Command;

/// <summary>Sizes as people read them.</summary>
internal static class Quantity
{
    private static readonly string[] s_units = ["B", "kB", "MB", "GB", "TB", "PB"];

    /// <summary>Bytes in powers of 1000 with three or four digits, as Docker prints them: 75.2MB, 4.26MB, 1.5GB.</summary>
    public static string Bytes(long bytes)
    {
        double value = bytes;
        int unit = 0;
        for (; value >= 1000 && unit < s_units.Length - 1; unit++)
            value /= 1000;
        string digits = value < 10 ? value.ToString("0.##", CultureInfo.InvariantCulture) : value < 100 ? value.ToString("0.#", CultureInfo.InvariantCulture) : value.ToString("0", CultureInfo.InvariantCulture);
        return digits + s_units[unit];
    }
}
