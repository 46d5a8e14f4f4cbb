using System.Text;

namespace Sampan.Storage.Archives;

/// <summary>
/// The records of a PAX extended header (POSIX.1-2017, pax, "pax Extended Header"): <c>LENGTH KEY=VALUE\n</c>, the length being that of the
/// whole record in bytes. Only the keys that say something about a file are kept; an empty value takes a record of a global header back.
/// </summary>
internal sealed class PaxHeaders
{
    /// <summary>The largest header that is read, in bytes. Peers that had no limit took half a gigabyte of memory for one of 64 MB.</summary>
    public const int MaxSize = 1 << 20;

    private const string SchilyPrefix = "SCHILY.xattr.";

    private readonly Dictionary<string, byte[]> _records = new(StringComparer.Ordinal);
    private readonly List<byte> _sparsePieces = [];

    /// <summary>Reads the records in <paramref name="header"/> over those that are there.</summary>
    /// <exception cref="StorageException">A record is malformed.</exception>
    public void Add(ReadOnlySpan<byte> header)
    {
        while (header.Length > 0)
        {
            int space = header[..Math.Min(header.Length, 12)].IndexOf((byte)' ');
            if (space <= 0 || !TryParseDecimal(header[..space], out long length) || length <= space + 2 || length > header.Length || header[(int)length - 1] != (byte)'\n')
                throw Malformed("a PAX record has a wrong length");
            ReadOnlySpan<byte> record = header[(space + 1)..((int)length - 1)];
            int equals = record.IndexOf((byte)'=');
            if (equals <= 0)
                throw Malformed("a PAX record has no key");
            Keep(Encoding.UTF8.GetString(record[..equals]), record[(equals + 1)..]);
            header = header[(int)length..];
        }
    }

    /// <summary>A copy that a member's own records can be added to.</summary>
    public PaxHeaders Copy()
    {
        var copy = new PaxHeaders();
        foreach ((string key, byte[] value) in _records)
            copy._records[key] = value;
        return copy;
    }

    /// <summary>A record's text, or null where it is absent.</summary>
    /// <exception cref="StorageException">The text is not UTF-8 or contains a NUL.</exception>
    public string? Text(string key) => _records.TryGetValue(key, out byte[]? value) ? TarText.Decode(value) : null;

    /// <summary>A record's whole number, or null where it is absent.</summary>
    /// <exception cref="StorageException">It is not a number from 0 to <paramref name="max"/>.</exception>
    public long? Number(string key, long max)
    {
        if (!_records.TryGetValue(key, out byte[]? value))
            return null;
        if (!TryParseDecimal(value, out long number) || number > max)
            throw Malformed($"the PAX record \"{key}\" is not a number from 0 to {max}");
        return number;
    }

    /// <summary>A record's time: seconds since 1970, perhaps negative, perhaps with a fraction.</summary>
    /// <exception cref="StorageException">It is not such a number.</exception>
    public (long Seconds, uint Nanoseconds)? Time(string key)
    {
        if (!_records.TryGetValue(key, out byte[]? value))
            return null;
        ReadOnlySpan<byte> text = value;
        bool negative = text.Length > 0 && text[0] == (byte)'-';
        if (negative)
            text = text[1..];
        int dot = text.IndexOf((byte)'.');
        ReadOnlySpan<byte> whole = dot < 0 ? text : text[..dot];
        ReadOnlySpan<byte> fraction = dot < 0 ? default : text[(dot + 1)..];
        if (!TryParseDecimal(whole, out long seconds) || fraction.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
            throw Malformed($"the PAX record \"{key}\" is not a time");
        uint nanoseconds = 0;
        for (int i = 0; i < 9; i++)
            nanoseconds = (nanoseconds * 10) + (i < fraction.Length ? (uint)(fraction[i] - '0') : 0);
        if (!negative)
            return (seconds, nanoseconds);
        return nanoseconds == 0 ? (-seconds, 0) : (-seconds - 1, 1_000_000_000 - nanoseconds);
    }

    /// <summary>The extended attributes, or null where there are none.</summary>
    public IReadOnlyDictionary<string, byte[]>? ExtendedAttributes()
    {
        Dictionary<string, byte[]>? attributes = null;
        foreach ((string key, byte[] value) in _records)
        {
            if (key.StartsWith(SchilyPrefix, StringComparison.Ordinal))
                (attributes ??= new(StringComparer.Ordinal))[key[SchilyPrefix.Length..]] = value;
        }
        return attributes;
    }

    /// <summary>The map of a sparse file in GNU tar's formats 0.0 and 0.1: offsets and lengths by turns, separated by commas.</summary>
    public string SparseMap() =>
        Text("GNU.sparse.map") ?? TarText.Decode(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_sparsePieces));

    /// <summary>Whether the member is a sparse file in one of GNU tar's PAX forms.</summary>
    public bool IsSparse => _records.Keys.Any(static key => key.StartsWith("GNU.sparse.", StringComparison.Ordinal));

    private void Keep(string key, ReadOnlySpan<byte> value)
    {
        bool wanted = key is "path" or "linkpath" or "size" or "uid" or "gid" or "mtime"
            || key.StartsWith(SchilyPrefix, StringComparison.Ordinal) || key.StartsWith("GNU.sparse.", StringComparison.Ordinal);
        if (!wanted)
            return;
        if (key is "GNU.sparse.offset" or "GNU.sparse.numbytes")
        {
            // Format 0.0 repeats these two for each piece: the same list as 0.1 has in one record.
            _sparsePieces.Add((byte)',');
            _sparsePieces.AddRange(value);
            return;
        }
        if (value.Length == 0 && !key.StartsWith(SchilyPrefix, StringComparison.Ordinal))
            _ = _records.Remove(key);
        else
            _records[key] = value.ToArray();
    }

    private static bool TryParseDecimal(ReadOnlySpan<byte> text, out long value)
    {
        value = 0;
        if (text.Length is 0 or > 18)
            return false;
        foreach (byte digit in text)
        {
            if (digit is < (byte)'0' or > (byte)'9')
                return false;
            value = (value * 10) + (digit - '0');
        }
        return true;
    }

    private static StorageException Malformed(string what) => new(StorageErrorKind.InvalidContent, $"the tar archive is malformed: {what}");
}
