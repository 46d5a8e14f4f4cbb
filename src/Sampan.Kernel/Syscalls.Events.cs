using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Sampan.Kernel;

public static unsafe partial class Syscalls
{
    private static int EpollEventSize => RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    /// <summary>
    /// rt_sigprocmask(2), of the calling thread; returns the mask before. The .NET runtime signals its own threads (it stops them for the
    /// collector): block all signals only for moments without allocation.
    /// </summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static SignalSet SigProcMask(SignalMaskChange change, SignalSet set)
    {
        ulong before;
        ulong bits = set.Bits;
        nint result = Call(SyscallNumbers.rt_sigprocmask, (nint)change, (nint)(&bits), (nint)(&before), sizeof(ulong));
        ThrowIfFailed(ToErrno(result), $"rt_sigprocmask({change}, 0x{set.Bits:x})");
        return new SignalSet(before);
    }

    /// <summary>rt_sigaction(2) with SIG_DFL: gives a signal its default action again, as SIGPIPE, which .NET ignores, needs before execve(2).</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void SigActionDefault(int signal)
    {
        ulong* action = stackalloc ulong[4] { 0, 0, 0, 0 };
        _ = Check(Call(SyscallNumbers.rt_sigaction, signal, (nint)action, 0, sizeof(ulong)), $"rt_sigaction({signal}, SIG_DFL)");
    }

    /// <summary>signalfd4(2): a descriptor from which blocked signals are read. They must be blocked in every thread, or another takes them.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static FileDescriptor SignalFd(SignalSet set, bool nonBlocking = true)
    {
        ulong bits = set.Bits;
        nint result = Call(SyscallNumbers.signalfd4, -1, (nint)(&bits), sizeof(ulong), (nint)(OpenFlags.CloseOnExec | (nonBlocking ? OpenFlags.NonBlocking : 0)));
        ThrowIfFailed(ToErrno(result), $"signalfd4(0x{set.Bits:x})");
        return new FileDescriptor((int)result);
    }

    /// <summary>One signal from a <see cref="SignalFd"/>; null where none waits in a non-blocking one.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static SignalInfo? ReadSignal(FileDescriptor signalFd)
    {
        const int Size = 128;
        Span<byte> info = stackalloc byte[Size];
        int length = TryRead(signalFd, info);
        if (length == -(int)Errno.EAGAIN)
            return null;
        _ = Check(length, $"read(signalfd {signalFd.Number})");
        return new SignalInfo(
            BinaryPrimitives.ReadInt32LittleEndian(info), BinaryPrimitives.ReadInt32LittleEndian(info[12..]),
            BinaryPrimitives.ReadUInt32LittleEndian(info[16..]), BinaryPrimitives.ReadInt32LittleEndian(info[8..]));
    }

    /// <summary>ppoll(2). A signal does not end the wait; the time left is kept.</summary>
    /// <param name="descriptors">What to wait for; each is given its result.</param>
    /// <param name="timeoutMilliseconds">At most this long; negative for ever.</param>
    /// <returns>How many descriptors have a result, 0 when the time was over.</returns>
    /// <exception cref="KernelException">The call failed.</exception>
    public static int Poll(Span<PollDescriptor> descriptors, int timeoutMilliseconds)
    {
        long* time = stackalloc long[2] { timeoutMilliseconds / 1000, timeoutMilliseconds % 1000 * 1_000_000L };
        fixed (PollDescriptor* first = descriptors)
        {
            return (int)Check(Retry(SyscallNumbers.ppoll, (nint)first, descriptors.Length, timeoutMilliseconds < 0 ? 0 : (nint)time), "ppoll()");
        }
    }

    /// <summary>ppoll(2) of one descriptor; what it found, <see cref="PollEvents.None"/> when the time was over.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static PollEvents Poll(FileDescriptor descriptor, PollEvents events, int timeoutMilliseconds)
    {
        var one = new PollDescriptor(descriptor, events);
        Poll(new Span<PollDescriptor>(ref one), timeoutMilliseconds);
        return one.Returned;
    }

    /// <summary>epoll_create1(EPOLL_CLOEXEC).</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static FileDescriptor EpollCreate() => new((int)Check(Call(SyscallNumbers.epoll_create1, (nint)OpenFlags.CloseOnExec), "epoll_create1()"));

    /// <summary>epoll_ctl(2).</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void EpollCtl(FileDescriptor epoll, EpollOperation operation, FileDescriptor descriptor, PollEvents events = 0, ulong data = 0)
    {
        byte* entry = stackalloc byte[16];
        *(uint*)entry = (uint)events;
        *(ulong*)(entry + EpollEventSize - 8) = data;
        _ = Check(Call(SyscallNumbers.epoll_ctl, epoll.Number, (nint)operation, descriptor.Number, (nint)entry), $"epoll_ctl({epoll.Number}, {operation}, {descriptor.Number}, {events})");
    }

    /// <summary>epoll_pwait(2). A signal does not end the wait.</summary>
    /// <returns>How many of <paramref name="events"/> were filled, 0 when the time was over; at most 64 in one call.</returns>
    /// <exception cref="KernelException">The call failed.</exception>
    public static int EpollWait(FileDescriptor epoll, Span<EpollEvent> events, int timeoutMilliseconds)
    {
        int most = Math.Min(events.Length, 64);
        byte* entries = stackalloc byte[64 * 16];
        long start = Stopwatch.GetTimestamp();
        nint count;
        int left = timeoutMilliseconds;
        do
        {
            count = Call(SyscallNumbers.epoll_pwait, epoll.Number, (nint)entries, most, left, 0, sizeof(ulong));
            if (timeoutMilliseconds > 0)
                left = Math.Max(0, timeoutMilliseconds - (int)Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        while (count == -(nint)Errno.EINTR);
        _ = Check(count, $"epoll_pwait({epoll.Number})");
        for (int i = 0; i < count; i++)
        {
            byte* entry = entries + (i * EpollEventSize);
            events[i] = new EpollEvent((PollEvents)(*(uint*)entry), *(ulong*)(entry + EpollEventSize - 8));
        }

        return (int)count;
    }

    /// <summary>eventfd2(EFD_CLOEXEC | EFD_NONBLOCK).</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static FileDescriptor EventFd(uint initial = 0) =>
        new((int)Check(Call(SyscallNumbers.eventfd2, (nint)initial, (nint)(OpenFlags.CloseOnExec | OpenFlags.NonBlocking)), "eventfd2()"));

    /// <summary>Adds to an eventfd's counter.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void EventFdAdd(FileDescriptor eventFd, ulong value) => WriteAll(eventFd, new ReadOnlySpan<byte>(&value, sizeof(ulong)));

    /// <summary>Takes an eventfd's or timerfd's counter and sets it to 0; 0 where nothing was counted.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static ulong ReadCounter(FileDescriptor counter)
    {
        ulong value = 0;
        int length = TryRead(counter, new Span<byte>(&value, sizeof(ulong)));
        if (length == -(int)Errno.EAGAIN)
            return 0;
        ThrowIfFailed(ToErrno(length), $"read({counter.Number})");
        return value;
    }

    /// <summary>timerfd_create(CLOCK_MONOTONIC), non-blocking.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static FileDescriptor TimerFdCreate() =>
        new((int)Check(Call(SyscallNumbers.timerfd_create, 1, (nint)(OpenFlags.CloseOnExec | OpenFlags.NonBlocking)), "timerfd_create(CLOCK_MONOTONIC)"));

    /// <summary>timerfd_settime(2): rings after <paramref name="first"/> and then every <paramref name="interval"/>; zero stops it.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void TimerFdSetTime(FileDescriptor timer, TimeSpan first, TimeSpan interval = default)
    {
        long* times = stackalloc long[4]
        {
            interval.Ticks / TimeSpan.TicksPerSecond, interval.Ticks % TimeSpan.TicksPerSecond * 100,
            first.Ticks / TimeSpan.TicksPerSecond, first.Ticks % TimeSpan.TicksPerSecond * 100,
        };
        _ = Check(Call(SyscallNumbers.timerfd_settime, timer.Number, 0, (nint)times, 0), $"timerfd_settime({timer.Number}, {first})");
    }

    /// <summary>inotify_init1(IN_CLOEXEC | IN_NONBLOCK).</summary>
    /// <exception cref="KernelException">The call failed; EMFILE where the user has too many.</exception>
    public static FileDescriptor InotifyInit() =>
        new((int)Check(Call(SyscallNumbers.inotify_init1, (nint)(OpenFlags.CloseOnExec | OpenFlags.NonBlocking)), "inotify_init1()"));

    /// <summary>inotify_add_watch(2); returns the watch's number.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static int InotifyAddWatch(FileDescriptor inotify, string path, InotifyEvents events)
    {
        using var native = new NativeString(path);
        return (int)Check(Call(SyscallNumbers.inotify_add_watch, inotify.Number, native.Address, (nint)(uint)events), $"inotify_add_watch({inotify.Number}, {Quote(path)}, {events})");
    }

    /// <summary>Adds the waiting events of <see cref="InotifyInit"/> to a list; adds nothing where none waits.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void ReadInotify(FileDescriptor inotify, List<InotifyEvent> events)
    {
        Span<byte> buffer = stackalloc byte[4096];
        int length = TryRead(inotify, buffer);
        if (length == -(int)Errno.EAGAIN)
            return;
        _ = Check(length, $"read(inotify {inotify.Number})");
        for (ReadOnlySpan<byte> rest = buffer[..length]; rest.Length >= 16;)
        {
            int nameLength = BinaryPrimitives.ReadInt32LittleEndian(rest[12..]);
            ReadOnlySpan<byte> name = rest.Slice(16, nameLength);
            int end = name.IndexOf((byte)0);
            events.Add(new InotifyEvent(
                BinaryPrimitives.ReadInt32LittleEndian(rest), (InotifyEvents)BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]),
                BinaryPrimitives.ReadUInt32LittleEndian(rest[8..]), Encoding.UTF8.GetString(end < 0 ? name : name[..end])));
            rest = rest[(16 + nameLength)..];
        }
    }
}
