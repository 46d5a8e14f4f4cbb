using Sampan.Kernel;

namespace Sampan.Tests.Unit.Kernel;

public sealed class EventTests
{
    [Fact]
    public void PollFindsWhatIsReadyAndPassesOverNull()
    {
        var (read, write) = Syscalls.Pipe();
        using (read)
        {
            Assert.Equal(PollEvents.None, Syscalls.Poll(read, PollEvents.In, 0));
            Syscalls.WriteAll(write, "x"u8);
            PollDescriptor[] all = [new(null, PollEvents.In), new(read, PollEvents.In), new(write, PollEvents.Out)];
            Assert.Equal(2, Syscalls.Poll(all, -1));
            Assert.Equal([PollEvents.None, PollEvents.In, PollEvents.Out], all.Select(d => d.Returned));
            write.Dispose();
            Assert.Equal(PollEvents.In | PollEvents.HangUp, Syscalls.Poll(read, PollEvents.In, 1000));
        }
    }

    [Fact]
    public void EpollGivesBackTheData()
    {
        using FileDescriptor epoll = Syscalls.EpollCreate();
        using FileDescriptor first = Syscalls.EventFd(), second = Syscalls.EventFd();
        Syscalls.EpollCtl(epoll, EpollOperation.Add, first, PollEvents.In, 0x1122334455667788);
        Syscalls.EpollCtl(epoll, EpollOperation.Add, second, PollEvents.In, ulong.MaxValue);
        Span<EpollEvent> events = stackalloc EpollEvent[4];
        Assert.Equal(0, Syscalls.EpollWait(epoll, events, 0));
        Syscalls.EventFdAdd(first, 3);
        Assert.Equal(1, Syscalls.EpollWait(epoll, events, 1000));
        Assert.Equal(new EpollEvent(PollEvents.In, 0x1122334455667788), events[0]);
        Syscalls.EventFdAdd(second, 1);
        Assert.Equal(2, Syscalls.EpollWait(epoll, events, 1000));
        Syscalls.EpollCtl(epoll, EpollOperation.Delete, first);
        Assert.Equal(1, Syscalls.EpollWait(epoll, events, 1000));
        Assert.Equal(ulong.MaxValue, events[0].Data);
    }

    [Fact]
    public void EventFdCountsAndIsEmptiedByReading()
    {
        using FileDescriptor counter = Syscalls.EventFd(2);
        Syscalls.EventFdAdd(counter, 5);
        Assert.Equal(7UL, Syscalls.ReadCounter(counter));
        Assert.Equal(0UL, Syscalls.ReadCounter(counter));
    }

    [Fact]
    public void TimerRingsAgainAndAgainUntilStopped()
    {
        using FileDescriptor timer = Syscalls.TimerFdCreate();
        Syscalls.TimerFdSetTime(timer, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1));
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal(PollEvents.In, Syscalls.Poll(timer, PollEvents.In, 5000));
            Assert.True(Syscalls.ReadCounter(timer) >= 1);
        }

        Syscalls.TimerFdSetTime(timer, TimeSpan.Zero);
        Assert.Equal(PollEvents.None, Syscalls.Poll(timer, PollEvents.In, 20));
    }

    [Fact]
    public void InotifyReportsNames()
    {
        using var directory = new TestDirectory();
        using FileDescriptor inotify = Syscalls.InotifyInit();
        int watch = Syscalls.InotifyAddWatch(inotify, directory.Path, InotifyEvents.Create | InotifyEvents.Delete);
        var events = new List<InotifyEvent>();
        Syscalls.ReadInotify(inotify, events);
        Assert.Empty(events);
        File.WriteAllText(directory["a file"], "");
        File.Delete(directory["a file"]);
        Syscalls.ReadInotify(inotify, events);
        Assert.Equal([new InotifyEvent(watch, InotifyEvents.Create, 0, "a file"), new InotifyEvent(watch, InotifyEvents.Delete, 0, "a file")], events);
    }

    [Fact]
    public void BlockedSignalIsReadFromItsDescriptor()
    {
        // A signal to this very thread, which blocks it: nobody else can take it.
        const int SigUsr2 = 12;
        SignalSet usr2 = SignalSet.Of(SigUsr2);
        SignalSet before = Syscalls.SigProcMask(SignalMaskChange.Block, usr2);
        try
        {
            using FileDescriptor signals = Syscalls.SignalFd(usr2);
            Assert.Null(Syscalls.ReadSignal(signals));
            Syscalls.TgKill(Environment.ProcessId, Syscalls.GetTid(), SigUsr2);
            Assert.Equal(PollEvents.In, Syscalls.Poll(signals, PollEvents.In, 5000));
            SignalInfo info = Syscalls.ReadSignal(signals)!.Value;
            Assert.Equal((SigUsr2, Environment.ProcessId), (info.Number, info.SenderPid));
        }
        finally
        {
            _ = Syscalls.SigProcMask(SignalMaskChange.Set, before);
        }

        Assert.Equal(before, Syscalls.SigProcMask(SignalMaskChange.Block, SignalSet.Empty));
    }

    [Fact]
    public void SignalSetsHoldTheirSignals()
    {
        SignalSet set = SignalSet.Of(Signal.Hup, Signal.RtMax);
        Assert.Equal(0x8000000000000001UL, set.Bits);
        Assert.True(set.Contains(1) && set.Contains(64) && !set.Contains(2));
    }
}
