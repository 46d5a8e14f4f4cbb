namespace Sampan.Runtime.RootFs;

/// <summary>
/// The options of a mount, sorted by what carries them: attributes of the mount (MOUNT_ATTR_*, mount_setattr(2)), the same for the whole tree
/// (<c>rro</c>, <c>rnosuid</c>, …), its propagation, parameters of the file system, and what the runtime itself does. As in config.md, "Linux mount options".
/// </summary>
internal sealed class MountOptions
{
    public const ulong ReadOnly = 0x1;
    private const ulong NoSuid = 0x2, NoDev = 0x4, NoExec = 0x8, AtimeMask = 0x70, NoAtime = 0x10, StrictAtime = 0x20, NoDirAtime = 0x80, NoSymFollow = 0x200000;

    /// <summary>Propagation flags of mount(2).</summary>
    public const ulong Unbindable = 1 << 17, Private = 1 << 18, Slave = 1 << 19, Shared = 1 << 20;

    private readonly List<string> _data = [];
    private readonly List<(ulong Flag, bool Recursive)> _propagation = [];

    public ulong Set { get; private set; }

    public ulong Clear { get; private set; }

    public ulong RecursiveSet { get; private set; }

    public ulong RecursiveClear { get; private set; }

    public bool Bind { get; private set; }

    public bool RecursiveBind { get; private set; }

    public bool Remount { get; private set; }

    public bool CopyUp { get; private set; }

    public bool IdMap { get; private set; }

    public bool RecursiveIdMap { get; private set; }

    /// <summary>The source is opened without following a link at its end.</summary>
    public bool SourceNoFollow { get; private set; }

    /// <summary>What the file system itself is told, <c>key=value</c> or <c>flag</c>.</summary>
    public IReadOnlyList<string> Data => _data;

    /// <summary>Changes of propagation, in the order given.</summary>
    public IReadOnlyList<(ulong Flag, bool Recursive)> Propagation => _propagation;

    /// <summary>Sorts options; what is not known here is the file system's business.</summary>
    public static MountOptions Parse(List<string>? options)
    {
        var parsed = new MountOptions();
        if (options is null)
            return parsed;
        foreach (string option in options)
        {
            if (!parsed.TryRuntime(option) && !parsed.TryAttribute(option, recursive: false)
                && !(option.StartsWith('r') && parsed.TryAttribute(option[1..], recursive: true)) && !parsed.TryPropagation(option))
            {
                parsed._data.Add(option);
            }
        }
        return parsed;
    }

    private bool TryRuntime(string option)
    {
        switch (option)
        {
            case "defaults" or "silent" or "loud": break;
            case "bind": Bind = true; break;
            case "rbind": (Bind, RecursiveBind) = (true, true); break;
            case "remount": Remount = true; break;
            case "tmpcopyup": CopyUp = true; break;
            case "idmap": IdMap = true; break;
            case "ridmap": (IdMap, RecursiveIdMap) = (true, true); break;
            case "src-nofollow" or "copy-symlink": SourceNoFollow = true; break;
            default: return false;
        }
        return true;
    }

    private bool TryAttribute(string option, bool recursive)
    {
        (ulong set, ulong clear) = option switch
        {
            "ro" => (ReadOnly, 0UL),
            "rw" => (0UL, ReadOnly),
            "nosuid" => (NoSuid, 0UL),
            "suid" => (0UL, NoSuid),
            "nodev" => (NoDev, 0UL),
            "dev" => (0UL, NoDev),
            "noexec" => (NoExec, 0UL),
            "exec" => (0UL, NoExec),
            "noatime" => (NoAtime, AtimeMask),
            "atime" or "norelatime" or "nostrictatime" or "relatime" => (0UL, AtimeMask),
            "strictatime" => (StrictAtime, AtimeMask),
            "nodiratime" => (NoDirAtime, 0UL),
            "diratime" => (0UL, NoDirAtime),
            "nosymfollow" => (NoSymFollow, 0UL),
            "symfollow" => (0UL, NoSymFollow),
            _ => (0UL, 0UL),
        };
        if ((set | clear) == 0)
            return false;
        if (recursive)
            (RecursiveSet, RecursiveClear) = ((RecursiveSet & ~clear) | set, (RecursiveClear & ~(set & ~AtimeMask)) | clear);
        else
            (Set, Clear) = ((Set & ~clear) | set, (Clear & ~(set & ~AtimeMask)) | clear);
        return true;
    }

    private bool TryPropagation(string option)
    {
        ulong flag = PropagationOf(option);
        if (flag == 0)
            return false;
        _propagation.Add((flag, option[0] == 'r'));
        return true;
    }

    /// <summary>The flag of a propagation's name, with or without the <c>r</c> of the recursive form; 0 for another word.</summary>
    public static ulong PropagationOf(string? name) => name switch
    {
        "shared" or "rshared" => Shared,
        "slave" or "rslave" => Slave,
        "private" or "rprivate" => Private,
        "unbindable" or "runbindable" => Unbindable,
        _ => 0,
    };
}
