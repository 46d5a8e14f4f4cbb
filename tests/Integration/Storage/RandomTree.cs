using Sampan.Kernel;

namespace Sampan.Tests.Integration.Storage;

/// <summary>A tree of every kind of file with odd names, owners, times and attributes, the same for the same seed; and its description line by line.</summary>
internal sealed class RandomTree(int seed)
{
    private readonly Random _random = new(seed);
    private readonly List<string> _files = [];

    public void Make(string path)
    {
        Directory.CreateDirectory(path);
        using FileDescriptor root = Syscalls.Open(path, OpenFlags.Directory | OpenFlags.ReadOnly);
        Fill(root, root, "", 0);
    }

    private string Name(int i) => _random.Next(5) switch
    {
        0 => $"é漢😀 {i}",
        1 => $"{i}{new string('n', _random.Next(1, 200))}",
        2 => $"-{i} \"quote' \\",
        _ => $"file{i}",
    };

    private void Fill(FileDescriptor root, FileDescriptor directory, string path, int depth)
    {
        int count = _random.Next(2, 9);
        for (int i = 0; i < count; i++)
        {
            string name = Name(i);
            string full = path.Length == 0 ? name : $"{path}/{name}";
            if (full.Length < 1000)
                Entry(root, directory, name, full, depth);
        }
        Finish(directory);
    }

    private void Entry(FileDescriptor root, FileDescriptor directory, string name, string full, int depth)
    {
        switch (_random.Next(9))
        {
            case 0 when depth < 5:
            case 1 when depth < 5:
                Syscalls.MkDirAt(directory, name, 0x1C0);
                using (FileDescriptor child = Syscalls.OpenAt(directory, name, OpenFlags.Directory | OpenFlags.ReadOnly))
                    Fill(root, child, full, depth + 1);
                return;
            case 2:
                Syscalls.SymlinkAt(new string('t', _random.Next(1, 300)), directory, name);
                Syscalls.LChOwnAt(directory, name, Id(), Id());
                break;
            case 3:
                Syscalls.MkNodAt(directory, name, FileType.Fifo | 0x1A4, default);
                break;
            case 4:
                Syscalls.MkNodAt(directory, name, (_random.Next(2) == 0 ? FileType.Character : FileType.Block) | 0x180, new DeviceNumber((uint)_random.Next(1, 4000), (uint)_random.Next(1 << 20)));
                break;
            case 5 when _files.Count > 0:
                Syscalls.LinkAt(root, _files[_random.Next(_files.Count)], directory, name);
                return;
            default:
                using (FileDescriptor file = Syscalls.OpenAt(directory, name, OpenFlags.ReadWrite | OpenFlags.Create, 0x180))
                {
                    WriteContent(file);
                    Finish(file);
                }
                _files.Add(full);
                break;
        }
        (long, long) time = Time();
        Syscalls.UTimeNsAt(directory, name, time, time);
    }

    private void WriteContent(FileDescriptor file)
    {
        for (int pieces = _random.Next(3); pieces > 0; pieces--)
        {
            byte[] bytes = new byte[_random.Next(1, 20_000)];
            _random.NextBytes(bytes);
            Syscalls.WriteAll(file, bytes);
            if (_random.Next(2) == 0)
                Syscalls.Seek(file, _random.Next(100_000, 3_000_000));
        }
        if (_random.Next(4) == 0)
            Syscalls.FTruncate(file, 4_000_000);
    }

    private void Finish(FileDescriptor file)
    {
        Syscalls.FChOwn(file, Id(), Id());
        Syscalls.FChMod(file, (uint)_random.Next(0x1000));
        if (_random.Next(3) == 0)
            Syscalls.FSetXAttr(file, "user.random", Enumerable.Range(0, _random.Next(1, 50)).Select(_ => (byte)_random.Next(256)).ToArray());
        if (_random.Next(4) == 0 && !Syscalls.Stat(file).IsDirectory)
            Syscalls.FSetXAttr(file, "security.capability", (ReadOnlySpan<byte>)[1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    }

    private uint Id() => _random.Next(3) switch { 0 => 0, 1 => (uint)_random.Next(70_000), _ => (uint)_random.NextInt64(1 << 21, uint.MaxValue - 1) };

    private (long, long) Time() => (_random.NextInt64(-1_000_000_000, 8_000_000_000), _random.Next(1_000_000_000));

    /// <summary>A line for each file below a directory with all that an archive keeps.</summary>
    public static List<string> Describe(string path)
    {
        var lines = new List<string>();
        using FileDescriptor root = Syscalls.Open(path, OpenFlags.Directory | OpenFlags.ReadOnly);
        Describe(root, "", lines, []);
        return lines;
    }

    private static void Describe(FileDescriptor directory, string path, List<string> lines, Dictionary<ulong, string> links)
    {
        foreach (string name in Syscalls.ReadDirectory(directory).Order(StringComparer.Ordinal))
        {
            FileStatus status = Syscalls.StatAt(directory, name);
            string full = $"{path}/{name}";
            string first = status.IsDirectory || links.TryAdd(status.Inode, full) ? full : links[status.Inode];
            string line = $"{full} {Convert.ToString(status.Mode, 8)} {status.Uid}:{status.Gid} {status.Device} {(status.IsDirectory ? 0 : status.Links)} {first} {status.ModificationSeconds}.{status.ModificationNanoseconds:D9}";
            if (status is { Type: FileType.Character, Device: { Major: 0, Minor: 0 } })
                line = $"{full} whiteout"; // its owner and time mean nothing
            if (status.IsSymlink)
                line += $" -> {Syscalls.ReadLinkAt(directory, name)}";
            if (status.IsRegular || status.IsDirectory)
            {
                using FileDescriptor file = Syscalls.OpenAt(directory, name, OpenFlags.ReadOnly);
                foreach (string attribute in Syscalls.FListXAttr(file).Order(StringComparer.Ordinal))
                    line += $" {attribute}={Convert.ToHexString(Syscalls.FGetXAttr(file, attribute)!)}";
                if (status.IsRegular)
                {
                    using Stream content = file.Duplicate().ToStream(FileAccess.Read);
                    line += $" {status.Size} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(content))}";
                }
                lines.Add(line);
                if (status.IsDirectory)
                    Describe(file, full, lines, links);
                continue;
            }
            lines.Add(line);
        }
    }
}
