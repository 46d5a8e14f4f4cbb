using Sampan.Engine.Containers;
using Sampan.Kernel;

namespace Sampan.Tests.Integration.Engine;

public sealed class MonitorConnectionTests
{
    /// <summary>A key pressed, or a window resized, in the container's last moment must not turn its exit code into "the monitor was killed".</summary>
    [Fact]
    public void LastWordArrivesThoughOursWasNotRead()
    {
        (FileDescriptor ours, FileDescriptor monitor) = Syscalls.SocketPair(SocketKind.SequencedPacket);
        using var connection = new MonitorConnection(ours);
        connection.Send(MonitorMessage.Resize, [33, 0, 111, 0]);
        using (monitor)
            Assert.Equal(5, Syscalls.SendMsg(monitor, [(byte)MonitorMessage.Exited, 7, 0, 0, 0]));
        Assert.Equal(MonitorMessage.Exited, connection.Receive());
        Assert.Equal(7, connection.Number);
        Assert.Equal(MonitorMessage.None, connection.Receive());
    }
}
