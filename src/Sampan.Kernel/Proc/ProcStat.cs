using System.Buffers.Text;
using System.Text;

namespace Sampan.Kernel;

/// <summary>What Sampan reads of /proc/PID/stat (proc_pid_stat(5)).</summary>
/// <param name="Pid">Field 1, the process id.</param>
/// <param name="Command">Field 2, the command's name without its parentheses; it may hold spaces and parentheses of its own.</param>
/// <param name="State">Field 3: <c>R S D Z T t X I</c>.</param>
/// <param name="ParentPid">Field 4.</param>
/// <param name="ProcessGroup">Field 5.</param>
/// <param name="Session">Field 6.</param>
/// <param name="Threads">Field 20, how many threads it has.</param>
/// <param name="StartTime">Field 22: when it started, in clock ticks since the machine's boot. With the pid it names a process once and for all.</param>
public readonly record struct ProcStat(int Pid, string Command, char State, int ParentPid, int ProcessGroup, int Session, int Threads, ulong StartTime)
{
    /// <summary>Whether the process has ended and only waits to be collected, or not even that.</summary>
    public bool IsDead => State is 'Z' or 'X' or 'x';

    /// <summary>Reads the file of a process.</summary>
    /// <returns>False where there is no such process (any more).</returns>
    /// <exception cref="KernelException">It cannot be read for another reason.</exception>
    public static bool TryRead(int pid, out ProcStat stat)
    {
        stat = default;
        string path = $"/proc/{pid}/stat";
        Errno error = ProcFile.TryRead(path, out byte[] text);
        if (error is Errno.ENOENT or Errno.ESRCH)
            return false;
        if (error != Errno.None)
            throw new KernelException($"read(\"{path}\")", error);
        return TryParse(text, out stat);
    }

    /// <summary>Parses the file's bytes. The name ends at the last <c>)</c>, since it may hold any character.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out ProcStat stat)
    {
        stat = default;
        int open = text.IndexOf((byte)'('), close = text.LastIndexOf((byte)')');
        if (open < 2 || close < open || close + 3 >= text.Length || !Utf8Parser.TryParse(text, out int pid, out _))
            return false;
        string command = Encoding.UTF8.GetString(text[(open + 1)..close]);
        ReadOnlySpan<byte> rest = text[(close + 2)..];
        char state = (char)rest[0];
        Span<ulong> fields = stackalloc ulong[23];
        fields.Clear();
        int number = 3;
        while (number < 22)
        {
            int space = rest.IndexOf((byte)' ');
            if (space < 0)
                return false;
            rest = rest[(space + 1)..];
            number++;
            if (Utf8Parser.TryParse(rest, out long value, out _))
                fields[number] = (ulong)value;
            else if (Utf8Parser.TryParse(rest, out ulong large, out _))
                fields[number] = large;
            else
                return false;
        }

        stat = new ProcStat(pid, command, state, (int)fields[4], (int)fields[5], (int)fields[6], (int)fields[20], fields[22]);
        return true;
    }
}
