namespace Sampan.Kernel;

public static unsafe partial class Syscalls
{
    private const nint TcSetS2 = 0x402C542B, TiocGWinSz = 0x5413, TiocSWinSz = 0x5414, TiocSPtLck = 0x40045431, TiocGPtPeer = 0x5441, TiocSCtty = 0x540E;
    private static nint TcGets2 => unchecked((nint)0x802C542Au);

    private static nint TiocGPtN => unchecked((nint)0x80045430u);

    /// <summary>Whether a descriptor is a terminal (isatty(3)).</summary>
    public static bool IsTerminal(FileDescriptor file)
    {
        TerminalSettings settings;
        return Call(SyscallNumbers.ioctl, file.Number, TcGets2, (nint)(&settings)) >= 0;
    }

    /// <summary>ioctl(TCGETS2): the settings of a terminal.</summary>
    /// <exception cref="KernelException">The call failed; ENOTTY where it is no terminal.</exception>
    public static TerminalSettings GetTerminalSettings(FileDescriptor terminal)
    {
        TerminalSettings settings;
        _ = Check(Call(SyscallNumbers.ioctl, terminal.Number, TcGets2, (nint)(&settings)), $"ioctl({terminal.Number}, TCGETS2)");
        return settings;
    }

    /// <summary>ioctl(TCSETS2): gives a terminal its settings at once.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void SetTerminalSettings(FileDescriptor terminal, TerminalSettings settings)
    {
        nint result = Retry(SyscallNumbers.ioctl, terminal.Number, TcSetS2, (nint)(&settings));
        ThrowIfFailed(ToErrno(result), DescribeIoctl(terminal, "TCSETS2"));
    }

    /// <summary>ioctl(TIOCGWINSZ).</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static TerminalSize GetWindowSize(FileDescriptor terminal)
    {
        ushort* size = stackalloc ushort[4];
        _ = Check(Call(SyscallNumbers.ioctl, terminal.Number, TiocGWinSz, (nint)size), $"ioctl({terminal.Number}, TIOCGWINSZ)");
        return new TerminalSize(size[0], size[1]);
    }

    /// <summary>ioctl(TIOCSWINSZ): the foreground processes get SIGWINCH where the size changed.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void SetWindowSize(FileDescriptor terminal, TerminalSize size)
    {
        ushort* raw = stackalloc ushort[4] { size.Rows, size.Columns, 0, 0 };
        _ = Check(Call(SyscallNumbers.ioctl, terminal.Number, TiocSWinSz, (nint)raw), $"ioctl({terminal.Number}, TIOCSWINSZ, {size.Rows}x{size.Columns})");
    }

    /// <summary>Opens a new pseudo-terminal's master and unlocks its other end (pts(4)).</summary>
    /// <param name="ptmx">A path of a ptmx device, as <c>/dev/ptmx</c>, relative to <paramref name="directory"/>.</param>
    /// <param name="directory">Null for the working directory.</param>
    /// <exception cref="KernelException">A call failed.</exception>
    public static FileDescriptor OpenPtMaster(string ptmx = "/dev/ptmx", FileDescriptor? directory = null)
    {
        FileDescriptor master = OpenAt(directory ?? WorkingDirectory, ptmx, OpenFlags.ReadWrite | OpenFlags.NoControllingTerminal);
        try
        {
            UnlockPt(master);
            return master;
        }
        catch
        {
            master.Dispose();
            throw;
        }
    }

    /// <summary>ioctl(TIOCSPTLCK, 0): unlockpt(3).</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void UnlockPt(FileDescriptor master)
    {
        int locked = 0;
        nint result = Call(SyscallNumbers.ioctl, master.Number, TiocSPtLck, (nint)(&locked));
        ThrowIfFailed(ToErrno(result), DescribeIoctl(master, "TIOCSPTLCK"));
    }

    /// <summary>ioctl(TIOCGPTN): N of <c>/dev/pts/N</c>, the other end's name in the master's devpts.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static int GetPtNumber(FileDescriptor master)
    {
        int number;
        _ = Check(Call(SyscallNumbers.ioctl, master.Number, TiocGPtN, (nint)(&number)), $"ioctl({master.Number}, TIOCGPTN)");
        return number;
    }

    /// <summary>ptsname(3): the other end's path, where devpts is at /dev/pts.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static string PtsName(FileDescriptor master) => $"/dev/pts/{GetPtNumber(master)}";

    /// <summary>ioctl(TIOCGPTPEER), since Linux 4.13: the other end itself, whatever lies at its path.</summary>
    /// <exception cref="KernelException">The call failed; ENOTTY or EINVAL before Linux 4.13.</exception>
    public static FileDescriptor OpenPtPeer(FileDescriptor master)
    {
        const nint Flags = (nint)(OpenFlags.ReadWrite | OpenFlags.NoControllingTerminal | OpenFlags.CloseOnExec);
        return new FileDescriptor((int)Check(Call(SyscallNumbers.ioctl, master.Number, TiocGPtPeer, Flags), $"ioctl({master.Number}, TIOCGPTPEER)"));
    }

    /// <summary>ioctl(TIOCSCTTY): makes the terminal that of the caller's session.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void SetControllingTerminal(FileDescriptor terminal) =>
        Check(Call(SyscallNumbers.ioctl, terminal.Number, TiocSCtty, 0), $"ioctl({terminal.Number}, TIOCSCTTY)");

    private static FormattableCall DescribeIoctl(FileDescriptor file, string request) => () => $"ioctl({file.Number}, {request})";
}
