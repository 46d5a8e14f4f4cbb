using System.Globalization;
using System.Text;
using Sampan.Kernel;

namespace Sampan.Runtime.Verbs;

/// <summary>
/// The processes of a container as <c>ps -ef</c> prints them, read from the host's /proc. Neither the container's nor the host's ps is run:
/// the container's is in the hands of whoever made the image (CVE-2022-1227), and the host need not have one.
/// </summary>
public static class ProcessTable
{
    private const int TicksPerSecond = 100; // USER_HZ, which every architecture of Linux that .NET runs on has; see time(7)

    /// <summary>The table: a heading, then a line for each process that still exists.</summary>
    public static string Format(IReadOnlyList<int> pids, TimeProvider clock)
    {
        DateTimeOffset boot = BootTime();
        var text = new StringBuilder("UID          PID    PPID  C STIME TTY          TIME CMD\n");
        foreach (int pid in pids)
        {
            if (Read(pid) is { } process)
                AppendLine(text, process, boot, clock.GetUtcNow());
        }

        return text.ToString();
    }

    private static void AppendLine(StringBuilder text, ProcessLine process, DateTimeOffset boot, DateTimeOffset now)
    {
        DateTimeOffset started = boot.AddSeconds(process.StartTicks / (double)TicksPerSecond);
        double alive = Math.Max(1, (now - started).TotalSeconds);
        long seconds = (long)(process.CpuTicks / TicksPerSecond);
        string start = started.ToString(alive < 24 * 3600 ? "HH:mm" : "MMMdd", CultureInfo.InvariantCulture);
        text.Append(CultureInfo.InvariantCulture, $"{UserNames.NameOf(process.Uid),-8} {process.Pid,7} {process.ParentPid,7} {(int)Math.Min(99, seconds * 100 / alive),2} {start,-5} {process.Terminal,-8} ");
        text.Append(CultureInfo.InvariantCulture, $"{seconds / 3600:00}:{seconds / 60 % 60:00}:{seconds % 60:00} {process.Command}\n");
    }

    private static DateTimeOffset BootTime()
    {
        foreach (string line in File.ReadLines("/proc/stat"))
        {
            if (line.StartsWith("btime ", StringComparison.Ordinal))
                return DateTimeOffset.FromUnixTimeSeconds(long.Parse(line.AsSpan(6), CultureInfo.InvariantCulture));
        }

        return DateTimeOffset.UnixEpoch;
    }

    /// <summary>Reads /proc/PID/stat, cmdline and the owner of the directory; null for a process that has ended meanwhile. Fields are numbered as in proc_pid_stat(5).</summary>
    private static ProcessLine? Read(int pid)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{pid}/stat");
            int end = stat.LastIndexOf(')');
            string name = stat[(stat.IndexOf('(', StringComparison.Ordinal) + 1)..end];
            string[] fields = stat[(end + 2)..].Split(' ');
            string Field(int number) => fields[number - 3];
            string command = Printable(File.ReadAllBytes($"/proc/{pid}/cmdline"));
            return new ProcessLine(
                pid, int.Parse(Field(4), CultureInfo.InvariantCulture), Syscalls.StatAt(Syscalls.WorkingDirectory, $"/proc/{pid}").Uid,
                ulong.Parse(Field(22), CultureInfo.InvariantCulture), ulong.Parse(Field(14), CultureInfo.InvariantCulture) + ulong.Parse(Field(15), CultureInfo.InvariantCulture),
                TerminalName(int.Parse(Field(7), CultureInfo.InvariantCulture)), command.Length > 0 ? command : $"[{name}]");
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>The command is the container's own text: control characters must not reach the user's terminal.</summary>
    private static string Printable(byte[] commandLine)
    {
        var text = new StringBuilder();
        foreach (char c in Encoding.UTF8.GetString(commandLine).TrimEnd('\0'))
            text.Append(c == '\0' ? ' ' : char.IsControl(c) ? '?' : c);
        return text.ToString();
    }

    private static string TerminalName(int device)
    {
        uint major = (uint)(device >> 8) & 0xfff;
        uint minor = (uint)((device & 0xff) | ((device >> 12) & 0xfff00));
        return major switch
        {
            0 => "?",
            >= 136 and <= 143 => $"pts/{((major - 136) << 20) + minor}",
            4 when minor < 64 => $"tty{minor}",
            4 => $"ttyS{minor - 64}",
            _ => "?",
        };
    }

    private sealed record ProcessLine(int Pid, int ParentPid, uint Uid, ulong StartTicks, ulong CpuTicks, string Terminal, string Command);
}
