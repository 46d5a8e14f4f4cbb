using System.Buffers.Text;
using Sampan.Kernel;

namespace Sampan.Runtime.State;

/// <summary>
/// A process, told apart from a later one that got the same number: pid and start time. Two processes of one boot with the same pid
/// cannot have the same start time, because the number comes round only after the older one was reaped.
/// </summary>
/// <param name="Pid">The process number in the runtime's pid namespace; 0 where there is no process yet.</param>
/// <param name="StartTime">Clock ticks since boot: field 22 of /proc/PID/stat, proc_pid_stat(5).</param>
public readonly record struct ProcessIdentity(int Pid, ulong StartTime)
{
    /// <summary>True while this very process exists and is not a zombie.</summary>
    public bool IsAlive => Pid > 0 && TryRead(Pid, out ulong startTime, out char state) && startTime == StartTime && state is not ('Z' or 'X' or 'x');

    /// <summary>Reads the identity of the process that has <paramref name="pid"/> now; a start time of 0 where there is none.</summary>
    public static ProcessIdentity Of(int pid) => new(pid, TryRead(pid, out ulong startTime, out _) ? startTime : 0);

    /// <summary>Reads start time and state letter (<c>R S D T Z X …</c>) from /proc/PID/stat; false where there is no such process.</summary>
    public static bool TryRead(int pid, out ulong startTime, out char state)
    {
        startTime = 0;
        state = 'X';
        if (Syscalls.TryOpenAt(Syscalls.WorkingDirectory, $"/proc/{pid}/stat", OpenFlags.ReadOnly, 0, out FileDescriptor? file) != Errno.None)
            return false;
        using (file)
        {
            Span<byte> text = stackalloc byte[1024];
            int length = Syscalls.TryRead(file!, text); // a process that ends between open and read gives ESRCH
            return length > 0 && TryParse(text[..length], out startTime, out state);
        }
    }

    /// <summary>Reads state (field 3) and start time (field 22) of a line of /proc/PID/stat. The command name, field 2, may hold spaces and parentheses.</summary>
    public static bool TryParse(ReadOnlySpan<byte> line, out ulong startTime, out char state)
    {
        startTime = 0;
        state = 'X';
        int end = line.LastIndexOf((byte)')');
        if (end < 0 || end + 2 >= line.Length)
            return false;
        ReadOnlySpan<byte> rest = line[(end + 2)..];
        state = (char)rest[0];
        for (int field = 3; field < 22; field++)
        {
            int space = rest.IndexOf((byte)' ');
            if (space < 0)
                return false;
            rest = rest[(space + 1)..];
        }

        return Utf8Parser.TryParse(rest, out startTime, out _);
    }
}
