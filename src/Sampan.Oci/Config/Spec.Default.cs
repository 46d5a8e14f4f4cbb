namespace Sampan.Oci;

/// <content>The configuration that <c>spec</c> writes for people to start from.</content>
public sealed partial class Spec
{
    /// <summary>The version of the specification that these types follow.</summary>
    public const string CurrentVersion = "1.3.0";

    /// <summary>
    /// A configuration that runs <c>sh</c> at a terminal in a read-only root: what <c>runc spec</c> writes, in the same order.
    /// </summary>
    /// <param name="rootless">Whether a user without privileges is to run it, as <c>runc spec --rootless</c> has it: with a user namespace that
    /// maps one id, and without what needs privileges.</param>
    /// <param name="uid">The user of the host that is root inside, for rootless.</param>
    /// <param name="gid">The group of the host that is root inside, for rootless.</param>
    /// <param name="cgroupNamespace">Whether to add a cgroup namespace: runc does on hosts that have cgroup v2 alone.</param>
    public static Spec Default(bool rootless, uint uid = 0, uint gid = 0, bool cgroupNamespace = false) => new()
    {
        OciVersion = CurrentVersion,
        Process = DefaultProcess(),
        Root = new Root { Path = "rootfs", Readonly = true },
        Hostname = "runc",
        Mounts = DefaultMounts(rootless),
        Linux = new Linux
        {
            UidMappings = rootless ? [new LinuxIdMapping { HostId = uid, Size = 1 }] : null,
            GidMappings = rootless ? [new LinuxIdMapping { HostId = gid, Size = 1 }] : null,
            Resources = rootless ? null : new LinuxResources { Devices = [new LinuxDeviceCgroup { Access = "rwm" }] },
            Namespaces = DefaultNamespaces(rootless, cgroupNamespace),
            MaskedPaths =
            [
                "/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
                "/proc/timer_stats", "/proc/sched_debug", "/sys/firmware", "/proc/scsi",
            ],
            ReadonlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
        },
    };

    private static Process DefaultProcess() => new()
    {
        Terminal = true,
        Args = ["sh"],
        Env = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm"],
        Cwd = "/",
        Capabilities = new LinuxCapabilities
        {
            Bounding = DefaultCapabilities(),
            Effective = DefaultCapabilities(),
            Permitted = DefaultCapabilities(),
            Ambient = DefaultCapabilities(),
        },
        Rlimits = [new PosixRlimit { Type = "RLIMIT_NOFILE", Hard = 1024, Soft = 1024 }],
        NoNewPrivileges = true,
    };

    private static List<string> DefaultCapabilities() => ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"];

    private static List<Mount> DefaultMounts(bool rootless)
    {
        List<string> pts = ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"];
        if (!rootless)
            pts.Add("gid=5"); // the group tty, which a map of one id does not have
        return
        [
            new Mount { Destination = "/proc", Type = "proc", Source = "proc" },
            new Mount { Destination = "/dev", Type = "tmpfs", Source = "tmpfs", Options = ["nosuid", "strictatime", "mode=755", "size=65536k"] },
            new Mount { Destination = "/dev/pts", Type = "devpts", Source = "devpts", Options = pts },
            new Mount { Destination = "/dev/shm", Type = "tmpfs", Source = "shm", Options = ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"] },
            new Mount { Destination = "/dev/mqueue", Type = "mqueue", Source = "mqueue", Options = ["nosuid", "noexec", "nodev"] },
            rootless // a sysfs needs a network namespace of one's own
                ? new Mount { Destination = "/sys", Type = "none", Source = "/sys", Options = ["rbind", "nosuid", "noexec", "nodev", "ro"] }
                : new Mount { Destination = "/sys", Type = "sysfs", Source = "sysfs", Options = ["nosuid", "noexec", "nodev", "ro"] },
            new Mount { Destination = "/sys/fs/cgroup", Type = "cgroup", Source = "cgroup", Options = ["nosuid", "noexec", "nodev", "relatime", "ro"] },
        ];
    }

    private static List<LinuxNamespace> DefaultNamespaces(bool rootless, bool cgroupNamespace)
    {
        List<LinuxNamespace> namespaces = [new() { Type = "pid" }];
        if (!rootless)
            namespaces.Add(new LinuxNamespace { Type = "network" });
        namespaces.Add(new LinuxNamespace { Type = "ipc" });
        namespaces.Add(new LinuxNamespace { Type = "uts" });
        namespaces.Add(new LinuxNamespace { Type = "mount" });
        if (cgroupNamespace)
            namespaces.Add(new LinuxNamespace { Type = "cgroup" });
        if (rootless)
            namespaces.Add(new LinuxNamespace { Type = "user" });
        return namespaces;
    }
}
