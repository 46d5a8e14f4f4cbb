using System.Globalization;
using System.Numerics;
using System.Text;

namespace Sampan.Kernel;

/// <summary>A set of processors, or of memory nodes, as a bit mask, and as the list format of the kernel (<c>0-3,7</c>; cpuset(7), "List format").</summary>
public sealed class CpuSet
{
    /// <summary>The highest number of processors that a set is asked or written for (the kernel's own largest NR_CPUS).</summary>
    public const int MaxCpus = 8192;

    private readonly ulong[] _words;

    /// <summary>Takes a mask; bit N of word N/64 is processor N.</summary>
    public CpuSet(ulong[] words) => _words = words;

    /// <summary>The mask.</summary>
    public ReadOnlySpan<ulong> Words => _words;

    /// <summary>How many processors are in the set.</summary>
    public int Count
    {
        get
        {
            int count = 0;
            foreach (ulong word in _words)
                count += BitOperations.PopCount(word);
            return count;
        }
    }

    /// <summary>Whether a processor is in the set.</summary>
    public bool Contains(int cpu) => cpu >= 0 && cpu / 64 < _words.Length && (_words[cpu / 64] & (1UL << (cpu % 64))) != 0;

    /// <summary>Parses the list format; blanks around the members are allowed, the empty list is the empty set.</summary>
    /// <returns>False where it is no list, a range runs backwards, or a number is beyond <see cref="MaxCpus"/>.</returns>
    public static bool TryParse(string list, out CpuSet cpus)
    {
        var words = new ulong[1];
        cpus = new CpuSet(words);
        ReadOnlySpan<char> rest = list.AsSpan().Trim();
        while (rest.Length > 0)
        {
            int comma = rest.IndexOf(',');
            ReadOnlySpan<char> member = (comma < 0 ? rest : rest[..comma]).Trim();
            rest = comma < 0 ? [] : rest[(comma + 1)..];
            int dash = member.IndexOf('-');
            if (!TryNumber(dash < 0 ? member : member[..dash], out int first) || !TryNumber(dash < 0 ? member : member[(dash + 1)..], out int last) || last < first)
                return false;
            if (last / 64 >= words.Length)
                Array.Resize(ref words, (last / 64) + 1);
            for (int cpu = first; cpu <= last; cpu++)
                words[cpu / 64] |= 1UL << (cpu % 64);
        }

        cpus = new CpuSet(words);
        return true;
    }

    /// <summary>The list format, as <c>0-3,7</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        for (int cpu = 0; cpu < _words.Length * 64; cpu++)
        {
            if (!Contains(cpu))
                continue;
            int first = cpu;
            while (Contains(cpu + 1))
                cpu++;
            text.Append(text.Length > 0 ? "," : "").Append(CultureInfo.InvariantCulture, $"{first}");
            if (cpu > first)
                text.Append(CultureInfo.InvariantCulture, $"-{cpu}");
        }

        return text.ToString();
    }

    private static bool TryNumber(ReadOnlySpan<char> text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number < MaxCpus;
}
