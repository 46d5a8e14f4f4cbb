namespace Sampan.Kernel.Seccomp;

/// <summary>The names, in byte order, and where each begins.</summary>
public static partial class SyscallTable
{
    /// <summary>Every name followed by a NUL, sorted by bytes.</summary>
    private static ReadOnlySpan<byte> Names =>
        "_llseek\0_newselect\0_sysctl\0accept\0accept4\0access\0acct\0add_key\0adjtimex\0afs_syscall\0alarm\0arch_prctl\0"u8 +
        "arm_fadvise64_64\0arm_sync_file_range\0atomic_barrier\0atomic_cmpxchg_32\0bdflush\0bind\0bpf\0break\0breakpoint\0brk\0"u8 +
        "cachectl\0cacheflush\0cachestat\0capget\0capset\0chdir\0chmod\0chown\0chown32\0chroot\0clock_adjtime\0"u8 +
        "clock_adjtime64\0clock_getres\0clock_getres_time64\0clock_gettime\0clock_gettime64\0clock_nanosleep\0"u8 +
        "clock_nanosleep_time64\0clock_settime\0clock_settime64\0clone\0clone3\0close\0close_range\0connect\0copy_file_range\0"u8 +
        "creat\0create_module\0delete_module\0dup\0dup2\0dup3\0epoll_create\0epoll_create1\0epoll_ctl\0epoll_ctl_old\0"u8 +
        "epoll_pwait\0epoll_pwait2\0epoll_wait\0epoll_wait_old\0eventfd\0eventfd2\0execve\0execveat\0exit\0exit_group\0"u8 +
        "faccessat\0faccessat2\0fadvise64\0fadvise64_64\0fallocate\0fanotify_init\0fanotify_mark\0fchdir\0fchmod\0fchmodat\0"u8 +
        "fchmodat2\0fchown\0fchown32\0fchownat\0fcntl\0fcntl64\0fdatasync\0fgetxattr\0file_getattr\0file_setattr\0"u8 +
        "finit_module\0flistxattr\0flock\0fork\0fremovexattr\0fsconfig\0fsetxattr\0fsmount\0fsopen\0fspick\0fstat\0fstat64\0"u8 +
        "fstatat64\0fstatfs\0fstatfs64\0fsync\0ftime\0ftruncate\0ftruncate64\0futex\0futex_requeue\0futex_time64\0futex_wait\0"u8 +
        "futex_waitv\0futex_wake\0futimesat\0get_kernel_syms\0get_mempolicy\0get_robust_list\0get_thread_area\0get_tls\0"u8 +
        "getcpu\0getcwd\0getdents\0getdents64\0getegid\0getegid32\0geteuid\0geteuid32\0getgid\0getgid32\0getgroups\0"u8 +
        "getgroups32\0getitimer\0getpagesize\0getpeername\0getpgid\0getpgrp\0getpid\0getpmsg\0getppid\0getpriority\0getrandom\0"u8 +
        "getresgid\0getresgid32\0getresuid\0getresuid32\0getrlimit\0getrusage\0getsid\0getsockname\0getsockopt\0gettid\0"u8 +
        "gettimeofday\0getuid\0getuid32\0getxattr\0getxattrat\0gtty\0idle\0init_module\0inotify_add_watch\0inotify_init\0"u8 +
        "inotify_init1\0inotify_rm_watch\0io_cancel\0io_destroy\0io_getevents\0io_pgetevents\0io_pgetevents_time64\0io_setup\0"u8 +
        "io_submit\0io_uring_enter\0io_uring_register\0io_uring_setup\0ioctl\0ioperm\0iopl\0ioprio_get\0ioprio_set\0ipc\0kcmp\0"u8 +
        "kexec_file_load\0kexec_load\0keyctl\0kill\0landlock_add_rule\0landlock_create_ruleset\0landlock_restrict_self\0"u8 +
        "lchown\0lchown32\0lgetxattr\0link\0linkat\0listen\0listmount\0listns\0listxattr\0listxattrat\0llistxattr\0lock\0"u8 +
        "lookup_dcookie\0lremovexattr\0lseek\0lsetxattr\0lsm_get_self_attr\0lsm_list_modules\0lsm_set_self_attr\0lstat\0"u8 +
        "lstat64\0madvise\0map_shadow_stack\0mbind\0membarrier\0memfd_create\0memfd_secret\0migrate_pages\0mincore\0mkdir\0"u8 +
        "mkdirat\0mknod\0mknodat\0mlock\0mlock2\0mlockall\0mmap\0mmap2\0modify_ldt\0mount\0mount_setattr\0move_mount\0"u8 +
        "move_pages\0mprotect\0mpx\0mq_getsetattr\0mq_notify\0mq_open\0mq_timedreceive\0mq_timedreceive_time64\0mq_timedsend\0"u8 +
        "mq_timedsend_time64\0mq_unlink\0mremap\0mseal\0msgctl\0msgget\0msgrcv\0msgsnd\0msync\0multiplexer\0munlock\0"u8 +
        "munlockall\0munmap\0name_to_handle_at\0nanosleep\0newfstatat\0nfsservctl\0nice\0oldfstat\0oldlstat\0oldolduname\0"u8 +
        "oldstat\0olduname\0open\0open_by_handle_at\0open_tree\0open_tree_attr\0openat\0openat2\0pause\0pciconfig_iobase\0"u8 +
        "pciconfig_read\0pciconfig_write\0perf_event_open\0personality\0pidfd_getfd\0pidfd_open\0pidfd_send_signal\0pipe\0"u8 +
        "pipe2\0pivot_root\0pkey_alloc\0pkey_free\0pkey_mprotect\0poll\0ppoll\0ppoll_time64\0prctl\0pread64\0preadv\0preadv2\0"u8 +
        "prlimit64\0process_madvise\0process_mrelease\0process_vm_readv\0process_vm_writev\0prof\0profil\0pselect6\0"u8 +
        "pselect6_time64\0ptrace\0putpmsg\0pwrite64\0pwritev\0pwritev2\0query_module\0quotactl\0quotactl_fd\0read\0readahead\0"u8 +
        "readdir\0readlink\0readlinkat\0readv\0reboot\0recv\0recvfrom\0recvmmsg\0recvmmsg_time64\0recvmsg\0remap_file_pages\0"u8 +
        "removexattr\0removexattrat\0rename\0renameat\0renameat2\0request_key\0restart_syscall\0riscv_flush_icache\0"u8 +
        "riscv_hwprobe\0rmdir\0rseq\0rseq_slice_yield\0rt_sigaction\0rt_sigpending\0rt_sigprocmask\0rt_sigqueueinfo\0"u8 +
        "rt_sigreturn\0rt_sigsuspend\0rt_sigtimedwait\0rt_sigtimedwait_time64\0rt_tgsigqueueinfo\0rtas\0s390_guarded_storage\0"u8 +
        "s390_pci_mmio_read\0s390_pci_mmio_write\0s390_runtime_instr\0s390_sthyi\0sched_get_priority_max\0"u8 +
        "sched_get_priority_min\0sched_getaffinity\0sched_getattr\0sched_getparam\0sched_getscheduler\0sched_rr_get_interval\0"u8 +
        "sched_rr_get_interval_time64\0sched_setaffinity\0sched_setattr\0sched_setparam\0sched_setscheduler\0sched_yield\0"u8 +
        "seccomp\0security\0select\0semctl\0semget\0semop\0semtimedop\0semtimedop_time64\0send\0sendfile\0sendfile64\0"u8 +
        "sendmmsg\0sendmsg\0sendto\0set_mempolicy\0set_mempolicy_home_node\0set_robust_list\0set_thread_area\0set_tid_address\0"u8 +
        "set_tls\0setdomainname\0setfsgid\0setfsgid32\0setfsuid\0setfsuid32\0setgid\0setgid32\0setgroups\0setgroups32\0"u8 +
        "sethostname\0setitimer\0setns\0setpgid\0setpriority\0setregid\0setregid32\0setresgid\0setresgid32\0setresuid\0"u8 +
        "setresuid32\0setreuid\0setreuid32\0setrlimit\0setsid\0setsockopt\0settimeofday\0setuid\0setuid32\0setxattr\0"u8 +
        "setxattrat\0sgetmask\0shmat\0shmctl\0shmdt\0shmget\0shutdown\0sigaction\0sigaltstack\0signal\0signalfd\0signalfd4\0"u8 +
        "sigpending\0sigprocmask\0sigreturn\0sigsuspend\0socket\0socketcall\0socketpair\0splice\0spu_create\0spu_run\0"u8 +
        "ssetmask\0stat\0stat64\0statfs\0statfs64\0statmount\0statx\0stime\0stty\0subpage_prot\0swapcontext\0swapoff\0swapon\0"u8 +
        "switch_endian\0symlink\0symlinkat\0sync\0sync_file_range\0sync_file_range2\0syncfs\0sys_debug_setcontext\0syscall\0"u8 +
        "sysfs\0sysinfo\0syslog\0sysmips\0tee\0tgkill\0time\0timer_create\0timer_delete\0timer_getoverrun\0timer_gettime\0"u8 +
        "timer_gettime64\0timer_settime\0timer_settime64\0timerfd\0timerfd_create\0timerfd_gettime\0timerfd_gettime64\0"u8 +
        "timerfd_settime\0timerfd_settime64\0times\0tkill\0truncate\0truncate64\0tuxcall\0ugetrlimit\0ulimit\0umask\0umount\0"u8 +
        "umount2\0uname\0unlink\0unlinkat\0unshare\0uprobe\0uretprobe\0uselib\0userfaultfd\0usr26\0usr32\0ustat\0utime\0"u8 +
        "utimensat\0utimensat_time64\0utimes\0vfork\0vhangup\0vm86\0vm86old\0vmsplice\0vserver\0wait4\0waitid\0waitpid\0write\0"u8 +
        "writev\0"u8;

    /// <summary>The offset of each name in <see cref="Names"/>.</summary>
    private static ReadOnlySpan<ushort> Offsets =>
    [
        0, 8, 19, 27, 34, 42, 49, 54, 62, 71, 83, 89, 100, 117, 137, 152, 170, 178, 183, 187, 193, 204, 208, 217, 228, 238, 245, 252,
        258, 264, 270, 278, 285, 299, 315, 328, 348, 362, 378, 394, 417, 431, 447, 453, 460, 466, 478, 486, 502, 508, 522, 536, 540, 545,
        550, 563, 577, 587, 601, 613, 626, 637, 652, 660, 669, 676, 685, 690, 701, 711, 722, 732, 745, 755, 769, 783, 790, 797, 806, 816,
        823, 832, 841, 847, 855, 865, 875, 888, 901, 914, 925, 931, 936, 949, 958, 968, 976, 983, 990, 996, 1004, 1014, 1022, 1032, 1038,
        1044, 1054, 1066, 1072, 1086, 1099, 1110, 1122, 1133, 1143, 1159, 1173, 1189, 1205, 1213, 1220, 1227, 1236, 1247, 1255, 1265,
        1273, 1283, 1290, 1299, 1309, 1321, 1331, 1343, 1355, 1363, 1371, 1378, 1386, 1394, 1406, 1416, 1426, 1438, 1448, 1460, 1470,
        1480, 1487, 1499, 1510, 1517, 1530, 1537, 1546, 1555, 1566, 1571, 1576, 1588, 1606, 1619, 1633, 1650, 1660, 1671, 1684, 1698,
        1719, 1728, 1738, 1753, 1771, 1786, 1792, 1799, 1804, 1815, 1826, 1830, 1835, 1851, 1862, 1869, 1874, 1892, 1916, 1939, 1946,
        1955, 1965, 1970, 1977, 1984, 1994, 2001, 2011, 2023, 2034, 2039, 2054, 2067, 2073, 2083, 2101, 2118, 2136, 2142, 2150, 2158,
        2175, 2181, 2192, 2205, 2218, 2232, 2240, 2246, 2254, 2260, 2268, 2274, 2281, 2290, 2295, 2301, 2312, 2318, 2332, 2343, 2354,
        2363, 2367, 2381, 2391, 2399, 2415, 2438, 2451, 2471, 2481, 2488, 2494, 2501, 2508, 2515, 2522, 2528, 2540, 2548, 2559, 2566,
        2584, 2594, 2605, 2616, 2621, 2630, 2639, 2651, 2659, 2668, 2673, 2691, 2701, 2716, 2723, 2731, 2737, 2754, 2769, 2785, 2801,
        2813, 2825, 2836, 2854, 2859, 2865, 2876, 2887, 2897, 2911, 2916, 2922, 2935, 2941, 2949, 2956, 2964, 2974, 2990, 3007, 3024,
        3042, 3047, 3054, 3063, 3079, 3086, 3094, 3103, 3111, 3120, 3133, 3142, 3154, 3159, 3169, 3177, 3186, 3197, 3203, 3210, 3215,
        3224, 3233, 3249, 3257, 3274, 3286, 3300, 3307, 3316, 3326, 3338, 3354, 3373, 3387, 3393, 3398, 3415, 3428, 3442, 3457, 3473,
        3486, 3500, 3516, 3539, 3557, 3562, 3583, 3602, 3622, 3641, 3652, 3675, 3698, 3716, 3730, 3745, 3764, 3786, 3815, 3833, 3847,
        3862, 3881, 3893, 3901, 3910, 3917, 3924, 3931, 3937, 3948, 3966, 3971, 3980, 3991, 4000, 4008, 4015, 4029, 4053, 4069, 4085,
        4101, 4109, 4123, 4132, 4143, 4152, 4163, 4170, 4179, 4189, 4201, 4213, 4223, 4229, 4237, 4249, 4258, 4269, 4279, 4291, 4301,
        4313, 4322, 4333, 4343, 4350, 4361, 4374, 4381, 4390, 4399, 4410, 4419, 4425, 4432, 4438, 4445, 4454, 4464, 4476, 4483, 4492,
        4502, 4513, 4525, 4535, 4546, 4553, 4564, 4575, 4582, 4593, 4601, 4610, 4615, 4622, 4629, 4638, 4648, 4654, 4660, 4665, 4678,
        4690, 4698, 4705, 4719, 4727, 4737, 4742, 4758, 4775, 4782, 4803, 4811, 4817, 4825, 4832, 4840, 4844, 4851, 4856, 4869, 4882,
        4899, 4913, 4929, 4943, 4959, 4967, 4982, 4998, 5016, 5032, 5050, 5056, 5062, 5071, 5082, 5090, 5101, 5108, 5114, 5121, 5129,
        5135, 5142, 5151, 5159, 5166, 5176, 5183, 5195, 5201, 5207, 5213, 5219, 5229, 5246, 5253, 5259, 5267, 5272, 5280, 5289, 5297,
        5303, 5310, 5318, 5324,
    ];
}
