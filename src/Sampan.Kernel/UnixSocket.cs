using System.Text;

namespace Sampan.Kernel;

/// <summary>
/// Unix sockets by path (unix(7)). The kernel's address has room for 107 bytes; a longer path is reached through a descriptor of its
/// directory, as <c>/proc/self/fd/N/name</c>. An abstract address is written with a leading <c>@</c> and only taken where it is allowed:
/// anyone in the network namespace can reach or take such a name (CVE-2020-15257).
/// </summary>
public static class UnixSocket
{
    private const int Family = 1;

    /// <summary>The longest path that fits into an address, without its NUL.</summary>
    public const int MaxPathBytes = 107;

    /// <summary>Connects to the socket at <paramref name="path"/>.</summary>
    /// <param name="path">The socket's path, or <c>@name</c>.</param>
    /// <param name="kind">Stream, datagram or sequenced packets.</param>
    /// <param name="allowAbstract">Whether <c>@name</c> is an abstract address; else it is refused.</param>
    /// <exception cref="KernelException">The call failed; ECONNREFUSED where nobody listens.</exception>
    /// <exception cref="ArgumentException">An abstract address where none is allowed.</exception>
    public static FileDescriptor Connect(string path, SocketKind kind, bool allowAbstract = false)
    {
        Errno error = TryConnect(path, kind, allowAbstract, out FileDescriptor? socket);
        return socket ?? throw new KernelException($"connect(\"{path}\")", error);
    }

    /// <summary>As <see cref="Connect"/>, but returns the error of the kernel.</summary>
    /// <exception cref="ArgumentException">An abstract address where none is allowed.</exception>
    public static Errno TryConnect(string path, SocketKind kind, bool allowAbstract, out FileDescriptor? socket)
    {
        RefuseAbstract(path, allowAbstract);
        socket = Syscalls.Socket(Family, kind);
        Errno error;
        FileDescriptor? anchor = null;
        try
        {
            // The socket file itself may be the anchor here: connect follows the magic link of an O_PATH descriptor.
            string reachable = path;
            if (IsTooLong(path))
            {
                Errno opened = Syscalls.TryOpenAt(Syscalls.WorkingDirectory, path, OpenFlags.Path, 0, out anchor);
                if (anchor is null)
                {
                    socket.Dispose();
                    socket = null;
                    return opened;
                }

                reachable = anchor.ProcPath;
            }

            error = Syscalls.TryConnect(socket, Address(reachable));
        }
        finally
        {
            anchor?.Dispose();
        }

        if (error != Errno.None)
        {
            socket.Dispose();
            socket = null;
        }

        return error;
    }

    /// <summary>Binds a socket at <paramref name="path"/>, which must not exist, and for streams and sequenced packets listens.</summary>
    /// <exception cref="KernelException">The call failed; EADDRINUSE where the path exists.</exception>
    /// <exception cref="ArgumentException">An abstract address where none is allowed, or a file name too long for any address.</exception>
    public static FileDescriptor Bind(string path, SocketKind kind, bool allowAbstract = false, bool nonBlocking = false)
    {
        RefuseAbstract(path, allowAbstract);
        FileDescriptor? directory = null;
        FileDescriptor socket = Syscalls.Socket(Family, kind, 0, nonBlocking);
        try
        {
            string reachable = path;
            if (IsTooLong(path))
            {
                directory = Syscalls.Open(Path.GetDirectoryName(path) is { Length: > 0 } parent ? parent : ".", OpenFlags.Path | OpenFlags.Directory);
                reachable = $"{directory.ProcPath}/{Path.GetFileName(path)}";
                if (IsTooLong(reachable))
                    throw new ArgumentException($"the socket's file name is too long: {path}; choose one of at most 80 bytes");
            }

            Errno error = Syscalls.TryBind(socket, Address(reachable));
            if (error != Errno.None)
                throw new KernelException($"bind(\"{path}\")", error);
            if (kind != SocketKind.Datagram)
                Syscalls.Listen(socket);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
        finally
        {
            directory?.Dispose();
        }
    }

    /// <summary>Sends one datagram to the socket at <paramref name="path"/>, as sd_notify(3) does to <c>$NOTIFY_SOCKET</c>, with descriptors beside it.</summary>
    /// <returns>The kernel's error; ECONNREFUSED or ENOENT where nobody receives.</returns>
    /// <exception cref="ArgumentException">An abstract address where none is allowed.</exception>
    public static Errno SendDatagram(string path, ReadOnlySpan<byte> message, bool allowAbstract, params ReadOnlySpan<FileDescriptor> descriptors)
    {
        Errno error = TryConnect(path, SocketKind.Datagram, allowAbstract, out FileDescriptor? socket);
        using (socket)
        {
            return socket is null ? error : Syscalls.TrySendMsg(socket, message, descriptors, out _);
        }
    }

    private static bool IsTooLong(string path) => path[0] != '@' && Encoding.UTF8.GetByteCount(path) > MaxPathBytes;

    private static void RefuseAbstract(string path, bool allowed)
    {
        if (path.Length == 0)
            throw new ArgumentException("a unix socket needs a path");
        if (path[0] == '@' && !allowed)
            throw new ArgumentException($"the socket address {path} is abstract, which any process in the network namespace can reach; give a path in the file system");
        if (path.Contains('\0', StringComparison.Ordinal))
            throw new ArgumentException("a socket's path must not contain a NUL character");
    }

    private static byte[] Address(string path)
    {
        int length = Encoding.UTF8.GetByteCount(path);
        bool isAbstract = path[0] == '@';
        byte[] address = new byte[2 + length + (isAbstract ? 0 : 1)];
        address[0] = Family;
        _ = Encoding.UTF8.GetBytes(path, address.AsSpan(2));
        if (isAbstract)
            address[2] = 0;
        return address;
    }
}
