using System.Text;
using Sampan.Kernel;

namespace Sampan.Runtime.Cgroups;

/// <summary>
/// Which control group hierarchies are mounted, where, and which cgroups this process is in.
/// </summary>
/// <remarks>
/// Read once per command. <c>/proc/self/cgroup</c> names the hierarchies; <c>/proc/self/mountinfo</c>, of which the kernel makes each line
/// anew at some cost, is read only until all of them are found, so that a host with a thousand mounts does not slow a start down.
/// </remarks>
public sealed class CgroupLayout
{
    private const string DefaultMountPoint = "/sys/fs/cgroup";

    private CgroupLayout(CgroupVersion version, List<CgroupHierarchy> legacy, CgroupHierarchy? unified)
    {
        Version = version;
        Legacy = legacy;
        Unified = unified;
    }

    /// <summary>Which versions are mounted.</summary>
    public CgroupVersion Version { get; }

    /// <summary>The mounted version 1 hierarchies; empty with <see cref="CgroupVersion.V2"/>.</summary>
    public IReadOnlyList<CgroupHierarchy> Legacy { get; }

    /// <summary>The mounted version 2 hierarchy; null with <see cref="CgroupVersion.V1"/>.</summary>
    public CgroupHierarchy? Unified { get; }

    /// <summary>The version 1 hierarchy of a controller (<c>memory</c>, <c>name=systemd</c>), or null where it is not mounted.</summary>
    public CgroupHierarchy? Find(string controller)
    {
        for (int i = 0; i < Legacy.Count; i++)
        {
            if (Array.IndexOf(Legacy[i].Controllers, controller) >= 0)
                return Legacy[i];
        }
        return null;
    }

    /// <summary>Reads the layout of this machine, as this process sees it.</summary>
    /// <exception cref="RuntimeException">/proc is not mounted, or there is no control group hierarchy at all.</exception>
    public static CgroupLayout Detect()
    {
        List<(string[] Controllers, string Path)> own = ParseOwn(CgroupFile.ReadBytes("/proc/self/cgroup") ?? throw new RuntimeException("/proc/self/cgroup cannot be read: mount proc at /proc first"));
        var mounts = new MountInfoReader(own);
        Errno error = Syscalls.TryOpenAt(Syscalls.WorkingDirectory, "/proc/self/mountinfo", OpenFlags.ReadOnly, 0, out FileDescriptor? file);
        if (file is null)
            throw new RuntimeException($"/proc/self/mountinfo cannot be read ({KernelException.Describe(error)}): mount proc at /proc first");
        using (file)
        {
            Span<byte> buffer = stackalloc byte[16 * 1024];
            int filled = 0;
            while (!mounts.IsComplete)
            {
                if (filled == buffer.Length)
                {
                    byte[] larger = new byte[buffer.Length * 2];
                    buffer.CopyTo(larger);
                    buffer = larger;
                }
                int read = Syscalls.Read(file, buffer[filled..]);
                if (read == 0)
                    break;
                filled += read;
                int used = mounts.Add(buffer[..filled]);
                buffer[used..filled].CopyTo(buffer);
                filled -= used;
            }
        }
        return mounts.ToLayout();
    }

    /// <summary>The layout that the given contents of /proc/self/mountinfo and /proc/self/cgroup describe.</summary>
    /// <exception cref="RuntimeException">They show no control group hierarchy.</exception>
    public static CgroupLayout Parse(ReadOnlySpan<byte> mountInfo, ReadOnlySpan<byte> ownCgroups)
    {
        var mounts = new MountInfoReader(ParseOwn(ownCgroups));
        _ = mounts.Add(mountInfo);
        return mounts.ToLayout();
    }

    /// <summary>The lines of /proc/PID/cgroup: <c>ID:CONTROLLERS:PATH</c>, with no controllers for version 2.</summary>
    internal static List<(string[] Controllers, string Path)> ParseOwn(ReadOnlySpan<byte> text)
    {
        var result = new List<(string[], string)>(16);
        while (!text.IsEmpty)
        {
            ReadOnlySpan<byte> line = TakeLine(ref text);
            int first = line.IndexOf((byte)':');
            if (first < 0)
                continue;
            line = line[(first + 1)..];
            int second = line.IndexOf((byte)':');
            if (second < 0)
                continue;
            string controllers = Encoding.UTF8.GetString(line[..second]);
            result.Add((controllers.Length == 0 ? [] : controllers.Split(','), Encoding.UTF8.GetString(line[(second + 1)..])));
        }
        return result;
    }

    private static ReadOnlySpan<byte> TakeLine(ref ReadOnlySpan<byte> text)
    {
        int end = text.IndexOf((byte)'\n');
        ReadOnlySpan<byte> line = end < 0 ? text : text[..end];
        text = end < 0 ? [] : text[(end + 1)..];
        return line;
    }

    /// <summary>Finds the mount of each hierarchy in the lines of mountinfo (proc_pid_mountinfo(5)), given in pieces.</summary>
    private sealed class MountInfoReader(List<(string[] Controllers, string Path)> own)
    {
        private readonly CgroupHierarchy?[] _found = new CgroupHierarchy?[own.Count];
        private int _missing = own.Count;

        public bool IsComplete => _missing == 0 || IsUnifiedOnly;

        private bool IsUnifiedOnly { get; set; }

        /// <summary>Takes the whole lines of <paramref name="text"/> and says how many bytes they were.</summary>
        public int Add(ReadOnlySpan<byte> text)
        {
            int used = 0;
            while (!IsComplete)
            {
                int end = text[used..].IndexOf((byte)'\n');
                if (end < 0)
                    break;
                AddLine(text.Slice(used, end));
                used += end + 1;
            }
            return IsComplete ? text.Length : used;
        }

        private void AddLine(ReadOnlySpan<byte> line)
        {
            // Most lines tell of no cgroup and are not worth their parsing.
            if (line.IndexOf(" - cgroup"u8) < 0 || !MountInfo.TryParse(line, out MountInfo? mount) || mount.FileSystemType is not ("cgroup" or "cgroup2"))
                return;
            bool unified = mount.FileSystemType == "cgroup2";
            for (int i = 0; i < own.Count; i++)
            {
                (string[] controllers, string path) = own[i];
                if (unified != (controllers.Length == 0) || _found[i] is not null || (!unified && !HasOption(mount.SuperOptions, controllers[0])))
                    continue;
                _found[i] = new CgroupHierarchy(controllers, mount.MountPoint, mount.Root, path);
                _missing--;
                IsUnifiedOnly |= unified && mount.MountPoint == DefaultMountPoint;
                return;
            }
        }

        public CgroupLayout ToLayout()
        {
            CgroupHierarchy? unified = null;
            var legacy = new List<CgroupHierarchy>(_found.Length);
            foreach (CgroupHierarchy? hierarchy in _found)
            {
                if (hierarchy is null)
                    continue;
                if (hierarchy.Controllers.Length == 0)
                    unified = hierarchy;
                else if (!IsUnifiedOnly)
                    legacy.Add(hierarchy);
            }
            if (unified is null && legacy.Count == 0)
                throw new RuntimeException("no control group hierarchy is mounted: mount cgroup2 at /sys/fs/cgroup");
            return new CgroupLayout(legacy.Count == 0 ? CgroupVersion.V2 : unified is null ? CgroupVersion.V1 : CgroupVersion.Hybrid, legacy, unified);
        }

        private static bool HasOption(ReadOnlySpan<char> options, string option)
        {
            foreach (Range range in options.Split(','))
            {
                if (options[range].SequenceEqual(option))
                    return true;
            }
            return false;
        }
    }
}
