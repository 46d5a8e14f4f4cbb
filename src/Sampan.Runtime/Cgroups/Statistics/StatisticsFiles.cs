using System.Globalization;

namespace Sampan.Runtime.Cgroups.Statistics;

/// <summary>The shapes that statistic files come in.</summary>
internal static class StatisticsFiles
{
    /// <summary>Adds the lines <c>KEY VALUE</c> of a file to a table; false where there is no such file.</summary>
    public static bool ReadTable(string directory, string file, Dictionary<string, ulong> table)
    {
        string? text = CgroupFile.Read(directory, file);
        if (text is null)
            return false;
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            int space = line.IndexOf(' ');
            if (space > 0 && ulong.TryParse(line[(space + 1)..], CultureInfo.InvariantCulture, out ulong value))
                table[line[..space].ToString()] = value;
        }
        return true;
    }

    /// <summary>A pressure file, or null where the kernel has none or does not count.</summary>
    public static PressureStatistics? ReadPressure(string directory, string file)
    {
        string? text = CgroupFile.Read(directory, file);
        if (string.IsNullOrEmpty(text))
            return null;
        PressureLine some = default, full = default;
        foreach (string line in text.Split('\n'))
        {
            string[] parts = line.Split(' ');
            if (parts.Length != 5)
                continue;
            var one = new PressureLine(Percent(parts[1]), Percent(parts[2]), Percent(parts[3]), ulong.TryParse(After(parts[4]), CultureInfo.InvariantCulture, out ulong total) ? total : 0);
            if (parts[0] == "some")
                some = one;
            else
                full = one;
        }
        return new PressureStatistics(some, full);
    }

    /// <summary>Adds the lines <c>MAJOR:MINOR [OPERATION] VALUE</c> of a version 1 file; false where the file is missing or empty.</summary>
    public static bool ReadBlockIo(string directory, string file, List<BlockIoEntry> entries)
    {
        string? text = CgroupFile.Read(directory, file);
        if (string.IsNullOrEmpty(text))
            return false;
        int before = entries.Count;
        foreach (string line in text.Split('\n'))
        {
            string[] parts = line.Split(' ', ':');
            if (parts.Length < 3 || !ulong.TryParse(parts[0], out ulong major) || !ulong.TryParse(parts[1], out ulong minor) || !ulong.TryParse(parts[^1], out ulong value))
                continue;
            entries.Add(new BlockIoEntry(major, minor, parts.Length > 3 ? parts[2] : "", value));
        }
        return entries.Count > before;
    }

    /// <summary>Adds the numbers of a list like <c>0-3,7</c>.</summary>
    public static void ReadList(string directory, string file, List<ushort> numbers)
    {
        string? text = CgroupFile.Read(directory, file);
        if (string.IsNullOrEmpty(text))
            return;
        foreach (string part in text.Split(','))
        {
            int dash = part.IndexOf('-', StringComparison.Ordinal);
            if (!ushort.TryParse(dash < 0 ? part : part[..dash], out ushort first) || !ushort.TryParse(dash < 0 ? part : part[(dash + 1)..], out ushort last))
                continue;
            for (int number = first; number <= last; number++)
                numbers.Add((ushort)number);
        }
    }

    /// <summary>Adds the devices of <c>rdma.current</c>: <c>mlx4_0 hca_handle=2 hca_object=2000</c>.</summary>
    public static void ReadRdma(string directory, List<RdmaStatistics> devices)
    {
        string? text = CgroupFile.Read(directory, "rdma.current");
        if (string.IsNullOrEmpty(text))
            return;
        foreach (string line in text.Split('\n'))
        {
            string[] parts = line.Split(' ');
            ulong handles = 0, objects = 0;
            foreach (string part in parts)
            {
                if (part.StartsWith("hca_handle=", StringComparison.Ordinal))
                    _ = ulong.TryParse(After(part), out handles);
                else if (part.StartsWith("hca_object=", StringComparison.Ordinal))
                    _ = ulong.TryParse(After(part), out objects);
            }
            devices.Add(new RdmaStatistics(parts[0], handles, objects));
        }
    }

    /// <summary>The sizes of huge pages for which a cgroup has files, found by the end of their names.</summary>
    public static List<string> HugePageSizes(string directory, string ending)
    {
        var sizes = new List<string>();
        foreach (string path in Directory.Exists(directory) ? Directory.GetFiles(directory, "hugetlb.*" + ending) : [])
        {
            string size = Path.GetFileName(path)["hugetlb.".Length..^ending.Length];
            if (!size.Contains('.', StringComparison.Ordinal))
                sizes.Add(size);
        }
        return sizes;
    }

    private static double Percent(string text) => double.TryParse(After(text), CultureInfo.InvariantCulture, out double value) ? value : 0;

    private static ReadOnlySpan<char> After(string text) => text.AsSpan(text.IndexOf('=', StringComparison.Ordinal) + 1);
}
