namespace Sampan.Storage.Archives;

/// <summary>What a member of a tar archive is: the type flags of ustar(5) that name files.</summary>
public enum TarEntryType
{
    /// <summary>'0', NUL or '7': a regular file.</summary>
    Regular,

    /// <summary>'1': another name of an earlier member.</summary>
    HardLink,

    /// <summary>'2'.</summary>
    Symlink,

    /// <summary>'3'.</summary>
    CharacterDevice,

    /// <summary>'4'.</summary>
    BlockDevice,

    /// <summary>'5'.</summary>
    Directory,

    /// <summary>'6'.</summary>
    Fifo,
}

/// <summary>A piece of a sparse file that is stored.</summary>
/// <param name="Offset">Where it begins in the file, in bytes.</param>
/// <param name="Length">Its bytes' number.</param>
public readonly record struct SparseSegment(long Offset, long Length);

/// <summary>
/// A member of a tar archive, with everything that its header and its PAX records say. Names are as they stand in the archive:
/// strangers' text that must be resolved below a root descriptor and must not reach a terminal raw.
/// </summary>
public sealed class TarEntry
{
    /// <summary>The member's path, not yet normalised.</summary>
    public required string Name { get; init; }

    /// <summary>What the member is.</summary>
    public required TarEntryType Type { get; init; }

    /// <summary>The permission bits, with set-user-id, set-group-id and sticky (07777).</summary>
    public uint Mode { get; init; }

    /// <summary>The owner.</summary>
    public uint Uid { get; init; }

    /// <summary>The group.</summary>
    public uint Gid { get; init; }

    /// <summary>Bytes of content that are stored in the archive; 0 for all but regular files.</summary>
    public long Size { get; init; }

    /// <summary>Bytes of the file when it is unpacked: more than <see cref="Size"/> where it has holes.</summary>
    public long RealSize { get; init; }

    /// <summary>Where the stored bytes belong in a sparse file, in order; null for a file without holes.</summary>
    public IReadOnlyList<SparseSegment>? SparseMap { get; init; }

    /// <summary>Seconds since 1970 of the last modification; may be negative.</summary>
    public long ModificationSeconds { get; init; }

    /// <summary>Nanoseconds of the last modification, 0 to 999,999,999.</summary>
    public uint ModificationNanoseconds { get; init; }

    /// <summary>Target of a symbolic or hard link, else empty.</summary>
    public string LinkName { get; init; } = "";

    /// <summary>The major number of a device.</summary>
    public uint DeviceMajor { get; init; }

    /// <summary>The minor number of a device.</summary>
    public uint DeviceMinor { get; init; }

    /// <summary>Extended attributes by their full name (<c>security.capability</c>), values as bytes; null where there are none.</summary>
    public IReadOnlyDictionary<string, byte[]>? ExtendedAttributes { get; init; }
}
