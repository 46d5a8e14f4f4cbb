using System.Runtime.InteropServices;

namespace Sampan.Kernel;

/// <summary>
/// Flags of open(2), with the numbers of x86-64. arm64 has others for O_DIRECTORY and O_NOFOLLOW; <see cref="OpenFlagNumbers.Of(OpenFlags)"/> gives what
/// the machine's kernel takes, and every call goes through it.
/// </summary>
[Flags]
public enum OpenFlags
{
    /// <summary>O_RDONLY.</summary>
    ReadOnly = 0,

    /// <summary>O_WRONLY.</summary>
    WriteOnly = 1,

    /// <summary>O_RDWR.</summary>
    ReadWrite = 2,

    /// <summary>O_CREAT.</summary>
    Create = 0x40,

    /// <summary>O_EXCL.</summary>
    Exclusive = 0x80,

    /// <summary>O_NOCTTY.</summary>
    NoControllingTerminal = 0x100,

    /// <summary>O_TRUNC.</summary>
    Truncate = 0x200,

    /// <summary>O_APPEND.</summary>
    Append = 0x400,

    /// <summary>O_NONBLOCK.</summary>
    NonBlocking = 0x800,

    /// <summary>O_DIRECTORY.</summary>
    Directory = 0x10000,

    /// <summary>O_NOFOLLOW.</summary>
    NoFollow = 0x20000,

    /// <summary>O_CLOEXEC.</summary>
    CloseOnExec = 0x80000,

    /// <summary>O_PATH.</summary>
    Path = 0x200000,
}

/// <summary>The numbers that a kernel has for <see cref="OpenFlags"/>.</summary>
public static class OpenFlagNumbers
{
    /// <summary>The number on the architecture that this program runs on.</summary>
    public static int Of(OpenFlags flags) => Of(flags, RuntimeInformation.ProcessArchitecture);

    /// <summary>The number on an architecture: asm-generic/fcntl.h, or arch/arm64/include/uapi/asm/fcntl.h, whose four differing flags arm64 has from arm.</summary>
    public static int Of(OpenFlags flags, Architecture architecture)
    {
        const OpenFlags Differing = OpenFlags.Directory | OpenFlags.NoFollow;
        if (architecture != Architecture.Arm64 || (flags & Differing) == 0)
            return (int)flags;
        const int ArmDirectory = 0x4000, ArmNoFollow = 0x8000; // 040000, 0100000
        return (int)(flags & ~Differing) | ((flags & OpenFlags.Directory) != 0 ? ArmDirectory : 0) | ((flags & OpenFlags.NoFollow) != 0 ? ArmNoFollow : 0);
    }
}

/// <summary>Rules of openat2(2) for the resolution of a path.</summary>
[Flags]
public enum ResolveFlags
{
    /// <summary>No rule.</summary>
    None = 0,

    /// <summary>RESOLVE_NO_XDEV: no mount point is crossed.</summary>
    NoCrossDevice = 1,

    /// <summary>RESOLVE_NO_MAGICLINKS: no link of /proc that jumps is followed.</summary>
    NoMagicLinks = 2,

    /// <summary>RESOLVE_NO_SYMLINKS: no link is followed.</summary>
    NoSymlinks = 4,

    /// <summary>RESOLVE_BENEATH: a step out of the directory is an error.</summary>
    Beneath = 8,

    /// <summary>RESOLVE_IN_ROOT: the directory is the root of the path and of every link in it.</summary>
    InRoot = 16,
}

/// <summary>Flags of renameat2(2).</summary>
[Flags]
public enum RenameFlags
{
    /// <summary>Replaces the target.</summary>
    None = 0,

    /// <summary>RENAME_NOREPLACE: EEXIST if the target exists.</summary>
    NoReplace = 1,

    /// <summary>RENAME_EXCHANGE: both exist and change places.</summary>
    Exchange = 2,
}

/// <summary>What flock(2) is asked for.</summary>
public enum LockKind
{
    /// <summary>LOCK_SH.</summary>
    Shared = 1,

    /// <summary>LOCK_EX.</summary>
    Exclusive = 2,

    /// <summary>LOCK_UN.</summary>
    Unlock = 8,
}

/// <summary>The type bits of a file's mode, as in inode(7).</summary>
public static class FileType
{
    /// <summary>S_IFMT, the mask of the type bits.</summary>
    public const uint Mask = 0xF000;

    /// <summary>S_IFIFO.</summary>
    public const uint Fifo = 0x1000;

    /// <summary>S_IFCHR.</summary>
    public const uint Character = 0x2000;

    /// <summary>S_IFDIR.</summary>
    public const uint Directory = 0x4000;

    /// <summary>S_IFBLK.</summary>
    public const uint Block = 0x6000;

    /// <summary>S_IFREG.</summary>
    public const uint Regular = 0x8000;

    /// <summary>S_IFLNK.</summary>
    public const uint Symlink = 0xA000;

    /// <summary>S_IFSOCK.</summary>
    public const uint Socket = 0xC000;
}

/// <summary>A device number.</summary>
/// <param name="Major">The driver.</param>
/// <param name="Minor">The device of that driver.</param>
public readonly record struct DeviceNumber(uint Major, uint Minor)
{
    /// <summary>The number as mknod(2) takes it (the kernel's new_encode_dev).</summary>
    public ulong Encoded => (Minor & 0xff) | ((ulong)Major << 8) | ((ulong)(Minor & ~0xffu) << 12);

    /// <inheritdoc/>
    public override string ToString() => $"{Major}:{Minor}";
}

/// <summary>What statx(2) says of a file. Times are seconds since 1970 with nanoseconds beside them; the size is in bytes, blocks are of 512 bytes.</summary>
public readonly record struct FileStatus(
    uint Mode, uint Uid, uint Gid, ulong Inode, long Size, long Blocks, uint Links, DeviceNumber Device, DeviceNumber FileSystem,
    long AccessSeconds, uint AccessNanoseconds, long ModificationSeconds, uint ModificationNanoseconds, ulong MountId, bool IsMountRoot)
{
    /// <summary>The type bits, one of <see cref="FileType"/>.</summary>
    public uint Type => Mode & FileType.Mask;

    /// <summary>Whether it is a directory.</summary>
    public bool IsDirectory => Type == FileType.Directory;

    /// <summary>Whether it is a regular file.</summary>
    public bool IsRegular => Type == FileType.Regular;

    /// <summary>Whether it is a symbolic link.</summary>
    public bool IsSymlink => Type == FileType.Symlink;
}

/// <summary>What statfs(2) says of a file system.</summary>
public readonly record struct FileSystemStatus(
    FileSystemMagic Magic, long BlockSize, ulong Blocks, ulong BlocksAvailable, ulong Files, ulong FilesFree, FileSystemFlags Flags);

/// <summary>Magic numbers of file systems (statfs(2)).</summary>
public enum FileSystemMagic : long
{
    /// <summary>Control groups, version 2.</summary>
    Cgroup2 = 0x63677270,

    /// <summary>Control groups, version 1.</summary>
    Cgroup = 0x27e0eb,

    /// <summary>procfs.</summary>
    Proc = 0x9fa0,

    /// <summary>sysfs.</summary>
    Sysfs = 0x62656572,

    /// <summary>tmpfs.</summary>
    Tmpfs = 0x01021994,

    /// <summary>devpts.</summary>
    Devpts = 0x1cd1,

    /// <summary>overlayfs.</summary>
    Overlay = 0x794c7630,

    /// <summary>Namespace files.</summary>
    Nsfs = 0x6e736673,

    /// <summary>resctrl, the groups of cache and bandwidth allocation (RDTGROUP_SUPER_MAGIC).</summary>
    Resctrl = 0x7655821,
}

/// <summary>Mount flags as statfs(2) reports them (ST_*).</summary>
[Flags]
public enum FileSystemFlags : long
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary>ST_RDONLY.</summary>
    ReadOnly = 1,

    /// <summary>ST_NOSUID.</summary>
    NoSuid = 2,

    /// <summary>ST_NODEV.</summary>
    NoDev = 4,

    /// <summary>ST_NOEXEC.</summary>
    NoExec = 8,

    /// <summary>ST_NOATIME.</summary>
    NoAtime = 1024,

    /// <summary>ST_NODIRATIME.</summary>
    NoDirAtime = 2048,

    /// <summary>ST_RELATIME.</summary>
    RelAtime = 4096,
}
