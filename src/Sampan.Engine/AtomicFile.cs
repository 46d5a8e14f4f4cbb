using Sampan.Kernel;

namespace Sampan.Engine;

/// <summary>Files that are either the old or the new content, never a part: written under another name and renamed.</summary>
public static class AtomicFile
{
    /// <summary>Writes a file of mode 0600 in an open directory.</summary>
    /// <param name="directory">Where.</param>
    /// <param name="name">Its name.</param>
    /// <param name="content">All of it.</param>
    /// <param name="durable">Whether it must survive a power cut (fsync(2), milliseconds); what a reboot ends anyway need not.</param>
    /// <exception cref="KernelException">The disk refused it; the old content is still there.</exception>
    public static void Write(FileDescriptor directory, string name, ReadOnlySpan<byte> content, bool durable)
    {
        string temporary = $".{name}.{Environment.ProcessId}.new";
        try
        {
            using (FileDescriptor file = Syscalls.OpenAt(directory, temporary, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Truncate | OpenFlags.NoFollow, 0x180))
            {
                Syscalls.WriteAll(file, content);
                if (durable)
                    Syscalls.FSync(file);
            }
            Syscalls.RenameAt(directory, temporary, directory, name);
        }
        catch
        {
            _ = Syscalls.TryUnlinkAt(directory, temporary);
            throw;
        }
    }
}
