using System.Buffers.Binary;
using System.Text;
using Sampan.Kernel;
using Sampan.Runtime.State;

namespace Sampan.Runtime.Monitor;

/// <summary>
/// The first stage of a monitor: makes the container, starts it, tells the client, and watches it for its first moments. A container that lives
/// longer is handed to the watch stage, which is the same process after an execve(2) and has none of this stage's memory.
/// <para>
/// Life cycle of what it leaves: the lock <c>monitor.lock</c> is held as long as the monitor lives, through both stages; a state file that says
/// "running" beside a free lock tells that the monitor was killed, and the next command can clean up.
/// </para>
/// </summary>
public static class MonitorStart
{
    private const int ControlDescriptor = 3;

    private const int HandOverAfter = 300;

    /// <summary>The verb <c>monitor</c>. The client's socket is descriptor 3.</summary>
    /// <returns>The exit status: 0 when the container could be started.</returns>
    public static int Run(IReadOnlyList<string> words)
    {
        var control = new FileDescriptor(ControlDescriptor);
        Syscalls.SetCloseOnExec(control, true);
        _ = Syscalls.TryCloseRange(ControlDescriptor + 1, closeOnExec: true);
        MonitorClient? client = null;
        try
        {
            var settings = new MonitorSettings(words);
            client = new MonitorClient(control, settings.Attach);
            Syscalls.ChDir("/");
            _ = Syscalls.Umask(0x12);
            Syscalls.SetChildSubreaper(true);
            MonitoredContainer container = Start(settings);
            Syscalls.SetChildSubreaper(false);
            container.Clients.Add(client);
            Watch(container);
            return 0;
        }
        catch (Exception error) when (error is RuntimeException or KernelException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            client?.Send([(byte)MonitorMessage.Failed, KindOf(error), .. Encoding.UTF8.GetBytes(error.Message)]);
            return 1;
        }
    }

    private static byte KindOf(Exception error) => (error as RuntimeException)?.Kind switch
    {
        RuntimeErrorKind.ExecutableNotFound => 1,
        RuntimeErrorKind.ExecutableNotAllowed => 2,
        _ => 0,
    };

    private static void Watch(MonitoredContainer container)
    {
        Span<byte> started = stackalloc byte[5];
        started[0] = (byte)MonitorMessage.Started;
        BinaryPrimitives.WriteInt32LittleEndian(started[1..], container.Process.Pid);
        container.Clients[0].Send(started);
        if (new MonitorLoop(container).Run(HandOverAfter) is { } status)
        {
            MonitorEnd.Run(container, status);
            return;
        }
        List<string> words = ["sampan-runtime", "monitor-watch", .. container.HandOver()];
        Syscalls.ExecVe("/proc/self/exe", words, ["PATH=" + Environment.GetEnvironmentVariable("PATH")]);
    }

    private static MonitoredContainer Start(MonitorSettings settings)
    {
        using FileDescriptor directory = Syscalls.Open(settings.Directory, OpenFlags.Directory | OpenFlags.ReadOnly);
        FileDescriptor lockFile = Syscalls.OpenAt(directory, "monitor.lock", OpenFlags.ReadWrite | OpenFlags.Create, 0x180);
        if (!Syscalls.FLock(lockFile, LockKind.Exclusive, wait: false))
            throw new RuntimeException($"the container {settings.Id} has a monitor already, or its files are being copied; try again", RuntimeErrorKind.WrongState);
        string socketPath = Path.Combine(settings.RunDirectory, "monitor.sock");
        _ = Syscalls.TryUnlinkAt(Syscalls.WorkingDirectory, socketPath);
        IOciRuntime oci = OciRuntime.For(settings);
        using var streams = ContainerStreams.Open(settings);
        bool created = false;
        try
        {
            int pid = oci.Create(settings, streams);
            created = true;
            var container = new MonitoredContainer
            {
                Settings = settings,
                Process = new ProcessEnd { Pid = pid, StartTime = ProcessIdentity.Of(pid).StartTime, Started = TimeProvider.System.GetUtcNow(), PidFd = Syscalls.PidFdOpen(pid) },
                Lock = lockFile,
                Listener = UnixSocket.Bind(socketPath, SocketKind.SequencedPacket, nonBlocking: true),
                Log = new LogWriter(Syscalls.OpenAt(directory, "log.json", OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Append, 0x180)),
                Oom = OomCounter.Open(pid),
            };
            streams.GiveTo(container);
            new MonitorRecord { Status = "running", Pid = pid, StartTime = container.Process.StartTime, Started = container.Process.Started }.Save(directory, durable: false);
            oci.Start(settings.Id);
            return container;
        }
        catch (Exception error)
        {
            if (created)
                Undo(settings, oci);
            new MonitorRecord { Status = "created", ExitCode = 128, Error = error.Message }.Save(directory, durable: false);
            MonitorEnd.Unmount(settings);
            throw;
        }
    }

    private static void Undo(MonitorSettings settings, IOciRuntime oci)
    {
        try
        {
            oci.Delete(settings.Id, force: true);
        }
        catch (RuntimeException)
        {
            // The first failure is the one to tell; "rm -f" deletes again.
        }
    }
}
