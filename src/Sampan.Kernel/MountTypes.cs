namespace Sampan.Kernel;

/// <summary>Flags of mount(2), MS_*.</summary>
[Flags]
public enum MountFlags : ulong
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary>MS_RDONLY.</summary>
    ReadOnly = 1,

    /// <summary>MS_NOSUID.</summary>
    NoSuid = 2,

    /// <summary>MS_NODEV.</summary>
    NoDev = 4,

    /// <summary>MS_NOEXEC.</summary>
    NoExec = 8,

    /// <summary>MS_SYNCHRONOUS.</summary>
    Synchronous = 16,

    /// <summary>MS_REMOUNT.</summary>
    Remount = 32,

    /// <summary>MS_MANDLOCK.</summary>
    MandatoryLock = 64,

    /// <summary>MS_DIRSYNC.</summary>
    DirSync = 128,

    /// <summary>MS_NOSYMFOLLOW.</summary>
    NoSymFollow = 256,

    /// <summary>MS_NOATIME.</summary>
    NoAtime = 1024,

    /// <summary>MS_NODIRATIME.</summary>
    NoDirAtime = 2048,

    /// <summary>MS_BIND.</summary>
    Bind = 4096,

    /// <summary>MS_MOVE.</summary>
    Move = 8192,

    /// <summary>MS_REC.</summary>
    Recursive = 16384,

    /// <summary>MS_SILENT.</summary>
    Silent = 32768,

    /// <summary>MS_POSIXACL.</summary>
    PosixAcl = 1 << 16,

    /// <summary>MS_UNBINDABLE.</summary>
    Unbindable = 1 << 17,

    /// <summary>MS_PRIVATE.</summary>
    Private = 1 << 18,

    /// <summary>MS_SLAVE.</summary>
    Slave = 1 << 19,

    /// <summary>MS_SHARED.</summary>
    Shared = 1 << 20,

    /// <summary>MS_RELATIME.</summary>
    RelAtime = 1 << 21,

    /// <summary>MS_I_VERSION.</summary>
    IVersion = 1 << 23,

    /// <summary>MS_STRICTATIME.</summary>
    StrictAtime = 1 << 24,

    /// <summary>MS_LAZYTIME.</summary>
    LazyTime = 1 << 25,
}

/// <summary>Attributes of a mount, MOUNT_ATTR_* of mount_setattr(2) and fsmount(2).</summary>
[Flags]
public enum MountAttributes : ulong
{
    /// <summary>No attribute; as an access-time rule, MOUNT_ATTR_RELATIME.</summary>
    None = 0,

    /// <summary>MOUNT_ATTR_RDONLY.</summary>
    ReadOnly = 1,

    /// <summary>MOUNT_ATTR_NOSUID.</summary>
    NoSuid = 2,

    /// <summary>MOUNT_ATTR_NODEV.</summary>
    NoDev = 4,

    /// <summary>MOUNT_ATTR_NOEXEC.</summary>
    NoExec = 8,

    /// <summary>MOUNT_ATTR_NOATIME.</summary>
    NoAtime = 0x10,

    /// <summary>MOUNT_ATTR_STRICTATIME.</summary>
    StrictAtime = 0x20,

    /// <summary>MOUNT_ATTR__ATIME, the mask of the access-time rules; it is cleared whole whenever one of them is set.</summary>
    AtimeMask = 0x70,

    /// <summary>MOUNT_ATTR_NODIRATIME.</summary>
    NoDirAtime = 0x80,

    /// <summary>MOUNT_ATTR_IDMAP.</summary>
    IdMap = 0x100000,

    /// <summary>MOUNT_ATTR_NOSYMFOLLOW.</summary>
    NoSymFollow = 0x200000,
}

/// <summary>Flags of umount2(2).</summary>
[Flags]
public enum UnmountFlags
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary>MNT_FORCE.</summary>
    Force = 1,

    /// <summary>MNT_DETACH.</summary>
    Detach = 2,

    /// <summary>MNT_EXPIRE.</summary>
    Expire = 4,

    /// <summary>UMOUNT_NOFOLLOW.</summary>
    NoFollow = 8,
}

/// <summary>Flags of open_tree(2).</summary>
[Flags]
public enum OpenTreeFlags
{
    /// <summary>No flag: a handle on the mount itself.</summary>
    None = 0,

    /// <summary>OPEN_TREE_CLONE: a detached copy.</summary>
    Clone = 1,

    /// <summary>AT_SYMLINK_NOFOLLOW.</summary>
    NoFollow = 0x100,

    /// <summary>AT_NO_AUTOMOUNT.</summary>
    NoAutomount = 0x800,

    /// <summary>AT_EMPTY_PATH: the descriptor itself.</summary>
    EmptyPath = 0x1000,

    /// <summary>AT_RECURSIVE: with the mounts below.</summary>
    Recursive = 0x8000,
}

/// <summary>Flags of move_mount(2).</summary>
[Flags]
public enum MoveMountFlags
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary>MOVE_MOUNT_F_SYMLINKS.</summary>
    FromSymlinks = 1,

    /// <summary>MOVE_MOUNT_F_AUTOMOUNTS.</summary>
    FromAutomounts = 2,

    /// <summary>MOVE_MOUNT_F_EMPTY_PATH.</summary>
    FromEmptyPath = 4,

    /// <summary>MOVE_MOUNT_T_SYMLINKS.</summary>
    ToSymlinks = 0x10,

    /// <summary>MOVE_MOUNT_T_AUTOMOUNTS.</summary>
    ToAutomounts = 0x20,

    /// <summary>MOVE_MOUNT_T_EMPTY_PATH.</summary>
    ToEmptyPath = 0x40,

    /// <summary>MOVE_MOUNT_SET_GROUP.</summary>
    SetGroup = 0x100,

    /// <summary>MOVE_MOUNT_BENEATH.</summary>
    Beneath = 0x200,
}

/// <summary>Flags of fspick(2).</summary>
[Flags]
public enum FsPickFlags
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary>FSPICK_SYMLINK_NOFOLLOW.</summary>
    NoFollow = 2,

    /// <summary>FSPICK_NO_AUTOMOUNT.</summary>
    NoAutomount = 4,

    /// <summary>FSPICK_EMPTY_PATH: the descriptor itself.</summary>
    EmptyPath = 8,
}
