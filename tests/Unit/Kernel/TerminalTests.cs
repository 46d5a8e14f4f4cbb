using System.Text;
using Sampan.Kernel;

namespace Sampan.Tests.Unit.Kernel;

public sealed class TerminalTests
{
    [Fact]
    public void PseudoTerminalIsATerminalAndAPipeIsNot()
    {
        using FileDescriptor master = Syscalls.OpenPtMaster();
        using FileDescriptor terminal = Syscalls.OpenPtPeer(master);
        Assert.True(Syscalls.IsTerminal(terminal));
        var (read, write) = Syscalls.Pipe();
        Assert.False(Syscalls.IsTerminal(read));
        Assert.Equal(Errno.ENOTTY, Assert.Throws<KernelException>(() => Syscalls.GetTerminalSettings(write)).Errno);
        read.Dispose();
        write.Dispose();
        Assert.Equal(Syscalls.StatAt(Syscalls.WorkingDirectory, Syscalls.PtsName(master)).Device, Syscalls.Stat(terminal).Device);
    }

    [Fact]
    public void NewlineIsTranslatedUntilThatIsSwitchedOff()
    {
        using FileDescriptor master = Syscalls.OpenPtMaster();
        using FileDescriptor terminal = Syscalls.OpenPtPeer(master);
        Assert.True(Syscalls.GetTerminalSettings(master).TranslatesNewline);
        Syscalls.WriteAll(terminal, "a\n"u8);
        Assert.Equal("a\r\n", Text(master));
        Syscalls.SetTerminalSettings(master, Syscalls.GetTerminalSettings(master).WithoutNewlineTranslation());
        Syscalls.WriteAll(terminal, "b\n"u8);
        Assert.Equal("b\n", Text(master));
    }

    [Fact]
    public void RawModePassesEveryByteAndIsTakenBack()
    {
        using FileDescriptor master = Syscalls.OpenPtMaster();
        using FileDescriptor terminal = Syscalls.OpenPtPeer(master);
        TerminalSettings before = Syscalls.GetTerminalSettings(terminal);
        Assert.True(before.IsCanonical && before.Echoes);
        Syscalls.SetTerminalSettings(terminal, before.WithRawMode());
        Syscalls.WriteAll(master, "\x03\x04\r"u8);
        Assert.Equal("\x03\x04\r", Text(terminal));
        Assert.Equal(PollEvents.None, Syscalls.Poll(master, PollEvents.In, 0));
        Syscalls.SetTerminalSettings(terminal, before);
        Assert.Equal(before, Syscalls.GetTerminalSettings(terminal));
    }

    [Fact]
    public void WindowSizeIsThatOfBothEnds()
    {
        using FileDescriptor master = Syscalls.OpenPtMaster();
        using FileDescriptor terminal = Syscalls.OpenPtPeer(master);
        Syscalls.SetWindowSize(master, new TerminalSize(33, 101));
        Assert.Equal(new TerminalSize(33, 101), Syscalls.GetWindowSize(terminal));
    }

    private static string Text(FileDescriptor file)
    {
        Span<byte> buffer = stackalloc byte[64];
        return Encoding.UTF8.GetString(buffer[..Syscalls.Read(file, buffer)]);
    }
}
