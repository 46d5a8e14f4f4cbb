using System.Buffers.Binary;
using Sampan.Kernel;

namespace Sampan.Runtime.Monitor;

/// <summary>
/// What a monitor does when its container has ended: records how, has the runtime delete the rest, empties the pipes into log and clients, unmounts, removes
/// what was to be removed, and then tells the clients. A client that does not read is waited for last, when everything is done and the lock is free.
/// </summary>
internal static class MonitorEnd
{
    private const int MaxLateOutput = 1 << 20;

    private const int PatienceMilliseconds = 60_000;

    public static void Run(MonitoredContainer container, ExitStatus status)
    {
        MonitorSettings settings = container.Settings;
        bool oomKilled = OomCounter.Read(container.Oom) > 0;
        using (FileDescriptor directory = Syscalls.Open(settings.Directory, OpenFlags.Directory | OpenFlags.ReadOnly))
        {
            new MonitorRecord
            {
                Status = "exited",
                Started = container.Process.Started,
                Finished = TimeProvider.System.GetUtcNow(),
                ExitCode = status.ShellCode,
                OomKilled = oomKilled,
            }.Save(directory, durable: !settings.Remove);
        }
        IOciRuntime oci = OciRuntime.For(settings);
        try
        {
            oci.Delete(settings.Id, force: false);
        }
        catch (Exception error) when (error is RuntimeException or IOException)
        {
            DeleteByForce(oci, settings.Id);
        }
        var loop = new MonitorLoop(container);
        Drain(container, loop);
        container.Log.Flush();
        Unmount(settings);
        if (settings.Remove)
            Remove(settings);
        // The lock first: who sees the socket closed must find that the monitor is done.
        container.Lock.Dispose();
        loop.AcceptWaiting();
        container.Dispose();
        Tell(container, status.ShellCode);
    }

    /// <summary>Takes the container's file system away from its mount point.</summary>
    public static void Unmount(MonitorSettings settings)
    {
        if (settings.Mount is { } mount)
            _ = Syscalls.TryUmount2(mount, UnmountFlags.Detach);
    }

    private static void DeleteByForce(IOciRuntime oci, string id)
    {
        try
        {
            oci.Delete(id, force: true);
        }
        catch (Exception error) when (error is RuntimeException or IOException)
        {
            // What is left is seen by "ps" and removed by "rm -f".
        }
    }

    /// <summary>Reads what is still in the pipes. Who is left to write is outside the container's processes, and is not waited for.</summary>
    private static void Drain(MonitoredContainer container, MonitorLoop loop)
    {
        int packets = 0;
        while (packets < MaxLateOutput / 4096 && (loop.ReadStream(container.Console ?? container.Stdout, 0) | loop.ReadStream(container.Stderr, 1)))
            packets++;
    }

    private static void Remove(MonitorSettings settings)
    {
        try
        {
            RemoveDirectory(settings.Directory);
            RemoveDirectory(settings.RunDirectory);
            if (settings.NameFile is { } name)
                _ = Syscalls.TryUnlinkAt(Syscalls.WorkingDirectory, name);
        }
        catch (KernelException)
        {
            // What is left still holds the name; where its record is left too, "rm" tries again.
        }
    }

    private static void RemoveDirectory(string path)
    {
        using FileDescriptor parent = Syscalls.Open(Path.GetDirectoryName(path)!, OpenFlags.Directory | OpenFlags.ReadOnly);
        DirectoryTree.Remove(parent, Path.GetFileName(path));
    }

    private static void Tell(MonitoredContainer container, int exitCode)
    {
        Span<byte> message = stackalloc byte[5];
        message[0] = (byte)MonitorMessage.Exited;
        BinaryPrimitives.WriteInt32LittleEndian(message[1..], exitCode);
        foreach (MonitorClient client in container.Clients)
            client.Send(message);
        WaitForClients(container);
    }

    private static void WaitForClients(MonitoredContainer container)
    {
        foreach (MonitorClient client in container.Clients)
        {
            while (client.IsBehind && !client.IsClosed)
            {
                if ((Syscalls.Poll(client.Socket, PollEvents.Out, PatienceMilliseconds) & PollEvents.Out) == 0)
                    client.Close();
                else
                    client.SendWaiting();
            }
        }
    }
}
