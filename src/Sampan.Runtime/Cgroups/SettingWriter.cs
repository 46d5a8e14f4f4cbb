using Sampan.Kernel;

namespace Sampan.Runtime.Cgroups;

/// <summary>Writes a plan into the directories of a cgroup, and says in one sentence what went wrong where something did.</summary>
internal static class SettingWriter
{
    /// <summary>Before a controller's name: its directory is that of version 2, in a hybrid layout.</summary>
    public const string UnifiedPrefix = "unified:";

    /// <summary>Writes all settings in order; <paramref name="directoryOf"/> gives a controller's directory or null.</summary>
    /// <exception cref="RuntimeException">A controller or file is missing, or the kernel refused a value.</exception>
    public static void Write(List<CgroupSetting> settings, Func<string, string?> directoryOf)
    {
        List<CgroupSetting>? again = null;
        foreach (CgroupSetting setting in settings)
        {
            Errno error = WriteOne(setting, directoryOf(setting.Controller));
            if (error == Errno.EINVAL && setting.RetryAfterOthers)
                (again ??= []).Add(setting);
            else if (error != Errno.None && !(setting.IsDefault && error is Errno.ENOENT or Errno.ENXIO))
                throw Explain(setting, directoryOf(setting.Controller), error);
        }
        if (again is null)
            return;
        foreach (CgroupSetting setting in again)
        {
            Errno error = WriteOne(setting, directoryOf(setting.Controller));
            if (error != Errno.None)
                throw Explain(setting, directoryOf(setting.Controller), error);
        }
    }

    private static Errno WriteOne(in CgroupSetting setting, string? directory)
    {
        if (directory is null)
            return Errno.ENXIO;
        Errno error = CgroupFile.Write(directory, setting.File, setting.Value);
        if (setting.AlternativeFile is not null && error is Errno.ENOENT or Errno.EOPNOTSUPP)
            error = CgroupFile.Write(directory, setting.AlternativeFile, setting.AlternativeValue ?? setting.Value);
        return error;
    }

    private static RuntimeException Explain(CgroupSetting setting, string? directory, Errno error)
    {
        if (setting.Controller.StartsWith(UnifiedPrefix, StringComparison.Ordinal))
            setting = setting with { Controller = setting.Controller[UnifiedPrefix.Length..] };
        string field = "linux.resources." + setting.Field;
        if (directory is null && setting.Field.StartsWith("unified[", StringComparison.Ordinal))
            field = "invalid configuration: " + field; // runc's words
        if (directory is null)
            return new($"{field}: the cgroup controller \"{setting.Controller}\" is not available here, or not delegated to this user; remove the field, or mount or enable the controller", RuntimeErrorKind.InvalidArgument);
        string what = $"{field}: cannot write \"{setting.Value}\" to {directory}/{setting.File}";
        return new($"{what}: {Reason(setting, directory, error)}", error is Errno.EINVAL or Errno.ERANGE or Errno.EBUSY ? RuntimeErrorKind.InvalidArgument : RuntimeErrorKind.Failed);
    }

    private static string Reason(in CgroupSetting setting, string directory, Errno error)
    {
        string name = KernelException.Describe(error);
        return (setting.Controller, error) switch
        {
            (_, Errno.ENOENT) => MissingFile(setting, directory),
            ("memory", Errno.EBUSY) => $"the limit is below what is in use ({Number(directory, "memory.usage_in_bytes", "memory.current")} bytes) and the kernel could not free enough",
            ("memory", Errno.EINVAL) when setting.File.StartsWith("memory.memsw", StringComparison.Ordinal) => "the limit of memory and swap together must not be below the limit of memory",
            ("memory", Errno.EINVAL) => $"the kernel does not accept this value ({name}); a memory limit must not exceed the limit of memory and swap together",
            ("cpuset", Errno.EINVAL or Errno.EACCES or Errno.ERANGE or Errno.ENODEV) => $"not a list of {(setting.File.EndsWith("mems", StringComparison.Ordinal) ? "memory nodes" : "CPUs")} within those of the parent cgroup ({ParentList(directory, setting.File)})",
            ("cpuset", Errno.ENOSPC) => "the cgroup has processes, and the list would leave them without a CPU or memory node",
            ("cpu", Errno.EINVAL) when setting.File.Contains("rt_", StringComparison.Ordinal) => "the kernel does not accept this value; the parent cgroup must have at least this much real-time runtime itself (its cpu.rt_runtime_us)",
            ("cpu", Errno.EINVAL) => $"the kernel does not accept this value ({name}); quota and period are 1 ms to 1 s, and the share must not exceed the parent cgroup's",
            ("blkio" or "io", Errno.ENODEV or Errno.ENXIO) => "there is no block device of that number",
            ("hugetlb", Errno.EINVAL) => "the kernel does not accept this number of bytes",
            (_, Errno.EACCES or Errno.EPERM) => $"{name}; the caller does not own this cgroup",
            _ => name,
        };
    }

    private static string MissingFile(in CgroupSetting setting, string directory)
    {
        if (!CgroupFile.Exists(directory))
            return "the cgroup is gone";
        string also = setting.AlternativeFile is null ? "" : $" (nor {setting.AlternativeFile})";
        return setting.Controller switch
        {
            "hugetlb" => "the kernel has no huge pages of this size",
            "memory" when setting.File.Contains("swap", StringComparison.Ordinal) || setting.File.Contains("memsw", StringComparison.Ordinal) => "the kernel does not account for swap (boot with swapaccount=1)",
            _ => $"the kernel has no such file{also}: it lacks this feature",
        };
    }

    private static string Number(string directory, string legacy, string unified) =>
        (CgroupFile.ReadNumber(directory, legacy) ?? CgroupFile.ReadNumber(directory, unified))?.ToString() ?? "unknown";

    private static string ParentList(string directory, string file)
    {
        string parent = directory[..directory.LastIndexOf('/')];
        string? list = CgroupFile.Read(parent, file);
        if (string.IsNullOrEmpty(list))
            list = CgroupFile.Read(parent, file + ".effective");
        return string.IsNullOrEmpty(list) ? "none" : list;
    }
}
