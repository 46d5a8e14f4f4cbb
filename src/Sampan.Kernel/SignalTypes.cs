namespace Sampan.Kernel;

/// <summary>A set of signals as the kernel keeps it: bit N-1 is signal N (sigset_t).</summary>
/// <param name="Bits">The mask.</param>
public readonly record struct SignalSet(ulong Bits)
{
    /// <summary>Every signal.</summary>
    public static readonly SignalSet All = new(ulong.MaxValue);

    /// <summary>No signal.</summary>
    public static readonly SignalSet Empty = new(0);

    /// <summary>The set of the given signals.</summary>
    public static SignalSet Of(params ReadOnlySpan<int> signals)
    {
        ulong bits = 0;
        foreach (int signal in signals)
            bits |= 1UL << (signal - 1);
        return new SignalSet(bits);
    }

    /// <summary>Whether the signal is in the set.</summary>
    public bool Contains(int signal) => (Bits & (1UL << (signal - 1))) != 0;
}

/// <summary>What sigprocmask(2) does with the set.</summary>
public enum SignalMaskChange
{
    /// <summary>SIG_BLOCK.</summary>
    Block = 0,

    /// <summary>SIG_UNBLOCK.</summary>
    Unblock = 1,

    /// <summary>SIG_SETMASK.</summary>
    Set = 2,
}

/// <summary>A signal read from a signalfd(2).</summary>
/// <param name="Number">The signal.</param>
/// <param name="SenderPid">The sender's process id, for a child's signal the child's.</param>
/// <param name="SenderUid">The sender's real user id.</param>
/// <param name="Code">The si_code of sigaction(2).</param>
public readonly record struct SignalInfo(int Number, int SenderPid, uint SenderUid, int Code);

/// <summary>Events of poll(2) and epoll(7).</summary>
[Flags]
public enum PollEvents : uint
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>POLLIN.</summary>
    In = 1,

    /// <summary>POLLPRI.</summary>
    Priority = 2,

    /// <summary>POLLOUT.</summary>
    Out = 4,

    /// <summary>POLLERR; always reported.</summary>
    Error = 8,

    /// <summary>POLLHUP; always reported.</summary>
    HangUp = 16,

    /// <summary>POLLNVAL; reported for a descriptor that is not open.</summary>
    Invalid = 32,

    /// <summary>EPOLLRDHUP.</summary>
    ReadHangUp = 0x2000,

    /// <summary>EPOLLONESHOT.</summary>
    OneShot = 1u << 30,

    /// <summary>EPOLLET.</summary>
    EdgeTriggered = 1u << 31,
}

/// <summary>One descriptor of a poll(2), laid out as struct pollfd. A negative descriptor is passed over.</summary>
public struct PollDescriptor
{
    private readonly int _descriptor;
    private readonly short _events;
    private short _returned;

    /// <summary>Asks for <paramref name="events"/> of a descriptor; null is passed over by the kernel.</summary>
    public PollDescriptor(FileDescriptor? descriptor, PollEvents events)
    {
        _descriptor = descriptor is { IsClosed: false } ? descriptor.Number : -1;
        _events = (short)events;
    }

    /// <summary>What the last poll found.</summary>
    public PollEvents Returned
    {
        readonly get => (PollEvents)(ushort)_returned;
        set => _returned = (short)value;
    }

    /// <summary>The descriptor's number.</summary>
    public readonly int Number => _descriptor;

    /// <summary>What is asked for.</summary>
    public readonly PollEvents Events => (PollEvents)(ushort)_events;
}

/// <summary>An event of epoll_wait(2).</summary>
/// <param name="Events">What happened.</param>
/// <param name="Data">The value that was given with the descriptor.</param>
public readonly record struct EpollEvent(PollEvents Events, ulong Data);

/// <summary>What epoll_ctl(2) does.</summary>
public enum EpollOperation
{
    /// <summary>EPOLL_CTL_ADD.</summary>
    Add = 1,

    /// <summary>EPOLL_CTL_DEL.</summary>
    Delete = 2,

    /// <summary>EPOLL_CTL_MOD.</summary>
    Modify = 3,
}

/// <summary>Events of inotify(7), IN_*.</summary>
[Flags]
public enum InotifyEvents : uint
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>IN_MODIFY.</summary>
    Modify = 2,

    /// <summary>IN_ATTRIB.</summary>
    Attributes = 4,

    /// <summary>IN_CLOSE_WRITE.</summary>
    CloseWrite = 8,

    /// <summary>IN_MOVED_FROM.</summary>
    MovedFrom = 0x40,

    /// <summary>IN_MOVED_TO.</summary>
    MovedTo = 0x80,

    /// <summary>IN_CREATE.</summary>
    Create = 0x100,

    /// <summary>IN_DELETE.</summary>
    Delete = 0x200,

    /// <summary>IN_DELETE_SELF.</summary>
    DeleteSelf = 0x400,

    /// <summary>IN_MOVE_SELF.</summary>
    MoveSelf = 0x800,

    /// <summary>IN_Q_OVERFLOW: events were lost.</summary>
    Overflow = 0x4000,

    /// <summary>IN_IGNORED: the watch is gone.</summary>
    Ignored = 0x8000,
}

/// <summary>An event read from inotify(7).</summary>
/// <param name="Watch">The watch it belongs to.</param>
/// <param name="Events">What happened.</param>
/// <param name="Cookie">Joins the two halves of a rename.</param>
/// <param name="Name">The name inside a watched directory, "" for the watched file itself.</param>
public readonly record struct InotifyEvent(int Watch, InotifyEvents Events, uint Cookie, string Name);
