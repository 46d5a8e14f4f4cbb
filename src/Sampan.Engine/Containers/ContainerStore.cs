using Sampan.Kernel;
using Sampan.Oci;

namespace Sampan.Engine.Containers;

/// <summary>A container on the disk.</summary>
/// <param name="Record">What it is.</param>
/// <param name="Directory">Its directory.</param>
public sealed record StoredContainer(ContainerRecord Record, string Directory)
{
    /// <summary>How it is now.</summary>
    /// <exception cref="KernelException">The container was removed meanwhile.</exception>
    public ContainerState State()
    {
        using FileDescriptor directory = HostDirectory.Open(Directory);
        return ContainerState.Read(directory);
    }
}

/// <summary>
/// The containers of a root: one directory for each id, one link for each name. The link is made in one call, so that of two commands that want a
/// name exactly one gets it; there is no lock between commands of different containers. A directory without a record is that of a container which is being
/// made or removed (<see cref="UnfinishedMark"/>), or what a killed command left, which the next <c>run</c>, <c>ps</c> or <c>rm</c> removes.
/// </summary>
public sealed partial class ContainerStore(Places places)
{
    private static readonly string[] s_adjectives = ["brave", "calm", "clever", "eager", "fair", "gentle", "happy", "keen", "kind", "lively", "lucky", "mellow", "nimble", "proud", "quick", "quiet", "steady", "swift", "tidy", "wise"];

    private static readonly string[] s_boats = ["barge", "canoe", "clipper", "cutter", "dhow", "dinghy", "ferry", "galley", "gondola", "junk", "kayak", "ketch", "lugger", "pinnace", "prahu", "punt", "schooner", "skiff", "sloop", "yawl"];

    /// <summary>A new id: 64 hexadecimal digits.</summary>
    public static string NewId()
    {
        Span<byte> random = stackalloc byte[32];
        Syscalls.GetRandom(random);
        return Convert.ToHexStringLower(random);
    }

    /// <summary>The path of a container's directory.</summary>
    public string DirectoryOf(string id) => Path.Combine(places.Containers, id);

    /// <summary>The path of a name's link.</summary>
    public string NameFile(string name) => Path.Combine(places.Names, name);

    /// <summary>Makes the directory of a new container.</summary>
    public string MakeDirectory(string id)
    {
        HostDirectory.Ensure(places.Containers);
        HostDirectory.Ensure(places.Names);
        string directory = DirectoryOf(id);
        Syscalls.MkDirAt(Syscalls.WorkingDirectory, directory, 0x1C0);
        return directory;
    }

    /// <summary>Reserves a name, or makes one up.</summary>
    /// <returns>The name.</returns>
    /// <exception cref="EngineException">The name is malformed or taken.</exception>
    public string Reserve(string? name, string id)
    {
        if (name is not null)
        {
            CheckName(name);
            return TryReserve(name, id) ? name : throw new EngineException(ErrorKind.Conflict, $"the name \"{name}\" is taken by the container {Shorten(Owner(name))}; remove that one or choose another name");
        }
        for (int attempt = 0; ; attempt++)
        {
            string suggestion = $"{s_adjectives[Random.Shared.Next(s_adjectives.Length)]}_{s_boats[Random.Shared.Next(s_boats.Length)]}{(attempt < 3 ? "" : $"_{Random.Shared.Next(100_000)}")}";
            if (TryReserve(suggestion, id))
                return suggestion;
        }
    }

    /// <summary>Every container, the newest first. What killed commands have left is removed on the way.</summary>
    public List<StoredContainer> List()
    {
        RemoveMarked();
        var containers = new List<StoredContainer>();
        foreach (string id in Ids())
        {
            if (TryLoad(id) is { } container)
                containers.Add(container);
            else
                _ = RemoveIfAbandoned(id);
        }
        containers.Sort(static (left, right) => right.Record.Created.CompareTo(left.Record.Created));
        return containers;
    }

    /// <summary>Finds a container by its name, its id, or the beginning of its id.</summary>
    /// <param name="text">What the user wrote.</param>
    /// <param name="evenDamaged">Whether one whose record is damaged counts: it can only be removed.</param>
    /// <exception cref="EngineException">There is none, the beginning fits several, or it is damaged.</exception>
    public StoredContainer Find(string text, bool evenDamaged = false)
    {
        StoredContainer found = FindAny(text);
        return evenDamaged || !found.Record.IsDamaged
            ? found
            : throw new EngineException(ErrorKind.Failed, $"the record of the container {found.Record.Name} is damaged, so that it can only be removed: \"sampan rm -f {found.Record.ShortId}\"");
    }

    private StoredContainer FindAny(string text)
    {
        if (IsName(text) && Owner(text) is { } owner && TryLoad(owner) is { } named)
            return named;
        if (text.Length is > 0 and <= 64 && text.All(static c => char.IsAsciiDigit(c) || c is >= 'a' and <= 'f'))
        {
            string[] ids = text.Length == 64 ? [text] : [.. Ids().Where(id => id.StartsWith(text, StringComparison.Ordinal))];
            if (ids.Length > 1)
                throw new EngineException(ErrorKind.Conflict, $"\"{text}\" is the beginning of {ids.Length} containers' ids; give more digits");
            if (ids.Length == 1 && TryLoad(ids[0]) is { } found)
                return found;
        }
        throw new EngineException(ErrorKind.NotFound, $"no such container: {Printable.Escape(text)}");
    }

    private IEnumerable<string> Ids() =>
        Directory.Exists(places.Containers) ? Directory.EnumerateDirectories(places.Containers).Select(static path => Path.GetFileName(path)!) : [];

    private StoredContainer? TryLoad(string id)
    {
        string directory = DirectoryOf(id);
        try
        {
            return new StoredContainer(ContainerRecord.Load(File.ReadAllBytes(Path.Combine(directory, ContainerRecord.FileName))), directory);
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            return null; // removed meanwhile, or not yet complete
        }
        catch (Exception damaged) when (JsonFault.Is(damaged))
        {
            // One bad file must not keep anybody from the other containers.
            DateTimeOffset written = File.GetLastWriteTimeUtc(Path.Combine(directory, ContainerRecord.FileName));
            return new StoredContainer(ContainerRecord.Damaged(id, NameOf(id) ?? id[..12], written, Path.Combine(directory, "merged")), directory);
        }
    }

    private string? NameOf(string id) =>
        Directory.EnumerateFileSystemEntries(places.Names).Select(static path => Path.GetFileName(path)).FirstOrDefault(name => Owner(name) == id);

    private bool TryReserve(string name, string id)
    {
        if (TryLink(name, id))
            return true;
        // A container that was removed only in part, or a command killed while it made one, leaves a name without a directory.
        string? owner = Owner(name);
        if (owner is not null && Directory.Exists(DirectoryOf(owner)) && (HasRecord(owner) || !RemoveIfAbandoned(owner)))
            return false;
        using FileDescriptor gate = LockNames();
        if (Owner(name) == owner)
            _ = Syscalls.TryUnlinkAt(Syscalls.WorkingDirectory, NameFile(name));
        return TryLink(name, id);
    }

    private bool TryLink(string name, string id)
    {
        try
        {
            Syscalls.SymlinkAt(id, Syscalls.WorkingDirectory, NameFile(name));
            return true;
        }
        catch (KernelException taken) when (taken.Errno == Errno.EEXIST)
        {
            return false;
        }
    }

    private string? Owner(string name)
    {
        try
        {
            return Syscalls.ReadLinkAt(Syscalls.WorkingDirectory, NameFile(name));
        }
        catch (KernelException)
        {
            return null;
        }
    }

    private static string Shorten(string? id) => id is { Length: > 12 } ? id[..12] : "that is being removed";

    private static void CheckName(string name)
    {
        if (!IsName(name))
            throw Quantities.Invalid("--name", name, "a name: letters, digits, \"_\", \".\" and \"-\", the first a letter or digit, at most 128");
    }

    private static bool IsName(string name) =>
        name.Length is > 0 and <= 128 && char.IsAsciiLetterOrDigit(name[0]) && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-');
}
