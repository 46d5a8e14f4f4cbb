using System.Globalization;
using System.Text;
using Sampan.Kernel;

namespace Sampan.Runtime.Verbs;

/// <summary>
/// The host's ps(1) with the user's own options, of whose output the lines of a container's processes are chosen, as runc does. The host's
/// program is found in fixed directories, and runs with a fixed environment: nothing of the container's has a say in it (CVE-2022-1227).
/// </summary>
public static class HostPs
{
    private const int OutputLimit = 64 * 1024 * 1024;
    private static readonly string[] s_places = ["/usr/bin/ps", "/bin/ps", "/usr/local/bin/ps"];

    /// <summary>Runs ps.</summary>
    /// <param name="options">Its options; they must leave a column PID.</param>
    /// <param name="pids">The processes to keep.</param>
    /// <returns>The heading and the lines.</returns>
    /// <exception cref="RuntimeException">The host has no ps, it failed, or its output has no column PID.</exception>
    public static string Run(IReadOnlyList<string> options, IReadOnlyList<int> pids)
    {
        var words = new List<string> { "ps" };
        words.AddRange(options);
        using FileDescriptor nothing = Syscalls.Open("/dev/null", OpenFlags.ReadOnly);
        using FileDescriptor output = Syscalls.MemFdCreate("sampan-ps");
        using var errors = new FileDescriptor(2, owns: false);
        int pid = Syscalls.Spawn(Find(), words, ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"], [nothing, output, errors], newSession: false);
        int code = Syscalls.WaitId(pid)!.Value.ShellCode;
        if (code != 0)
            throw new RuntimeException($"ps {string.Join(' ', options)} failed with status {code}", RuntimeErrorKind.InvalidArgument);
        return Choose(ReadAll(output), pids);
    }

    /// <summary>Keeps the heading and the lines whose column PID is one of the processes.</summary>
    /// <exception cref="RuntimeException">There is no such column.</exception>
    public static string Choose(string output, IReadOnlyList<int> pids)
    {
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string[] headings = lines.Length == 0 ? [] : lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        int column = Array.IndexOf(headings, "PID");
        if (column < 0)
            throw new RuntimeException("couldn't find PID field in ps output: leave a column PID in the options of ps", RuntimeErrorKind.InvalidArgument);
        var kept = new StringBuilder(lines[0]).Append('\n');
        for (int i = 1; i < lines.Length; i++)
        {
            string[] fields = lines[i].Split(' ', column + 2, StringSplitOptions.RemoveEmptyEntries);
            if (column < fields.Length && int.TryParse(fields[column], NumberStyles.None, CultureInfo.InvariantCulture, out int pid) && Contains(pids, pid))
                kept.Append(lines[i]).Append('\n');
        }

        return kept.ToString();
    }

    private static bool Contains(IReadOnlyList<int> pids, int wanted)
    {
        foreach (int pid in pids)
        {
            if (pid == wanted)
                return true;
        }

        return false;
    }

    private static string Find()
    {
        foreach (string place in s_places)
        {
            if (File.Exists(place))
                return place;
        }

        throw new RuntimeException("the host has no ps, which options of ps are for: install procps, or leave the options out", RuntimeErrorKind.Failed);
    }

    private static string ReadAll(FileDescriptor file)
    {
        long size = Syscalls.Stat(file).Size;
        if (size > OutputLimit)
            throw new RuntimeException("ps wrote more than 64 MiB");
        byte[] bytes = new byte[size];
        int filled = 0;
        while (filled < bytes.Length)
        {
            int read = Syscalls.PRead(file, bytes.AsSpan(filled), filled);
            if (read == 0)
                break;
            filled += read;
        }

        return Encoding.UTF8.GetString(bytes, 0, filled);
    }
}
