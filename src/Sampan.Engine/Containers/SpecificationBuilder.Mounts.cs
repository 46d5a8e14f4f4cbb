using Sampan.Oci;

namespace Sampan.Engine.Containers;

public static partial class SpecificationBuilder
{
    private const long DefaultShmSize = 64L << 20;

    private static readonly string[] s_maskedPaths =
    [
        "/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/sched_debug", "/proc/scsi",
        "/proc/timer_list", "/proc/timer_stats", "/sys/devices/virtual/powercap", "/sys/firmware",
    ];

    private static readonly string[] s_readonlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

    private static List<Mount> Mounts(ContainerOptions options, SpecificationContext context)
    {
        var mounts = new List<Mount>
        {
            New("/proc", "proc", "proc", "nosuid", "noexec", "nodev"),
            New("/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k"),
            New("/dev/pts", "devpts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"),
            New("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", options.Privileged ? "rw" : "ro"),
            New("/sys/fs/cgroup", "cgroup", "cgroup", "nosuid", "noexec", "nodev", "relatime", options.Privileged ? "rw" : "ro"),
        };
        if (options.HostIpc)
        {
            mounts.Add(New("/dev/mqueue", "bind", "/dev/mqueue", "rbind", "nosuid", "noexec", "nodev"));
            mounts.Add(New("/dev/shm", "bind", "/dev/shm", "rbind", "nosuid", "noexec", "nodev"));
        }
        else
        {
            mounts.Add(New("/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev"));
            mounts.Add(New("/dev/shm", "tmpfs", "shm", "nosuid", "noexec", "nodev", "mode=1777", $"size={options.ShmSize ?? DefaultShmSize}"));
        }
        foreach (string file in ContainerFiles.Names)
        {
            string source = Path.Combine(context.Directory, file);
            if (File.Exists(source))
                mounts.Add(New($"/etc/{file}", "bind", source, "rbind", "rprivate", options.ReadOnly ? "ro" : "rw"));
        }
        // A mount of the user's on the same place takes the default's; those deeper in the tree come later.
        foreach (MountOption own in options.Mounts.OrderBy(static one => one.Destination.Count(static c => c == '/')))
        {
            string destination = CleanDestination(own.Destination);
            _ = mounts.RemoveAll(mount => mount.Destination == destination);
            mounts.Add(new Mount { Destination = destination, Type = own.Type, Source = own.Type == "tmpfs" ? "tmpfs" : own.Source, Options = [.. own.Options] });
        }
        return mounts;
    }

    private static string CleanDestination(string path)
    {
        if (!path.StartsWith('/'))
            throw Quantities.Invalid("the mount's target", path, "an absolute path");
        string[] parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Contains("..") || path.Contains('\0', StringComparison.Ordinal))
            throw Quantities.Invalid("the mount's target", path, "a path without \"..\"");
        string clean = "/" + string.Join('/', parts.Where(static part => part != "."));
        return clean == "/" ? throw new EngineException(ErrorKind.InvalidArgument, "nothing can be mounted on the container's \"/\"; use --rootfs DIR for a root of your own") : clean;
    }

    private static Mount New(string destination, string type, string source, params ReadOnlySpan<string> options) =>
        new() { Destination = destination, Type = type, Source = source, Options = [.. options] };
}
