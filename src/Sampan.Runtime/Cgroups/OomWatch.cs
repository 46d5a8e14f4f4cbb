using Sampan.Kernel;

namespace Sampan.Runtime.Cgroups;

/// <summary>
/// Tells when memory runs out in a cgroup. Version 1: an eventfd registered for <c>memory.oom_control</c>; version 2: inotify on
/// <c>memory.events</c>, of which the count of OOM kills is compared. Ends when the cgroup is removed.
/// </summary>
public sealed class OomWatch : IDisposable
{
    private readonly string _directory;
    private readonly FileDescriptor? _eventFd;
    private readonly FileDescriptor? _inotify;
    private ulong _kills;

    private OomWatch(string directory, FileDescriptor? eventFd, FileDescriptor? inotify)
    {
        _directory = directory;
        _eventFd = eventFd;
        _inotify = inotify;
        _kills = eventFd is null ? Kills() : 0;
    }

    /// <summary>Readable when there is something for <see cref="Read"/>; for a poll together with other descriptors.</summary>
    public FileDescriptor Descriptor => _eventFd ?? _inotify!;

    /// <summary>Begins to watch.</summary>
    /// <exception cref="RuntimeException">The container has no memory cgroup.</exception>
    internal static OomWatch Open(CgroupState state)
    {
        if (state.Paths.TryGetValue("memory", out string? legacy))
            return OpenLegacy(legacy);
        string? directory = state.UnifiedPath;
        if (directory is null || !CgroupFile.Exists(directory + "/memory.events"))
            throw new RuntimeException("the container has no memory cgroup, so nothing tells when its memory runs out");
        FileDescriptor inotify = Syscalls.InotifyInit();
        try
        {
            _ = Syscalls.InotifyAddWatch(inotify, directory + "/memory.events", InotifyEvents.Modify);
            _ = Syscalls.InotifyAddWatch(inotify, directory + "/cgroup.events", InotifyEvents.Modify);
            return new OomWatch(directory, null, inotify);
        }
        catch (KernelException exception)
        {
            inotify.Dispose();
            throw new RuntimeException($"cannot watch {directory}/memory.events: {exception.Message}", RuntimeErrorKind.Failed, exception);
        }
    }

    /// <summary>
    /// Takes what has happened. Call it when <see cref="Descriptor"/> is readable.
    /// </summary>
    /// <returns>How often memory ran out since the last call (0 is possible); null when the cgroup is gone or empty for good and nothing more will come.</returns>
    public int? Read()
    {
        if (_eventFd is not null)
        {
            ulong count = Syscalls.ReadCounter(_eventFd);
            return CgroupFile.Exists(_directory + "/memory.oom_control") ? (int)count : null;
        }
        var changes = new List<InotifyEvent>();
        Syscalls.ReadInotify(_inotify!, changes);
        ulong before = _kills;
        _kills = Kills();
        if (_kills > before)
            return (int)(_kills - before);
        return CgroupFile.Read(_directory, "cgroup.events") is string events && events.Contains("populated 1", StringComparison.Ordinal) ? 0 : null;
    }

    /// <summary>Ends the watch.</summary>
    public void Dispose()
    {
        _eventFd?.Dispose();
        _inotify?.Dispose();
    }

    /// <summary>cgroup.event_control takes the two descriptors as text; the kernel raises the counter at the removal of the cgroup too.</summary>
    private static OomWatch OpenLegacy(string directory)
    {
        Errno error = Syscalls.TryOpenAt(Syscalls.WorkingDirectory, directory + "/memory.oom_control", OpenFlags.ReadOnly | OpenFlags.NoFollow, 0, out FileDescriptor? control);
        if (control is null)
            throw new RuntimeException($"cannot open {directory}/memory.oom_control: {KernelException.Describe(error)}");
        using (control)
        {
            FileDescriptor eventFd = Syscalls.EventFd();
            error = CgroupFile.Write(directory, "cgroup.event_control", $"{eventFd.Number} {control.Number}");
            if (error == Errno.None)
                return new OomWatch(directory, eventFd, null);
            eventFd.Dispose();
            throw new RuntimeException($"cannot register for {directory}/memory.oom_control: {KernelException.Describe(error)}");
        }
    }

    private ulong Kills()
    {
        var events = new Dictionary<string, ulong>();
        _ = Statistics.StatisticsFiles.ReadTable(_directory, "memory.events", events);
        return events.GetValueOrDefault("oom_kill");
    }
}
