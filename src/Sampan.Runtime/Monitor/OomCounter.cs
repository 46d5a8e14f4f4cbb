using System.Buffers.Text;
using Sampan.Kernel;

namespace Sampan.Runtime.Monitor;

/// <summary>The kernel's count of processes that the OOM killer ended in a cgroup. The file stays readable through its descriptor until the cgroup is removed.</summary>
internal static class OomCounter
{
    /// <summary>Opens the file of the cgroup a process is in: v1 <c>memory.oom_control</c>, v2 <c>memory.events</c>; null where neither is there.</summary>
    public static FileDescriptor? Open(int pid)
    {
        string? unified = null;
        foreach (string line in File.ReadLines($"/proc/{pid}/cgroup"))
        {
            string[] parts = line.Split(':', 3);
            if (parts.Length < 3)
                continue;
            if (parts[1].Split(',').Contains("memory"))
                return TryOpen($"/sys/fs/cgroup/memory{parts[2]}/memory.oom_control");
            if (parts[1].Length == 0)
                unified = parts[2];
        }
        return unified is null ? null : TryOpen($"/sys/fs/cgroup{unified}/memory.events");
    }

    /// <summary>The count, from the line <c>oom_kill N</c>; 0 where it cannot be read any more.</summary>
    public static long Read(FileDescriptor? file)
    {
        if (file is null)
            return 0;
        Span<byte> text = stackalloc byte[1024];
        int length;
        try
        {
            length = Syscalls.PRead(file, text, 0);
        }
        catch (KernelException)
        {
            return 0; // the cgroup is gone
        }
        ReadOnlySpan<byte> rest = text[..length];
        int start = rest.IndexOf("oom_kill "u8);
        return start >= 0 && Utf8Parser.TryParse(rest[(start + 9)..], out long count, out _) ? count : 0;
    }

    private static FileDescriptor? TryOpen(string path) =>
        Syscalls.TryOpenAt(Syscalls.WorkingDirectory, path, OpenFlags.ReadOnly, 0, out FileDescriptor? file) == Errno.None ? file : null;
}
