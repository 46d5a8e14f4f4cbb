using System.Globalization;
using System.Text;
using Sampan.Kernel;
using Sampan.Oci;

namespace Sampan.Runtime.Resctrl;

/// <summary>
/// The group of the resctrl file system (Documentation/filesystems/resctrl.rst) that a container's processes are in: its share of the caches and of
/// the memory bandwidth (config-linux.md, "IntelRdt"), and with monitoring a group below it that counts for this container alone.
/// <para>
/// Life cycle: <see cref="Create"/> makes the directories or takes those that are there; <see cref="Add"/> brings in the container's first
/// process, whose children follow, and each process of <c>exec</c>; <see cref="Remove"/> takes away what Create made. After a crash
/// <c>delete --force</c> does that by the container's state.
/// </para>
/// </summary>
/// <param name="Path">The directory of the group.</param>
/// <param name="IsOwn">Whether it was made for this container, and goes with it.</param>
/// <param name="MonitoringPath">The directory of the group that monitors, or null.</param>
public sealed record ResctrlGroup(string Path, bool IsOwn, string? MonitoringPath)
{
    private const string UsualRoot = "/sys/fs/resctrl";

    /// <summary>Where resctrl is mounted, or null where it is not: at its usual place, or wherever the administrator has mounted it.</summary>
    public static string? FindRoot()
    {
        if (Syscalls.TryOpenAt(Syscalls.WorkingDirectory, UsualRoot, OpenFlags.Path | OpenFlags.Directory, 0, out FileDescriptor? usual) == Errno.None)
        {
            using (usual)
            {
                if (Syscalls.FStatFs(usual!).Magic == FileSystemMagic.Resctrl)
                    return UsualRoot;
            }
        }
        foreach (MountInfo mount in MountInfo.Read())
        {
            if (mount.FileSystemType == "resctrl")
                return mount.MountPoint;
        }
        return null;
    }

    /// <summary>Makes the group that a configuration asks for, or takes the one that it names, and writes its schemata.</summary>
    /// <param name="root">Where resctrl is mounted, as <see cref="FindRoot"/> says; null is an error that explains.</param>
    /// <param name="settings">linux.intelRdt.</param>
    /// <param name="id">The container's id, the name of a group of its own.</param>
    /// <exception cref="RuntimeException">
    /// There is no resctrl or not what the settings need of it; a group that must exist does not; one that exists has other schemata; the
    /// kernel refused. Nothing is left behind.
    /// </exception>
    public static ResctrlGroup Create(string? root, LinuxIntelRdt settings, string id)
    {
        if (root is null)
            throw new RuntimeException($"linux.intelRdt: no resctrl file system is mounted here: mount it (mount -t resctrl resctrl {UsualRoot}; it needs a processor with cache or bandwidth allocation and a kernel with CONFIG_X86_CPU_RESCTRL), or remove the field", RuntimeErrorKind.InvalidArgument);
        RequireResources(root, settings);
        bool named = !string.IsNullOrEmpty(settings.ClosId);
        string path = settings.ClosId == "/" ? root : $"{root}/{(named ? settings.ClosId : id)}";
        bool hasSchemata = !string.IsNullOrEmpty(settings.L3CacheSchema) || !string.IsNullOrEmpty(settings.MemBwSchema) || settings.Schemata is { Count: > 0 };
        bool made = false;
        string? monitoring = null;
        try
        {
            made = Make(root, path, mustExist: named && !hasSchemata);
            if (named && !made && hasSchemata)
                ResctrlSchemata.RequireSame(ReadFile($"{path}/schemata"), settings);
            else if (hasSchemata)
                WriteSchemata(root, path, settings);
            if (settings.EnableMonitoring)
            {
                string below = $"{path}/mon_groups/{id}";
                _ = Make(root, below, mustExist: false);
                monitoring = below;
            }
            return new ResctrlGroup(path, made && !named, monitoring);
        }
        catch (RuntimeException)
        {
            RemoveDirectory(monitoring);
            if (made)
                RemoveDirectory(path);
            throw;
        }
    }

    /// <summary>The group of a container that exists.</summary>
    /// <param name="path">The directory that was recorded.</param>
    /// <param name="isOwn">Whether it goes with the container.</param>
    /// <param name="settings">linux.intelRdt.</param>
    /// <param name="id">The container's id.</param>
    public static ResctrlGroup Open(string path, bool isOwn, LinuxIntelRdt? settings, string id) =>
        new(path, isOwn, settings is { EnableMonitoring: true } ? $"{path}/mon_groups/{id}" : null);

    /// <summary>Brings a process into the group; its later children are born in it.</summary>
    /// <exception cref="RuntimeException">The group is gone, or the kernel refused.</exception>
    public void Add(int pid)
    {
        string root = RootOf();
        WriteFile(root, $"{Path}/tasks", pid.ToString(CultureInfo.InvariantCulture));
        if (MonitoringPath is not null)
            WriteFile(root, $"{MonitoringPath}/tasks", pid.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Changes the schemata that are given.</summary>
    /// <exception cref="RuntimeException">The machine has not what they need, or the kernel refused.</exception>
    public void Update(LinuxIntelRdt settings)
    {
        string root = RootOf();
        RequireResources(root, settings);
        WriteSchemata(root, Path, settings);
    }

    /// <summary>Takes away what was made for the container. What is gone already is no error; processes that are left fall back to the group above.</summary>
    public void Remove()
    {
        RemoveDirectory(MonitoringPath);
        if (IsOwn)
            RemoveDirectory(Path);
    }

    /// <summary>A group lies directly in the root, but for the root itself, which alone has a directory <c>info</c>.</summary>
    private string RootOf()
    {
        bool isRoot = Syscalls.TryOpenAt(Syscalls.WorkingDirectory, $"{Path}/info", OpenFlags.Path | OpenFlags.Directory, 0, out FileDescriptor? info) == Errno.None;
        info?.Dispose();
        return isRoot ? Path : System.IO.Path.GetDirectoryName(Path)!;
    }

    private static void RequireResources(string root, LinuxIntelRdt settings)
    {
        Require(root, settings.L3CacheSchema, "L3", "L3CODE", "linux.intelRdt.l3CacheSchema: Intel RDT/CAT is not enabled");
        Require(root, settings.MemBwSchema, "MB", "MB", "linux.intelRdt.memBwSchema: Intel RDT/MBA is not enabled");
        if (settings.EnableMonitoring && !Exists($"{root}/info/L3_MON"))
            throw new RuntimeException($"linux.intelRdt.enableMonitoring: the machine cannot monitor (there is no {root}/info/L3_MON)", RuntimeErrorKind.InvalidArgument);
    }

    private static void Require(string root, string? schema, string resource, string alternative, string sentence)
    {
        if (!string.IsNullOrEmpty(schema) && !Exists($"{root}/info/{resource}") && !Exists($"{root}/info/{alternative}"))
            throw new RuntimeException($"{sentence} (there is no {root}/info/{resource})", RuntimeErrorKind.InvalidArgument);
    }

    private static bool Exists(string path)
    {
        _ = Syscalls.TryOpenAt(Syscalls.WorkingDirectory, path, OpenFlags.Path, 0, out FileDescriptor? file);
        file?.Dispose();
        return file is not null;
    }

    /// <summary>Makes a group; true where it was not there before.</summary>
    private static bool Make(string root, string path, bool mustExist)
    {
        if (mustExist)
        {
            return Exists(path) ? false
                : throw new RuntimeException($"linux.intelRdt.closID: the group {path} does not exist; make it first, or give schemata for it", RuntimeErrorKind.InvalidArgument);
        }
        Errno error = Syscalls.TryMkDirAt(Syscalls.WorkingDirectory, path, 0x1ED);
        return error switch
        {
            Errno.None => true,
            Errno.EEXIST => false,
            Errno.ENOSPC => throw Refused(root, $"cannot make the group {path}: the processor has no more of them", error),
            _ => throw Refused(root, $"cannot make the group {path}", error),
        };
    }

    /// <summary>The two older fields first, in one write(2), and then the lines of schemata, which may say the same again.</summary>
    private static void WriteSchemata(string root, string path, LinuxIntelRdt settings)
    {
        var lines = new StringBuilder();
        foreach (string? line in (ReadOnlySpan<string?>)[settings.L3CacheSchema, settings.MemBwSchema])
        {
            if (!string.IsNullOrEmpty(line))
                lines.Append(line).Append('\n');
        }
        if (lines.Length > 0)
            WriteFile(root, $"{path}/schemata", lines.ToString());
        if (settings.Schemata is { Count: > 0 } schemata)
            WriteFile(root, $"{path}/schemata", string.Join('\n', schemata) + "\n");
    }

    /// <summary>The files of a group are there from its beginning; to create one is what a directory needs that only stands for resctrl.</summary>
    private static void WriteFile(string root, string path, string text)
    {
        Errno error = Syscalls.TryOpenAt(Syscalls.WorkingDirectory, path, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Truncate | OpenFlags.NoFollow, 0x180, out FileDescriptor? file);
        using (file)
        {
            int written = file is null ? -(int)error : Syscalls.TryWrite(file, Encoding.UTF8.GetBytes(text));
            if (written < 0)
                throw Refused(root, $"cannot write \"{text.Trim().Replace('\n', ';')}\" to {path}", (Errno)(-written));
        }
    }

    private static string ReadFile(string path) => Encoding.UTF8.GetString(ProcFile.Read(path));

    /// <summary>The kernel explains in a file of its own what it did not like.</summary>
    private static RuntimeException Refused(string root, string what, Errno error)
    {
        string status = Exists($"{root}/info/last_cmd_status") ? ReadFile($"{root}/info/last_cmd_status").Trim() : "";
        return new RuntimeException($"linux.intelRdt: {what}: {KernelException.Describe(error)}{(status is "" or "ok" ? "" : $" ({status})")}", RuntimeErrorKind.InvalidArgument);
    }

    private static void RemoveDirectory(string? path)
    {
        if (path is not null)
            _ = Syscalls.TryUnlinkAt(Syscalls.WorkingDirectory, path, removeDirectory: true);
    }
}
