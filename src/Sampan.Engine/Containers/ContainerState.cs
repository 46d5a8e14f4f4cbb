using System.Text.Json;
using Sampan.Kernel;
using Sampan.Oci;

namespace Sampan.Engine.Containers;

/// <summary>What a container does, in Docker's words.</summary>
public enum ContainerStatus
{
    /// <summary>Made, and not started or not startable.</summary>
    Created,

    /// <summary>Its first process runs.</summary>
    Running,

    /// <summary>It has ended.</summary>
    Exited,
}

/// <summary>
/// How a container is, from <c>state.json</c> and the truth: a file that says "running" counts only while the monitor holds its lock; when the
/// monitor is gone, the process itself is asked, and <see cref="MonitorLost"/> is set.
/// </summary>
public sealed record ContainerState
{
    /// <summary>What it does.</summary>
    public ContainerStatus Status { get; init; }

    /// <summary>The host's number of its first process, 0 when it does not run.</summary>
    public int Pid { get; init; }

    /// <summary>When it started, in clock ticks since boot: with the pid, it names one process for ever.</summary>
    public ulong StartTime { get; init; }

    /// <summary>When it started.</summary>
    public DateTimeOffset? Started { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? Finished { get; init; }

    /// <summary>Its exit code, or 128 plus the signal.</summary>
    public int ExitCode { get; init; }

    /// <summary>Whether the kernel's OOM killer ended a process of it.</summary>
    public bool OomKilled { get; init; }

    /// <summary>Why it could not be started.</summary>
    public string Error { get; init; } = "";

    /// <summary>Whether its monitor was killed: its output is lost from then on, and "rm -f" cleans up.</summary>
    public bool MonitorLost { get; init; }

    /// <summary>Reads the state of the container in <paramref name="directory"/>.</summary>
    internal static ContainerState Read(FileDescriptor directory)
    {
        ContainerState state = ReadFile(directory);
        if (state.Status != ContainerStatus.Running || IsMonitored(directory))
            return state;
        state = ReadFile(directory); // the monitor may have written the end and gone between the two looks
        if (state.Status != ContainerStatus.Running)
            return state;
        bool alive = ProcStat.TryRead(state.Pid, out ProcStat stat) && stat.StartTime == state.StartTime && !stat.IsDead;
        return alive
            ? state with { MonitorLost = true }
            : state with { Status = ContainerStatus.Exited, Pid = 0, ExitCode = 255, MonitorLost = true, Error = "the monitor was killed, so nobody saw how the container ended" };
    }

    /// <summary>Whether a monitor holds the container's lock.</summary>
    internal static bool IsMonitored(FileDescriptor directory)
    {
        if (Syscalls.TryOpenAt(directory, "monitor.lock", OpenFlags.ReadOnly, 0, out FileDescriptor? file) != Errno.None)
            return false;
        using (file)
            return !Syscalls.FLock(file!, LockKind.Shared, wait: false);
    }

    /// <summary>Takes the lock that a monitor would need, so that none can start.</summary>
    /// <param name="directory">The container's directory.</param>
    /// <param name="gate">The lock until it is disposed of; null where there is no directory, or no room on its disk, to lock in.</param>
    /// <returns>False where a monitor has it.</returns>
    internal static bool TryLockOutMonitor(string directory, out FileDescriptor? gate)
    {
        Errno error = Syscalls.TryOpenAt(Syscalls.WorkingDirectory, Path.Combine(directory, "monitor.lock"), OpenFlags.ReadWrite | OpenFlags.Create | OpenFlags.NoFollow, 0x180, out gate);
        if (error != Errno.None || Syscalls.FLock(gate!, LockKind.Exclusive, wait: false))
            return true;
        gate!.Dispose();
        gate = null;
        return false;
    }

    private static ContainerState ReadFile(FileDescriptor directory)
    {
        if (Syscalls.TryOpenAt(directory, "state.json", OpenFlags.ReadOnly, 0, out FileDescriptor? file) != Errno.None)
            return new ContainerState();
        byte[] content = new byte[64 * 1024];
        int length;
        using (file)
            length = Syscalls.Read(file!, content);
        try
        {
            using JsonDocument document = JsonDocument.Parse(content.AsMemory(0, length));
            return Parse(document.RootElement);
        }
        catch (Exception damaged) when (JsonFault.Is(damaged))
        {
            // As after a power cut, which nothing outlives; the runtime's own state, which "rm" asks, knows of a process that does.
            return new ContainerState { Status = ContainerStatus.Exited, ExitCode = 255, MonitorLost = true, Error = $"state.json is damaged ({JsonFault.Describe(damaged)}), so nobody knows how the container ended" };
        }
    }

    private static ContainerState Parse(JsonElement json)
    {
        ContainerStatus status = json.GetProperty("status").GetString() switch
        {
            "running" => ContainerStatus.Running,
            "exited" => ContainerStatus.Exited,
            _ => ContainerStatus.Created,
        };
        return new ContainerState
        {
            Status = status,
            Pid = status == ContainerStatus.Running ? json.GetProperty("pid").GetInt32() : 0,
            StartTime = json.GetProperty("startTime").GetUInt64(),
            Started = json.TryGetProperty("started", out JsonElement started) ? started.GetDateTimeOffset() : null,
            Finished = json.TryGetProperty("finished", out JsonElement finished) ? finished.GetDateTimeOffset() : null,
            ExitCode = json.GetProperty("exitCode").GetInt32(),
            OomKilled = json.GetProperty("oomKilled").GetBoolean(),
            Error = json.TryGetProperty("error", out JsonElement error) ? error.GetString() ?? "" : "",
        };
    }
}
