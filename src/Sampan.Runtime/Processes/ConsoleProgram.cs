using System.Runtime.InteropServices;
using Sampan.Kernel;
using Sampan.Kernel.Children;
using Sampan.Oci;
using Sampan.Runtime.Launch;
using Sampan.Runtime.RootFs;

namespace Sampan.Runtime.Processes;

/// <summary>
/// Compiles a terminal for the container's process: a pseudo-terminal of the container's own devpts, its master sent out over a socket, its slave
/// the process's stdin, stdout, stderr and controlling terminal. Nothing is opened through a link (CVE-2025-52565), and the master is proven to be
/// the multiplexer before it is used.
/// </summary>
internal static class ConsoleProgram
{
    private const uint SetLock = 0x40045431; // TIOCSPTLCK
    private const uint GetPeer = 0x5441; // TIOCGPTPEER
    private const uint SetWindowSize = 0x5414; // TIOCSWINSZ
    private const uint SetControllingTerminal = 0x540E; // TIOCSCTTY
    private const uint GetSettings = 0x802C542A; // TCGETS2
    private const uint SetSettings = 0x402C542B; // TCSETS2

    /// <summary>Opens the terminal in the root and sends its master to <paramref name="receiver"/>.</summary>
    /// <param name="context">The child.</param>
    /// <param name="root">The container's root.</param>
    /// <param name="receiver">A socket.</param>
    /// <param name="process">Whose terminal it is.</param>
    /// <param name="relayed">Whether its bytes go through the caller's own terminal, which makes a carriage return and newline of each newline itself.</param>
    /// <returns>The register with the slave's descriptor.</returns>
    public static ChildRegister Open(ChildContext context, ChildValue root, FileDescriptor receiver, Process process, bool relayed)
    {
        ChildProgram program = context.Program;
        ChildRegister master = program.NewRegister();
        ChildRegister slave = program.NewRegister();
        const OpenFlags Terminal = OpenFlags.ReadWrite | OpenFlags.NoControllingTerminal;
        _ = program.OpenAt2("open /dev/pts/ptmx of the container for its terminal", root, "dev/pts/ptmx", Terminal, ResolveFlags.InRoot | ResolveFlags.NoSymlinks).Into(master);
        ProveMultiplexer(program, master);
        _ = program.Call("unlock the terminal", SyscallNumbers.ioctl, master, SetLock, program.Buffer(8));
        _ = program.Call("open the terminal's slave", SyscallNumbers.ioctl, master, GetPeer, (int)(Terminal | OpenFlags.CloseOnExec)).Into(slave);
        if (process.ConsoleSize is { } size)
        {
            var window = new WindowSize((ushort)Math.Min(size.Height, ushort.MaxValue), (ushort)Math.Min(size.Width, ushort.MaxValue), 0, 0);
            _ = program.Call("set process.consoleSize", SyscallNumbers.ioctl, slave, SetWindowSize, program.Value(window));
        }
        if (relayed)
            LeaveNewlines(program, slave);
        program.SendDescriptor("send the terminal's master", context.Inherit(receiver), master, "/dev/pts/ptmx"u8);
        _ = program.Close(master);
        return slave;
    }

    /// <summary>Shows the slave as <c>/dev/console</c>.</summary>
    public static void Show(ChildProgram program, ChildValue root, ChildRegister slave)
    {
        ChildRegister tree = program.NewRegister();
        ChildRegister place = TargetProgram.Open(program, root, "dev/console", directory: false, "the console");
        _ = program.CloneTree("clone the terminal's slave for /dev/console", slave, recursive: false).Into(tree);
        _ = program.MoveMount("mount the terminal at /dev/console", tree, place);
        _ = program.Close(tree);
        _ = program.Close(place);
    }

    /// <summary>Makes the slave the process's controlling terminal and its first three descriptors.</summary>
    public static void Take(ChildProgram program, ChildRegister slave, uint uid)
    {
        _ = program.Call("give the terminal to the container's user", SyscallNumbers.fchown, slave, uid, uint.MaxValue).Ignore(Errno.EPERM).Ignore(Errno.EINVAL).Ignore(Errno.EROFS);
        _ = program.Call("take the controlling terminal", SyscallNumbers.ioctl, slave, SetControllingTerminal, 0);
        for (int number = 0; number < 3; number++)
            program.DuplicateTo("take the terminal", slave, number);
        _ = program.Close(slave);
    }

    /// <summary>Clears ONLCR before the program can write a byte (ioctl_tty(2), struct termios2: c_oflag is at 4).</summary>
    private static void LeaveNewlines(ChildProgram program, ChildRegister slave)
    {
        const int Size = 44, OutputFlags = 4, TranslateNewline = 4;
        nint settings = program.Buffer(Size);
        ChildRegister flags = program.NewRegister();
        _ = program.Call("read the terminal's settings", SyscallNumbers.ioctl, slave, GetSettings, settings);
        program.Load(flags, settings + OutputFlags, 4, ~TranslateNewline);
        program.Store(settings + OutputFlags, 4, flags);
        _ = program.Call("leave newlines to the caller's terminal", SyscallNumbers.ioctl, slave, SetSettings, settings);
    }

    private static void ProveMultiplexer(ChildProgram program, ChildRegister master)
    {
        ChildRegister number = program.NewRegister();
        ChildLabel wrong = program.NewLabel();
        ChildLabel right = program.NewLabel();
        nint status = program.Buffer(ChildProgram.StatSize);
        _ = program.Stat("look at /dev/pts/ptmx of the container", master, status);
        program.Load(number, status + 128, 4);
        program.JumpIf(number, ChildComparison.NotEqual, 5, wrong);
        program.Load(number, status + 132, 4);
        program.JumpIf(number, ChildComparison.Equal, 2, right);
        program.Mark(wrong);
        program.Fail("use /dev/pts/ptmx of the container: it is not a pseudo-terminal multiplexer (is devpts mounted at /dev/pts?)", Errno.ENODEV);
        program.Mark(right);
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct WindowSize(ushort Rows, ushort Columns, ushort Width, ushort Height);
}
