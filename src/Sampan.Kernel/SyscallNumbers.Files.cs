namespace Sampan.Kernel;

/// <content>Files, directories and mounts.</content>
public static partial class SyscallNumbers
{
    /// <summary>chdir(2).</summary>
    public static nint chdir => IsArm64 ? 49 : 80;

    /// <summary>chroot(2).</summary>
    public static nint chroot => IsArm64 ? 51 : 161;

    /// <summary>close(2).</summary>
    public static nint close => IsArm64 ? 57 : 3;

    /// <summary>close_range(2).</summary>
    public static nint close_range => IsArm64 ? 436 : 436;

    /// <summary>copy_file_range(2).</summary>
    public static nint copy_file_range => IsArm64 ? 285 : 326;

    /// <summary>dup(2).</summary>
    public static nint dup => IsArm64 ? 23 : 32;

    /// <summary>dup3(2).</summary>
    public static nint dup3 => IsArm64 ? 24 : 292;

    /// <summary>faccessat2(2).</summary>
    public static nint faccessat2 => IsArm64 ? 439 : 439;

    /// <summary>fallocate(2).</summary>
    public static nint fallocate => IsArm64 ? 47 : 285;

    /// <summary>fchdir(2).</summary>
    public static nint fchdir => IsArm64 ? 50 : 81;

    /// <summary>fchmod(2).</summary>
    public static nint fchmod => IsArm64 ? 52 : 91;

    /// <summary>fchmodat(2).</summary>
    public static nint fchmodat => IsArm64 ? 53 : 268;

    /// <summary>fchown(2).</summary>
    public static nint fchown => IsArm64 ? 55 : 93;

    /// <summary>fchownat(2).</summary>
    public static nint fchownat => IsArm64 ? 54 : 260;

    /// <summary>fcntl(2).</summary>
    public static nint fcntl => IsArm64 ? 25 : 72;

    /// <summary>fdatasync(2).</summary>
    public static nint fdatasync => IsArm64 ? 83 : 75;

    /// <summary>fgetxattr(2).</summary>
    public static nint fgetxattr => IsArm64 ? 10 : 193;

    /// <summary>flistxattr(2).</summary>
    public static nint flistxattr => IsArm64 ? 13 : 196;

    /// <summary>flock(2).</summary>
    public static nint flock => IsArm64 ? 32 : 73;

    /// <summary>fsconfig(2).</summary>
    public static nint fsconfig => IsArm64 ? 431 : 431;

    /// <summary>fsetxattr(2).</summary>
    public static nint fsetxattr => IsArm64 ? 7 : 190;

    /// <summary>fsmount(2).</summary>
    public static nint fsmount => IsArm64 ? 432 : 432;

    /// <summary>fsopen(2).</summary>
    public static nint fsopen => IsArm64 ? 430 : 430;

    /// <summary>fspick(2).</summary>
    public static nint fspick => IsArm64 ? 433 : 433;

    /// <summary>fstatfs(2).</summary>
    public static nint fstatfs => IsArm64 ? 44 : 138;

    /// <summary>fsync(2).</summary>
    public static nint fsync => IsArm64 ? 82 : 74;

    /// <summary>ftruncate(2).</summary>
    public static nint ftruncate => IsArm64 ? 46 : 77;

    /// <summary>getcwd(2).</summary>
    public static nint getcwd => IsArm64 ? 17 : 79;

    /// <summary>getdents64(2).</summary>
    public static nint getdents64 => IsArm64 ? 61 : 217;

    /// <summary>inotify_add_watch(2).</summary>
    public static nint inotify_add_watch => IsArm64 ? 27 : 254;

    /// <summary>inotify_init1(2).</summary>
    public static nint inotify_init1 => IsArm64 ? 26 : 294;

    /// <summary>ioctl(2).</summary>
    public static nint ioctl => IsArm64 ? 29 : 16;

    /// <summary>lgetxattr(2).</summary>
    public static nint lgetxattr => IsArm64 ? 9 : 192;

    /// <summary>linkat(2).</summary>
    public static nint linkat => IsArm64 ? 37 : 265;

    /// <summary>llistxattr(2).</summary>
    public static nint llistxattr => IsArm64 ? 12 : 195;

    /// <summary>lremovexattr(2).</summary>
    public static nint lremovexattr => IsArm64 ? 15 : 198;

    /// <summary>lseek(2).</summary>
    public static nint lseek => IsArm64 ? 62 : 8;

    /// <summary>lsetxattr(2).</summary>
    public static nint lsetxattr => IsArm64 ? 6 : 189;

    /// <summary>memfd_create(2).</summary>
    public static nint memfd_create => IsArm64 ? 279 : 319;

    /// <summary>mkdirat(2).</summary>
    public static nint mkdirat => IsArm64 ? 34 : 258;

    /// <summary>mknodat(2).</summary>
    public static nint mknodat => IsArm64 ? 33 : 259;

    /// <summary>mount(2).</summary>
    public static nint mount => IsArm64 ? 40 : 165;

    /// <summary>mount_setattr(2).</summary>
    public static nint mount_setattr => IsArm64 ? 442 : 442;

    /// <summary>move_mount(2).</summary>
    public static nint move_mount => IsArm64 ? 429 : 429;

    /// <summary>name_to_handle_at(2).</summary>
    public static nint name_to_handle_at => IsArm64 ? 264 : 303;

    /// <summary>open_by_handle_at(2).</summary>
    public static nint open_by_handle_at => IsArm64 ? 265 : 304;

    /// <summary>open_tree(2).</summary>
    public static nint open_tree => IsArm64 ? 428 : 428;

    /// <summary>openat(2).</summary>
    public static nint openat => IsArm64 ? 56 : 257;

    /// <summary>openat2(2).</summary>
    public static nint openat2 => IsArm64 ? 437 : 437;

    /// <summary>pipe2(2).</summary>
    public static nint pipe2 => IsArm64 ? 59 : 293;

    /// <summary>pivot_root(2).</summary>
    public static nint pivot_root => IsArm64 ? 41 : 155;

    /// <summary>pread64(2).</summary>
    public static nint pread64 => IsArm64 ? 67 : 17;

    /// <summary>pwrite64(2).</summary>
    public static nint pwrite64 => IsArm64 ? 68 : 18;

    /// <summary>read(2).</summary>
    public static nint read => IsArm64 ? 63 : 0;

    /// <summary>readlinkat(2).</summary>
    public static nint readlinkat => IsArm64 ? 78 : 267;

    /// <summary>renameat2(2).</summary>
    public static nint renameat2 => IsArm64 ? 276 : 316;

    /// <summary>sendfile(2).</summary>
    public static nint sendfile => IsArm64 ? 71 : 40;

    /// <summary>splice(2).</summary>
    public static nint splice => IsArm64 ? 76 : 275;

    /// <summary>statfs(2).</summary>
    public static nint statfs => IsArm64 ? 43 : 137;

    /// <summary>statx(2).</summary>
    public static nint statx => IsArm64 ? 291 : 332;

    /// <summary>symlinkat(2).</summary>
    public static nint symlinkat => IsArm64 ? 36 : 266;

    /// <summary>syncfs(2).</summary>
    public static nint syncfs => IsArm64 ? 267 : 306;

    /// <summary>umask(2).</summary>
    public static nint umask => IsArm64 ? 166 : 95;

    /// <summary>umount2(2).</summary>
    public static nint umount2 => IsArm64 ? 39 : 166;

    /// <summary>unlinkat(2).</summary>
    public static nint unlinkat => IsArm64 ? 35 : 263;

    /// <summary>utimensat(2).</summary>
    public static nint utimensat => IsArm64 ? 88 : 280;

    /// <summary>write(2).</summary>
    public static nint write => IsArm64 ? 64 : 1;
}
