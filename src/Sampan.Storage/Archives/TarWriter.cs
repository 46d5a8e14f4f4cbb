using System.Globalization;
using System.Text;
using Sampan.Oci;

namespace Sampan.Storage.Archives;

/// <summary>
/// Writes a tar archive from front to back: ustar where a member fits it, PAX records for what does not (long names, large numbers, nanoseconds,
/// times before 1970, extended attributes). The same members give the same bytes.
/// </summary>
public sealed class TarWriter(Stream archive)
{
    private const int BlockSize = 512;
    private const long MaxOctal7 = 0x1FFFFF;        // 7 digits: owners
    private const long MaxOctal11 = 0x1FFFFFFFF;    // 11 digits: sizes and times

    /// <summary>Writes a member's header, and its content where it has some.</summary>
    /// <param name="entry">The member; <see cref="TarEntry.Size"/> says how long the content is. Sparse maps are not written.</param>
    /// <param name="content">Gives <see cref="TarEntry.Size"/> bytes; null where that is 0.</param>
    /// <exception cref="StorageException">The content ends too early: the file shrank while it was read.</exception>
    public void Add(TarEntry entry, Stream? content = null)
    {
        byte[] pax = PaxRecords(entry);
        if (pax.Length > 0)
        {
            WriteHeader("././@PaxHeader", 'x', new TarEntry { Name = "", Type = TarEntryType.Regular, Mode = 0x1A4, Size = pax.Length });
            archive.Write(pax);
            Pad(pax.Length);
        }
        WriteHeader(entry.Name, TypeOf(entry.Type), entry);
        if (content is not null)
            CopyContent(entry, content);
        Pad(entry.Size);
    }

    /// <summary>Writes the archive's end marker; the stream stays open.</summary>
    public void Finish() => archive.Write(new byte[2 * BlockSize]);

    private void CopyContent(TarEntry entry, Stream content)
    {
        byte[] buffer = new byte[(int)Math.Min(256 * 1024, Math.Max(entry.Size, 1))];
        for (long left = entry.Size; left > 0;)
        {
            int read = content.Read(buffer, 0, (int)Math.Min(buffer.Length, left));
            if (read == 0)
                throw new StorageException(StorageErrorKind.Conflict, $"the file \"{Printable.Escape(entry.Name)}\" became shorter while it was packed; stop what writes it and try again");
            archive.Write(buffer, 0, read);
            left -= read;
        }
    }

    private void Pad(long length)
    {
        int padding = (int)((BlockSize - (length % BlockSize)) % BlockSize);
        if (padding > 0)
            archive.Write(new byte[padding]);
    }

    private void WriteHeader(string name, char type, TarEntry entry)
    {
        byte[] block = new byte[BlockSize];
        Put(block.AsSpan(0, 100), name);
        Octal(block.AsSpan(100, 8), entry.Mode);
        Octal(block.AsSpan(108, 8), entry.Uid <= MaxOctal7 ? entry.Uid : 0);
        Octal(block.AsSpan(116, 8), entry.Gid <= MaxOctal7 ? entry.Gid : 0);
        Octal(block.AsSpan(124, 12), entry.Size <= MaxOctal11 ? entry.Size : 0);
        Octal(block.AsSpan(136, 12), entry.ModificationSeconds is >= 0 and <= MaxOctal11 ? entry.ModificationSeconds : 0);
        block[156] = (byte)type;
        Put(block.AsSpan(157, 100), entry.LinkName);
        "ustar\0"u8.CopyTo(block.AsSpan(257));
        "00"u8.CopyTo(block.AsSpan(263));
        if (entry.Type is TarEntryType.CharacterDevice or TarEntryType.BlockDevice)
        {
            Octal(block.AsSpan(329, 8), entry.DeviceMajor);
            Octal(block.AsSpan(337, 8), entry.DeviceMinor);
        }
        block.AsSpan(148, 8).Fill((byte)' ');
        long sum = 0;
        foreach (byte one in block)
            sum += one;
        Octal(block.AsSpan(148, 7), sum);
        archive.Write(block);
    }

    private static byte[] PaxRecords(TarEntry entry)
    {
        using var records = new MemoryStream();
        if (!Fits(entry.Name))
            Record(records, "path", Encoding.UTF8.GetBytes(entry.Name));
        if (!Fits(entry.LinkName))
            Record(records, "linkpath", Encoding.UTF8.GetBytes(entry.LinkName));
        if (entry.Uid > MaxOctal7)
            Record(records, "uid", Number(entry.Uid));
        if (entry.Gid > MaxOctal7)
            Record(records, "gid", Number(entry.Gid));
        if (entry.Size > MaxOctal11)
            Record(records, "size", Number(entry.Size));
        if (entry.ModificationNanoseconds != 0 || entry.ModificationSeconds is < 0 or > MaxOctal11)
            Record(records, "mtime", Time(entry.ModificationSeconds, entry.ModificationNanoseconds));
        foreach ((string name, byte[] value) in (entry.ExtendedAttributes ?? new Dictionary<string, byte[]>()).OrderBy(static one => one.Key, StringComparer.Ordinal))
            Record(records, $"SCHILY.xattr.{name}", value);
        return records.ToArray();
    }

    private static bool Fits(string text) => text.Length <= 100 && Ascii.IsValid(text);

    private static byte[] Number(long number) => Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture));

    /// <summary>A time before 1970 counts its fraction downwards in text: -1.25 is -2 seconds and 750,000,000 nanoseconds.</summary>
    private static byte[] Time(long seconds, uint nanoseconds)
    {
        bool negative = seconds < 0;
        if (negative && nanoseconds > 0)
            (seconds, nanoseconds) = (seconds + 1, 1_000_000_000 - nanoseconds);
        string fraction = nanoseconds == 0 ? "" : $".{nanoseconds.ToString("D9", CultureInfo.InvariantCulture).TrimEnd('0')}";
        return Encoding.ASCII.GetBytes($"{(negative ? "-" : "")}{Math.Abs(seconds).ToString(CultureInfo.InvariantCulture)}{fraction}");
    }

    /// <summary>LENGTH KEY=VALUE\n, where the length counts its own digits.</summary>
    private static void Record(MemoryStream records, string key, byte[] value)
    {
        byte[] name = Encoding.UTF8.GetBytes(key);
        int rest = name.Length + value.Length + 3;
        int length = rest + 1;
        while (rest + Number(length).Length != length)
            length = rest + Number(length).Length;
        records.Write(Number(length));
        records.WriteByte((byte)' ');
        records.Write(name);
        records.WriteByte((byte)'=');
        records.Write(value);
        records.WriteByte((byte)'\n');
    }

    /// <summary>The beginning of a text that may be longer: the whole of it is in a PAX record then.</summary>
    private static void Put(Span<byte> field, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        bytes.AsSpan(0, Math.Min(bytes.Length, field.Length)).CopyTo(field);
    }

    private static void Octal(Span<byte> field, long value)
    {
        for (int i = field.Length - 2; i >= 0; i--, value >>= 3)
            field[i] = (byte)('0' + (value & 7));
    }

    private static char TypeOf(TarEntryType type) => type switch
    {
        TarEntryType.Regular => '0',
        TarEntryType.HardLink => '1',
        TarEntryType.Symlink => '2',
        TarEntryType.CharacterDevice => '3',
        TarEntryType.BlockDevice => '4',
        TarEntryType.Directory => '5',
        _ => '6',
    };
}
