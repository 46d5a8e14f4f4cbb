namespace Sampan.Storage.Archives;

/// <summary>
/// Reads a tar archive from front to back: ustar, PAX, GNU long names and base-256 numbers, old V7. The archive is a stranger's: every length is
/// bounded before memory is taken for it, the checksum of each header is compared, and what is not understood (multi-volume archives, unknown
/// types) is refused in one sentence. <see cref="Next"/> skips what was not read of the member before.
/// </summary>
public sealed partial class TarReader(Stream archive)
{
    /// <summary>The longest path that is accepted, in bytes of UTF-8 (the kernel's PATH_MAX less its NUL).</summary>
    public const int MaxPath = 4095;

    private const int BlockSize = 512;

    private readonly byte[] _block = new byte[BlockSize];
    private readonly PaxHeaders _global = new();
    private PaxHeaders? _local;
    private string? _longName;
    private string? _longLink;
    private long _remaining;
    private long _padding;
    private long _headerBytes;

    /// <summary>Bytes of the archive that have been read, headers and padding included: the offset of the current member's content right after <see cref="Next"/>.</summary>
    public long Position { get; private set; }

    /// <summary>The next member, or null at the archive's end.</summary>
    /// <exception cref="StorageException">The archive is malformed, ends too early, or holds something that is refused.</exception>
    public TarEntry? Next()
    {
        Skip(_remaining + _padding);
        _remaining = _padding = 0;
        _headerBytes = 0;
        while (true)
        {
            if (!ReadHeader())
                return null;
            byte type = _block[156];
            long size = TarText.Number(_block.AsSpan(124, 12), "a size");
            if (size < 0)
                throw Malformed("a size is negative");
            switch ((char)type)
            {
                case 'x':
                    _local ??= _global.Copy();
                    _local.Add(ReadSmall(size));
                    break;
                case 'g':
                    _global.Add(ReadSmall(size));
                    break;
                case 'L':
                    _longName = TarText.DecodeField(ReadSmall(size));
                    break;
                case 'K':
                    _longLink = TarText.DecodeField(ReadSmall(size));
                    break;
                default:
                    return Member((char)type, size);
            }
        }
    }

    /// <summary>Reads content of the current member.</summary>
    /// <returns>Bytes read; 0 at its end.</returns>
    /// <exception cref="StorageException">The archive ends inside the member.</exception>
    public int Read(Span<byte> buffer)
    {
        if (_remaining == 0 || buffer.Length == 0)
            return 0;
        int read = archive.Read(buffer[..(int)Math.Min(buffer.Length, _remaining)]);
        if (read == 0)
            throw Malformed("it ends in the middle of a file");
        _remaining -= read;
        Position += read;
        return read;
    }

    private TarEntry Member(char type, long size)
    {
        PaxHeaders pax = _local ?? _global;
        TarEntryType kind = KindOf(type, out bool hasContent);
        string name = pax.Text("GNU.sparse.name") ?? pax.Text("path") ?? _longName ?? UstarName();
        string link = pax.Text("linkpath") ?? _longLink ?? TarText.DecodeField(_block.AsSpan(157, 100));
        (long seconds, uint nanoseconds) = pax.Time("mtime") ?? (TarText.Number(_block.AsSpan(136, 12), "a time"), 0u);
        _remaining = hasContent ? pax.Number("size", long.MaxValue / 2) ?? size : 0;
        _padding = (BlockSize - (_remaining % BlockSize)) % BlockSize;
        (List<SparseSegment> Map, long RealSize)? sparse = kind == TarEntryType.Regular ? ReadSparse(pax, type) : null;
        if (kind == TarEntryType.Regular && sparse is null && name.EndsWith('/'))
            kind = TarEntryType.Directory; // V7 has no type for directories
        var entry = new TarEntry
        {
            Name = Bounded(name),
            Type = kind,
            Mode = (uint)TarText.Number(_block.AsSpan(100, 8), "a mode") & 0xFFF,
            Uid = Id(pax, "uid", 108),
            Gid = Id(pax, "gid", 116),
            Size = kind == TarEntryType.Regular ? _remaining : 0,
            RealSize = kind != TarEntryType.Regular ? 0 : sparse?.RealSize ?? _remaining,
            SparseMap = sparse?.Map,
            ModificationSeconds = seconds,
            ModificationNanoseconds = nanoseconds,
            LinkName = Bounded(link),
            DeviceMajor = Device(type, 329),
            DeviceMinor = Device(type, 337),
            ExtendedAttributes = pax.ExtendedAttributes(),
        };
        _local = null;
        _longName = _longLink = null;
        return entry;
    }

    private static TarEntryType KindOf(char type, out bool hasContent)
    {
        hasContent = type is '0' or '7' or 'S' or '\0';
        return type switch
        {
            '0' or '7' or 'S' or '\0' => TarEntryType.Regular,
            '1' => TarEntryType.HardLink,
            '2' => TarEntryType.Symlink,
            '3' => TarEntryType.CharacterDevice,
            '4' => TarEntryType.BlockDevice,
            '5' => TarEntryType.Directory,
            '6' => TarEntryType.Fifo,
            _ => throw new StorageException(StorageErrorKind.InvalidContent, $"the tar archive holds a member of the unknown type 0x{(int)type:x2}"),
        };
    }

    private string UstarName()
    {
        string name = TarText.DecodeField(_block.AsSpan(0, 100));
        bool ustar = _block.AsSpan(257, 6).SequenceEqual("ustar\0"u8);
        string prefix = ustar ? TarText.DecodeField(_block.AsSpan(345, 155)) : "";
        return prefix.Length == 0 ? name : $"{prefix}/{name}";
    }

    private uint Id(PaxHeaders pax, string key, int offset)
    {
        long id = pax.Number(key, uint.MaxValue - 1) ?? TarText.Number(_block.AsSpan(offset, 8), "an owner");
        return id is >= 0 and < uint.MaxValue ? (uint)id : throw Malformed($"the owner {id} is out of range");
    }

    private uint Device(char type, int offset)
    {
        if (type is not ('3' or '4'))
            return 0;
        long number = TarText.Number(_block.AsSpan(offset, 8), "a device number");
        return number is >= 0 and <= 0xFFFFF ? (uint)number : throw Malformed($"the device number {number} is out of range");
    }

    /// <summary>Reads one header block; false at the end of the archive (a block of zeros, or the end of the stream at a block's border).</summary>
    private bool ReadHeader()
    {
        int read = archive.ReadAtLeast(_block, BlockSize, throwOnEndOfStream: false);
        if (read == 0)
            return _local is null && _longName is null ? false : throw Malformed("it ends after an extended header");
        if (read < BlockSize)
            throw Malformed("it ends in the middle of a header");
        Position += BlockSize;
        if (!_block.AsSpan().ContainsAnyExcept((byte)0))
            return false;
        long unsigned = 0, signed = 0;
        for (int i = 0; i < BlockSize; i++)
        {
            byte value = i is >= 148 and < 156 ? (byte)' ' : _block[i];
            unsigned += value;
            signed += (sbyte)value;
        }
        long stated = TarText.Number(_block.AsSpan(148, 8), "a checksum");
        return stated == unsigned || stated == signed ? true : throw Malformed("the checksum of a header is wrong");
    }

    private byte[] ReadSmall(long size)
    {
        _headerBytes += size;
        if (_headerBytes > PaxHeaders.MaxSize)
            throw Malformed($"an extended header is larger than {PaxHeaders.MaxSize} bytes");
        byte[] content = new byte[size];
        if (archive.ReadAtLeast(content, content.Length, throwOnEndOfStream: false) < content.Length)
            throw Malformed("it ends in the middle of an extended header");
        Position += size;
        Skip((BlockSize - (size % BlockSize)) % BlockSize);
        return content;
    }

    private void Skip(long count)
    {
        if (count == 0)
            return;
        if (archive.CanSeek && count > 64 * 1024)
        {
            if (archive.Position + count > archive.Length)
                throw Malformed("it ends in the middle of a file");
            _ = archive.Seek(count, SeekOrigin.Current);
            Position += count;
            return;
        }
        Span<byte> waste = stackalloc byte[4096];
        while (count > 0)
        {
            int read = archive.Read(waste[..(int)Math.Min(waste.Length, count)]);
            if (read == 0)
                throw Malformed("it ends in the middle of a file");
            count -= read;
            Position += read;
        }
    }

    private static string Bounded(string path) =>
        System.Text.Encoding.UTF8.GetByteCount(path) <= MaxPath ? path : throw Malformed($"a path is longer than {MaxPath} bytes");

    private static StorageException Malformed(string what) => new(StorageErrorKind.InvalidContent, $"the tar archive is malformed: {what}");
}
