using System.Buffers.Text;

namespace Sampan.Kernel;

/// <summary>What Sampan reads of /proc/PID/status (proc_pid_status(5)).</summary>
public sealed class ProcStatus
{
    /// <summary>Real user id, in the reader's user namespace; 4294967295 where the file does not say.</summary>
    public uint Uid { get; private set; } = uint.MaxValue;

    /// <summary>Real group id, in the reader's user namespace; 4294967295 where the file does not say.</summary>
    public uint Gid { get; private set; } = uint.MaxValue;

    /// <summary>CapInh.</summary>
    public ulong Inheritable { get; private set; }

    /// <summary>CapPrm.</summary>
    public ulong Permitted { get; private set; }

    /// <summary>CapEff.</summary>
    public ulong Effective { get; private set; }

    /// <summary>CapBnd.</summary>
    public ulong Bounding { get; private set; }

    /// <summary>CapAmb.</summary>
    public ulong Ambient { get; private set; }

    /// <summary>NoNewPrivs.</summary>
    public bool NoNewPrivileges { get; private set; }

    /// <summary>Seccomp: 0 none, 1 strict, 2 filter.</summary>
    public int Seccomp { get; private set; }

    /// <summary>NSpid: the process id in each pid namespace from the reader's to the process's own; the last is what it sees itself.</summary>
    public IReadOnlyList<int> NamespacePids { get; private set; } = [];

    /// <summary>Reads the file of a process; null where there is no such process (any more).</summary>
    /// <exception cref="KernelException">It cannot be read for another reason.</exception>
    public static ProcStatus? Read(int pid)
    {
        string path = $"/proc/{pid}/status";
        Errno error = ProcFile.TryRead(path, out byte[] text);
        if (error is Errno.ENOENT or Errno.ESRCH)
            return null;
        return error == Errno.None ? Parse(text) : throw new KernelException($"read(\"{path}\")", error);
    }

    /// <summary>Parses the file's bytes.</summary>
    public static ProcStatus Parse(ReadOnlySpan<byte> text)
    {
        var status = new ProcStatus();
        while (text.Length > 0)
        {
            int end = text.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? text : text[..end];
            text = end < 0 ? [] : text[(end + 1)..];
            int colon = line.IndexOf((byte)':');
            if (colon > 0)
                status.Take(line[..colon], line[(colon + 1)..].Trim(" \t"u8));
        }

        return status;
    }

    private void Take(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (key.SequenceEqual("Uid"u8))
            Uid = Utf8Parser.TryParse(value, out uint uid, out _) ? uid : uint.MaxValue;
        else if (key.SequenceEqual("Gid"u8))
            Gid = Utf8Parser.TryParse(value, out uint gid, out _) ? gid : uint.MaxValue;
        else if (key.SequenceEqual("CapInh"u8))
            Inheritable = Hexadecimal(value);
        else if (key.SequenceEqual("CapPrm"u8))
            Permitted = Hexadecimal(value);
        else if (key.SequenceEqual("CapEff"u8))
            Effective = Hexadecimal(value);
        else if (key.SequenceEqual("CapBnd"u8))
            Bounding = Hexadecimal(value);
        else if (key.SequenceEqual("CapAmb"u8))
            Ambient = Hexadecimal(value);
        else if (key.SequenceEqual("NoNewPrivs"u8))
            NoNewPrivileges = value.SequenceEqual("1"u8);
        else if (key.SequenceEqual("Seccomp"u8))
            Seccomp = Utf8Parser.TryParse(value, out int mode, out _) ? mode : 0;
        else if (key.SequenceEqual("NSpid"u8))
            NamespacePids = Numbers(value);
    }

    private static ulong Hexadecimal(ReadOnlySpan<byte> value) => Utf8Parser.TryParse(value, out ulong number, out _, 'x') ? number : 0;

    private static List<int> Numbers(ReadOnlySpan<byte> value)
    {
        var numbers = new List<int>();
        while (Utf8Parser.TryParse(value, out int number, out int consumed))
        {
            numbers.Add(number);
            value = value[consumed..].TrimStart(" \t"u8);
        }

        return numbers;
    }
}
