using Sampan.Kernel;

namespace Sampan.Runtime.Cgroups;

/// <summary>The file <c>cgroup.events</c> of version 2, whose changes poll(2) reports.</summary>
internal static class UnifiedEvents
{
    /// <summary>
    /// Waits until <c>cgroup.events</c> holds a line (<c>populated 0</c>, <c>frozen 1</c>). False when the time is over; true where the cgroup is
    /// gone and the line asks for no process.
    /// </summary>
    public static bool Wait(string directory, ReadOnlySpan<byte> line, int milliseconds)
    {
        _ = Syscalls.TryOpenAt(Syscalls.WorkingDirectory, directory + "/cgroup.events", OpenFlags.ReadOnly | OpenFlags.NoFollow, 0, out FileDescriptor? events);
        if (events is null)
            return line.SequenceEqual("populated 0"u8);
        using (events)
        {
            long deadline = Environment.TickCount64 + milliseconds;
            byte[] text = new byte[256];
            while (true)
            {
                Syscalls.Seek(events, 0);
                int length = Syscalls.TryRead(events, text);
                if (length < 0)
                    return line.SequenceEqual("populated 0"u8);
                if (text.AsSpan(0, length).IndexOf(line) >= 0)
                    return true;
                long left = deadline - Environment.TickCount64;
                if (left <= 0)
                    return false;
                _ = Syscalls.Poll(events, PollEvents.Priority, (int)left);
            }
        }
    }
}
