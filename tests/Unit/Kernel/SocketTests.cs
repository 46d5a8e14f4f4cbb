using Sampan.Kernel;

namespace Sampan.Tests.Unit.Kernel;

public sealed class SocketTests
{
    [Theory]
    [InlineData(SocketKind.Stream)]
    [InlineData(SocketKind.SequencedPacket)]
    public void DescriptorsArriveCloseOnExecAndUsable(SocketKind kind)
    {
        var (first, second) = Syscalls.SocketPair(kind);
        using (first)
        using (second)
        {
            var (read, write) = Syscalls.Pipe();
            using (read)
            using (write)
                Assert.Equal(4, Syscalls.SendMsg(first, "name"u8, read, write));
            Span<byte> buffer = stackalloc byte[16];
            ReceivedMessage message = Syscalls.RecvMsg(second, buffer, 2);
            Assert.Equal("name"u8, buffer[..message.Length]);
            Assert.Equal(2, message.Descriptors.Length);
            using FileDescriptor end = message.Descriptors[0], start = message.Descriptors[1];
            Syscalls.WriteAll(start, "through"u8);
            Assert.Equal(7, Syscalls.Read(end, buffer));
            Assert.Contains("02", File.ReadLines($"/proc/self/fdinfo/{end.Number}").First(l => l.StartsWith("flags:", StringComparison.Ordinal))[6..].Trim()[..2], StringComparison.Ordinal);
        }
    }

    [Fact]
    public void MoreDescriptorsThanAskedForAreClosedAndAnError()
    {
        var (first, second) = Syscalls.SocketPair(SocketKind.Stream);
        using (first)
        using (second)
        {
            var (read, write) = Syscalls.Pipe();
            using (write)
            {
                using (read)
                    Syscalls.SendMsg(first, "x"u8, read, read, read);
                byte[] buffer = new byte[4];
                Assert.Equal(Errno.EMSGSIZE, Syscalls.TryRecvMsg(second, buffer, 1, out _));

                // All copies of the reading end are closed, so the writer learns that nobody reads.
                Assert.Equal(PollEvents.Error, Syscalls.Poll(write, PollEvents.None, 2000));
            }
        }
    }

    [Fact]
    public void DatagramLongerThanTheBufferIsMarked()
    {
        var (first, second) = Syscalls.SocketPair(SocketKind.SequencedPacket);
        using (first)
        using (second)
        {
            Syscalls.SendMsg(first, "0123456789"u8);
            ReceivedMessage message = Syscalls.RecvMsg(second, new byte[4]);
            Assert.True(message.Truncated);
            Assert.Equal(4, message.Length);
        }
    }

    [Fact]
    public void LostReaderIsAnErrorAndNoSignal()
    {
        var (first, second) = Syscalls.SocketPair(SocketKind.Stream);
        second.Dispose();
        using (first)
            Assert.Equal(Errno.EPIPE, Syscalls.TrySendMsg(first, "x"u8, [], out _));
    }

    [Theory]
    [InlineData(10, SocketKind.Stream)]
    [InlineData(107, SocketKind.SequencedPacket)]
    [InlineData(108, SocketKind.Stream)]
    [InlineData(400, SocketKind.SequencedPacket)]
    public void PathOfAnyLengthIsListenedAtAndConnectedTo(int length, SocketKind kind)
    {
        using var directory = new TestDirectory();
        string path = LongPath(directory, length);
        using FileDescriptor server = UnixSocket.Bind(path, kind);
        using FileDescriptor client = UnixSocket.Connect(path, kind);
        using FileDescriptor connection = Syscalls.Accept(server)!;
        Assert.Equal(new PeerCredentials(Environment.ProcessId, Syscalls.GetEuid(), Syscalls.GetEgid()), Syscalls.GetPeerCredentials(connection));
        Assert.Equal(Errno.EADDRINUSE, Assert.Throws<KernelException>(() => UnixSocket.Bind(path, kind)).Errno);
    }

    [Theory]
    [InlineData(20)]
    [InlineData(300)]
    public void NotificationIsSentAsOneDatagram(int length)
    {
        using var directory = new TestDirectory();
        string path = LongPath(directory, length);
        Assert.Equal(Errno.ENOENT, UnixSocket.SendDatagram(path, "READY=1"u8, allowAbstract: false));
        using (FileDescriptor server = UnixSocket.Bind(path, SocketKind.Datagram))
        {
            Assert.Equal(Errno.None, UnixSocket.SendDatagram(path, "READY=1"u8, allowAbstract: false, server));
            Span<byte> buffer = stackalloc byte[32];
            ReceivedMessage message = Syscalls.RecvMsg(server, buffer, 1);
            Assert.Equal("READY=1"u8, buffer[..message.Length]);
            Assert.Single(message.Descriptors).Dispose();
        }

        Assert.Equal(Errno.ECONNREFUSED, UnixSocket.SendDatagram(path, "READY=1"u8, allowAbstract: false));
    }

    [Fact]
    public void AbstractAddressIsTakenOnlyWhereAllowed()
    {
        string name = $"@sampan-test-{Environment.ProcessId}";
        Assert.Throws<ArgumentException>(() => UnixSocket.Bind(name, SocketKind.Stream));
        Assert.Throws<ArgumentException>(() => UnixSocket.Connect(name, SocketKind.Stream));
        Assert.Throws<ArgumentException>(() => UnixSocket.SendDatagram(name, "x"u8, allowAbstract: false));
        using FileDescriptor server = UnixSocket.Bind(name, SocketKind.Stream, allowAbstract: true);
        using FileDescriptor client = UnixSocket.Connect(name, SocketKind.Stream, allowAbstract: true);
        Assert.Contains(name, File.ReadAllText("/proc/net/unix"), StringComparison.Ordinal);
    }

    [Fact]
    public void NonBlockingServerWithoutCallersAcceptsNobody()
    {
        using var directory = new TestDirectory();
        using FileDescriptor server = UnixSocket.Bind(directory["s"], SocketKind.Stream, nonBlocking: true);
        Assert.Null(Syscalls.Accept(server));
        Assert.Throws<ArgumentException>(() => UnixSocket.Bind(directory[new string('x', 200)], SocketKind.Stream));
    }

    private static string LongPath(TestDirectory directory, int length)
    {
        string path = directory.Path;
        while (length - path.Length > 60)
            Directory.CreateDirectory(path = Path.Combine(path, new string('d', 40)));
        return path + "/" + new string('s', Math.Max(1, length - path.Length - 1));
    }
}
