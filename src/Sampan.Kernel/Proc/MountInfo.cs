using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Sampan.Kernel;

/// <summary>One line of /proc/PID/mountinfo (proc_pid_mountinfo(5)), with its octal escapes decoded.</summary>
/// <param name="MountId">The mount's number, unique while it exists.</param>
/// <param name="ParentId">The number of the mount it lies on.</param>
/// <param name="Device">The device number of its files.</param>
/// <param name="Root">The path inside the file system that is its root.</param>
/// <param name="MountPoint">Where it is, seen from the process's root.</param>
/// <param name="Options">Its own options, as <c>rw,nosuid</c>.</param>
/// <param name="PeerGroup">The group among which it shares mounts, 0 for none.</param>
/// <param name="Master">The group from which it receives mounts, 0 for none.</param>
/// <param name="IsUnbindable">Whether it must not be bound.</param>
/// <param name="FileSystemType">The type, as <c>ext4</c> or <c>fuse.sshfs</c>.</param>
/// <param name="Source">The source, or <c>none</c>.</param>
/// <param name="SuperOptions">The file system's options.</param>
public sealed record MountInfo(
    int MountId, int ParentId, DeviceNumber Device, string Root, string MountPoint, string Options, int PeerGroup, int Master, bool IsUnbindable,
    string FileSystemType, string Source, string SuperOptions)
{
    /// <summary>The mounts that a process sees, in the kernel's order; null for the caller itself.</summary>
    /// <exception cref="KernelException">The process is not there, or /proc is not mounted.</exception>
    public static List<MountInfo> Read(int? pid = null) => Parse(ProcFile.Read(pid is null ? "/proc/thread-self/mountinfo" : $"/proc/{pid}/mountinfo"));

    /// <summary>Parses the file's bytes; a line that is not of the format is left out.</summary>
    public static List<MountInfo> Parse(ReadOnlySpan<byte> text)
    {
        var mounts = new List<MountInfo>();
        while (text.Length > 0)
        {
            int end = text.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? text : text[..end];
            text = end < 0 ? [] : text[(end + 1)..];
            if (TryParse(line, out MountInfo? mount))
                mounts.Add(mount);
        }

        return mounts;
    }

    /// <summary>Parses one line, without its line feed.</summary>
    /// <returns>False where it is not of the format.</returns>
    public static bool TryParse(ReadOnlySpan<byte> line, [NotNullWhen(true)] out MountInfo? mount)
    {
        mount = null;
        if (!TryNumber(ref line, out int id) || !TryNumber(ref line, out int parent) || !TryDevice(Next(ref line), out DeviceNumber device))
            return false;
        string root = Decode(Next(ref line));
        string point = Decode(Next(ref line));
        string options = Decode(Next(ref line));
        int peers = 0, master = 0;
        bool unbindable = false;
        while (true)
        {
            ReadOnlySpan<byte> field = Next(ref line);
            if (field.SequenceEqual("-"u8))
                break;
            if (field.Length == 0)
                return false;
            if (field.StartsWith("shared:"u8))
                _ = Utf8Parser.TryParse(field[7..], out peers, out _);
            else if (field.StartsWith("master:"u8))
                _ = Utf8Parser.TryParse(field[7..], out master, out _);
            else if (field.SequenceEqual("unbindable"u8))
                unbindable = true;
        }

        string type = Decode(Next(ref line));
        string source = Decode(Next(ref line));
        mount = new MountInfo(id, parent, device, root, point, options, peers, master, unbindable, type, source, Decode(Next(ref line)));
        return type.Length > 0;
    }

    private static ReadOnlySpan<byte> Next(ref ReadOnlySpan<byte> line)
    {
        int space = line.IndexOf((byte)' ');
        ReadOnlySpan<byte> field = space < 0 ? line : line[..space];
        line = space < 0 ? [] : line[(space + 1)..];
        return field;
    }

    private static bool TryNumber(ref ReadOnlySpan<byte> line, out int number)
    {
        ReadOnlySpan<byte> field = Next(ref line);
        return Utf8Parser.TryParse(field, out number, out int consumed) && consumed == field.Length;
    }

    private static bool TryDevice(ReadOnlySpan<byte> field, out DeviceNumber device)
    {
        device = default;
        if (!Utf8Parser.TryParse(field, out uint major, out int consumed) || consumed >= field.Length || field[consumed] != ':'
            || !Utf8Parser.TryParse(field[(consumed + 1)..], out uint minor, out _))
            return false;
        device = new DeviceNumber(major, minor);
        return true;
    }

    /// <summary>Text of the kernel's seq_file with space, tab, newline and backslash written as three octal digits.</summary>
    private static string Decode(ReadOnlySpan<byte> field)
    {
        if (!field.Contains((byte)'\\'))
            return Encoding.UTF8.GetString(field);
        byte[] decoded = new byte[field.Length];
        int length = 0;
        for (int i = 0; i < field.Length; i++)
        {
            bool escape = field[i] == '\\' && i + 3 < field.Length && IsOctal(field[i + 1]) && IsOctal(field[i + 2]) && IsOctal(field[i + 3]);
            decoded[length++] = escape ? (byte)(((field[i + 1] - '0') << 6) | ((field[i + 2] - '0') << 3) | (field[i + 3] - '0')) : field[i];
            if (escape)
                i += 3;
        }

        return Encoding.UTF8.GetString(decoded, 0, length);
    }

    private static bool IsOctal(byte digit) => digit is >= (byte)'0' and <= (byte)'7';
}
