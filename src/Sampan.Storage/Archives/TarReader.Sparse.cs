namespace Sampan.Storage.Archives;

public sealed partial class TarReader
{
    /// <summary>The most pieces of one sparse file; a header of a few megabytes would name more.</summary>
    private const int MaxSegments = 100_000;

    /// <summary>
    /// Where the stored bytes of a sparse member belong, in each of the forms that GNU tar writes (tar manual, "Storing Sparse Files"): null for
    /// a member that is not sparse. The old form has its map in the header and blocks after it, 0.0 and 0.1 in PAX records, 1.0 in front of the data.
    /// </summary>
    private (List<SparseSegment> Map, long RealSize)? ReadSparse(PaxHeaders pax, char type)
    {
        (List<SparseSegment> Map, long RealSize)? sparse =
            type == 'S' ? OldSparse()
            : pax.Number("GNU.sparse.major", int.MaxValue) is { } major ? NewSparse(pax, major)
            : pax.IsSparse ? PaxSparse(pax)
            : null;
        if (sparse is { } found)
            CheckMap(found.Map, found.RealSize);
        return sparse;
    }

    private void CheckMap(List<SparseSegment> map, long realSize)
    {
        long end = 0, stored = 0;
        foreach (SparseSegment segment in map)
        {
            if (segment.Offset < end || segment.Length < 0 || segment.Length > realSize - segment.Offset)
                throw Malformed("the map of a sparse file is not in order");
            end = segment.Offset + segment.Length;
            stored += segment.Length;
        }
        if (stored != _remaining || realSize < 0)
            throw Malformed("the map of a sparse file does not fit its size");
    }

    private (List<SparseSegment>, long) OldSparse()
    {
        long realSize = TarText.Number(_block.AsSpan(483, 12), "a real size");
        var map = new List<SparseSegment>();
        bool more = _block[482] != 0;
        AddSegments(map, _block.AsSpan(386, 4 * 24));
        byte[] block = new byte[BlockSize];
        while (more)
        {
            if (archive.ReadAtLeast(block, BlockSize, throwOnEndOfStream: false) < BlockSize)
                throw Malformed("it ends in the map of a sparse file");
            Position += BlockSize;
            AddSegments(map, block.AsSpan(0, 21 * 24));
            more = block[504] != 0;
        }
        return (map, realSize);
    }

    private static void AddSegments(List<SparseSegment> map, ReadOnlySpan<byte> fields)
    {
        for (; fields.Length > 0; fields = fields[24..])
        {
            if (fields[0] == 0)
                return;
            AddSegment(map, TarText.Number(fields[..12], "an offset"), TarText.Number(fields[12..24], "a length"));
        }
    }

    private static void AddSegment(List<SparseSegment> map, long offset, long length)
    {
        if (map.Count == MaxSegments)
            throw Malformed($"a sparse file has more than {MaxSegments} pieces");
        map.Add(new SparseSegment(offset, length));
    }

    private static (List<SparseSegment>, long) PaxSparse(PaxHeaders pax)
    {
        long realSize = pax.Number("GNU.sparse.size", long.MaxValue / 2) ?? throw Malformed("a sparse file has no size");
        var map = new List<SparseSegment>();
        string[] numbers = pax.SparseMap().Split(',', StringSplitOptions.RemoveEmptyEntries);
        if (numbers.Length % 2 != 0)
            throw Malformed("the map of a sparse file has no even number of fields");
        for (int i = 0; i < numbers.Length; i += 2)
            AddSegment(map, SparseNumber(numbers[i]), SparseNumber(numbers[i + 1]));
        return (map, realSize);
    }

    private (List<SparseSegment>, long) NewSparse(PaxHeaders pax, long major)
    {
        if (major != 1 || pax.Number("GNU.sparse.minor", int.MaxValue) is not 0)
            throw Malformed($"the format {major} of a sparse file is not known");
        long realSize = pax.Number("GNU.sparse.realsize", long.MaxValue / 2) ?? throw Malformed("a sparse file has no size");
        long before = _remaining;
        long count = MapNumber();
        if (count > MaxSegments)
            throw Malformed($"a sparse file has more than {MaxSegments} pieces");
        var map = new List<SparseSegment>();
        for (long i = 0; i < count; i++)
            AddSegment(map, MapNumber(), MapNumber());
        // The map is padded to a block; what was not read of the last one is waste.
        long used = before - _remaining;
        Span<byte> waste = stackalloc byte[BlockSize];
        for (long left = (BlockSize - (used % BlockSize)) % BlockSize; left > 0;)
        {
            int read = Read(waste[..(int)left]);
            if (read == 0)
                throw Malformed("the map of a sparse file is not padded");
            left -= read;
        }
        return (map, realSize);
    }

    private long MapNumber()
    {
        Span<byte> digit = stackalloc byte[1];
        long value = 0;
        for (int digits = 0; ; digits++)
        {
            if (Read(digit) == 0)
                throw Malformed("a sparse file ends in its map");
            if (digit[0] == (byte)'\n' && digits > 0)
                return value;
            if (digit[0] is < (byte)'0' or > (byte)'9' || digits == 18)
                throw Malformed("the map of a sparse file holds something else than numbers");
            value = (value * 10) + (digit[0] - '0');
        }
    }

    private static long SparseNumber(string text) =>
        long.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out long value)
            ? value
            : throw Malformed("the map of a sparse file holds something else than numbers");
}
