using System.Globalization;
using System.Text;
using Sampan.Kernel;
using Sampan.Runtime.State;

namespace Sampan.Runtime.Sessions;

/// <summary>
/// sd_notify(3) for a container: a datagram socket in a directory of its own, which the container sees as /run/notify. Its READY=1 is passed
/// on to the service manager from here, with the container's pid as MAINPID, because the manager believes only processes of the unit and
/// knows pids only of its own namespace. Nothing else that a container writes is passed on.
/// </summary>
/// <remarks>
/// The directory is <c>@notify/ID</c> in the state root: made before create, removed by <see cref="Remove"/>; "@" is no character of an id.
/// </remarks>
public sealed class NotifyProxy : IDisposable
{
    private const int BarrierMilliseconds = 30_000; // as long as runc waits

    private readonly string _host;

    private NotifyProxy(FileDescriptor socket, string host)
    {
        Descriptor = socket;
        _host = host;
    }

    /// <summary>The socket; readable while a message waits.</summary>
    public FileDescriptor Descriptor { get; }

    /// <summary>Whether a message waits.</summary>
    public bool HasMessage => Syscalls.Poll(Descriptor, PollEvents.In, 0) != PollEvents.None;

    /// <summary>The service manager's socket: $NOTIFY_SOCKET, or null where nobody waits to be notified.</summary>
    public static string? HostSocket => Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is { Length: > 0 } path ? path : null;

    /// <summary>The path that the proxy of a container binds; its directory is what the container is given.</summary>
    public static string SocketPath(StateRoot root, ContainerId id) => $"{root.Path}/@notify/{id}/notify.sock";

    /// <summary>Makes the directory of the socket.</summary>
    /// <exception cref="KernelException">It cannot be made.</exception>
    public static void MakeDirectory(StateRoot root, ContainerId id)
    {
        using FileDescriptor directory = root.OpenOrMake();
        foreach (string path in new[] { "@notify", $"@notify/{id}" })
        {
            Errno error = Syscalls.TryMkDirAt(directory, path, 0x1c9); // 0711: the container's user has to find the socket in it
            if (error is not (Errno.None or Errno.EEXIST))
                throw new KernelException($"mkdirat(\"{root.Path}/{path}\", 0711)", error);
        }
    }

    /// <summary>Binds the socket, writable by whichever user the container runs as.</summary>
    /// <exception cref="KernelException">It cannot be bound.</exception>
    public static NotifyProxy Bind(StateRoot root, ContainerId id, string host)
    {
        string path = SocketPath(root, id);
        _ = Syscalls.TryUnlinkAt(Syscalls.WorkingDirectory, path);
        uint before = Syscalls.Umask(0);
        try
        {
            return new NotifyProxy(UnixSocket.Bind(path, SocketKind.Datagram, nonBlocking: true), host);
        }
        finally
        {
            _ = Syscalls.Umask(before);
        }
    }

    /// <summary>Removes the directory of a container's socket, where it has one.</summary>
    public static void Remove(StateRoot root, ContainerId id)
    {
        string path = SocketPath(root, id);
        _ = Syscalls.TryUnlinkAt(Syscalls.WorkingDirectory, path);
        _ = Syscalls.TryUnlinkAt(Syscalls.WorkingDirectory, Path.GetDirectoryName(path)!, removeDirectory: true);
    }

    /// <summary>Takes one message and passes READY=1 on. Returns true where that was in it.</summary>
    public bool Forward(int pid)
    {
        Span<byte> message = stackalloc byte[4096];
        int length = Syscalls.TryRead(Descriptor, message);
        if (length <= 0 || !IsReady(message[..length]))
            return false;
        string text = string.Create(CultureInfo.InvariantCulture, $"READY=1\nMAINPID={pid}\n");
        _ = UnixSocket.SendDatagram(_host, Encoding.ASCII.GetBytes(text), allowAbstract: true);
        Barrier();
        return true;
    }

    /// <summary>Waits until the container has said that it is ready, or has ended.</summary>
    public void WaitUntilReady(int pid, FileDescriptor pidFd)
    {
        Span<PollDescriptor> entries = stackalloc PollDescriptor[2];
        while (true)
        {
            entries[0] = new PollDescriptor(Descriptor, PollEvents.In);
            entries[1] = new PollDescriptor(pidFd, PollEvents.In);
            _ = Syscalls.Poll(entries, -1);
            if ((entries[0].Returned != 0 && Forward(pid)) || entries[1].Returned != 0)
                return;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Descriptor.Dispose();

    private static bool IsReady(ReadOnlySpan<byte> message)
    {
        while (message.Length > 0)
        {
            int end = message.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? message : message[..end];
            if (line.StartsWith("READY=1"u8))
                return true;
            message = end < 0 ? default : message[(end + 1)..];
        }

        return false;
    }

    /// <summary>sd_notify_barrier(3): the manager closes the descriptor when it has read everything before it; until then we must not end, or it could not tell who we were.</summary>
    private void Barrier()
    {
        (FileDescriptor read, FileDescriptor write) = Syscalls.Pipe();
        using (read)
        {
            Errno sent;
            using (write)
                sent = UnixSocket.SendDatagram(_host, "BARRIER=1"u8, allowAbstract: true, write);
            if (sent == Errno.None)
                _ = Syscalls.Poll(read, PollEvents.In, BarrierMilliseconds);
        }
    }
}
