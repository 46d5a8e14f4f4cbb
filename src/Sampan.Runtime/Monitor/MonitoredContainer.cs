using Sampan.Kernel;

namespace Sampan.Runtime.Monitor;

/// <summary>
/// What a monitor holds of its container: descriptors alone, so that it can be handed over to the slim watch stage by number across execve(2), which
/// keeps the process, its child and its lock.
/// </summary>
internal sealed class MonitoredContainer : IDisposable
{
    private static readonly string[] s_streams = ["stdin", "stdout", "stderr", "console", "oom", "listener", "lock", "log"];

    public required MonitorSettings Settings { get; init; }

    public required ProcessEnd Process { get; init; }

    public required FileDescriptor Lock { get; init; }

    public required FileDescriptor Listener { get; init; }

    public required LogWriter Log { get; init; }

    public FileDescriptor? Stdin { get; set; }

    public FileDescriptor? Stdout { get; set; }

    public FileDescriptor? Stderr { get; set; }

    public FileDescriptor? Console { get; set; }

    public FileDescriptor? Oom { get; set; }

    public List<MonitorClient> Clients { get; } = [];

    /// <summary>Whether nothing is on its way, so that handing over loses nothing but what the words carry.</summary>
    public bool IsQuiet => !Clients.Exists(static client => client.IsBehind);

    /// <summary>The words with which the watch stage takes over; every descriptor they name is left open for it.</summary>
    public List<string> HandOver()
    {
        Settings.Set("pid", Process.Pid);
        Settings.Set("start-time", (long)Process.StartTime);
        Settings.Set("started", Process.Started.UtcTicks);
        FileDescriptor?[] files = [Stdin, Stdout, Stderr, Console, Oom, Listener, Lock, Log.File];
        for (int i = 0; i < files.Length; i++)
        {
            if (files[i] is { } file)
                Settings.Set($"{s_streams[i]}-fd", Keep(file));
        }
        Settings.Set("pid-fd", Keep(Process.PidFd));
        _ = Clients.RemoveAll(static client => client.IsClosed);
        for (int i = 0; i < Clients.Count; i++)
            Settings.Set($"client-{i}-fd", $"{Keep(Clients[i].Socket)}{(Clients[i].Attached ? "+" : "")}");
        for (int stream = 0; stream < 2; stream++)
        {
            if (Log.Partial(stream).Length > 0)
                Settings.Set($"partial-{stream}", Convert.ToHexString(Log.Partial(stream)));
        }
        return Settings.ToWords();
    }

    /// <summary>Takes over what <see cref="HandOver"/> left.</summary>
    public static MonitoredContainer TakeOver(MonitorSettings settings)
    {
        var container = new MonitoredContainer
        {
            Settings = settings,
            Process = new ProcessEnd
            {
                Pid = (int)settings.Number("pid"),
                StartTime = (ulong)settings.Number("start-time"),
                Started = new DateTimeOffset(settings.Number("started"), TimeSpan.Zero),
                PidFd = Take(settings, "pid-fd")!,
            },
            Stdin = Take(settings, "stdin-fd"),
            Stdout = Take(settings, "stdout-fd"),
            Stderr = Take(settings, "stderr-fd"),
            Console = Take(settings, "console-fd"),
            Oom = Take(settings, "oom-fd"),
            Listener = Take(settings, "listener-fd")!,
            Lock = Take(settings, "lock-fd")!,
            Log = new LogWriter(Take(settings, "log-fd")!),
        };
        for (int i = 0; settings.Optional($"client-{i}-fd") is { } text; i++)
        {
            bool attached = text.EndsWith('+');
            var socket = new FileDescriptor(int.Parse(text.AsSpan().TrimEnd('+'), System.Globalization.CultureInfo.InvariantCulture));
            Syscalls.SetCloseOnExec(socket, true);
            container.Clients.Add(new MonitorClient(socket, attached));
        }
        for (int stream = 0; stream < 2; stream++)
        {
            if (settings.Optional($"partial-{stream}") is { } partial)
                container.Log.Write(stream, Convert.FromHexString(partial));
        }
        return container;
    }

    public void Dispose()
    {
        foreach (FileDescriptor? file in (FileDescriptor?[])[Stdin, Stdout, Stderr, Console, Oom, Listener, Process.PidFd])
            file?.Dispose();
        Log.Dispose();
    }

    private static int Keep(FileDescriptor file)
    {
        Syscalls.SetCloseOnExec(file, false);
        return file.Number;
    }

    private static FileDescriptor? Take(MonitorSettings settings, string key)
    {
        if (settings.Number(key) is not (>= 0 and var number))
            return null;
        var file = new FileDescriptor((int)number);
        Syscalls.SetCloseOnExec(file, true);
        return file;
    }
}

/// <summary>The container's first process, as the monitor knows it.</summary>
internal sealed class ProcessEnd
{
    public required int Pid { get; init; }

    public required ulong StartTime { get; init; }

    public required DateTimeOffset Started { get; init; }

    public required FileDescriptor PidFd { get; init; }
}
