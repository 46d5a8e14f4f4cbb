using Sampan.Kernel;

namespace Sampan.Engine.Containers;

public sealed partial class ContainerStore
{
    /// <summary>
    /// Removes what killed commands have left of containers that they were making or removing: mount, directories, name. A container with a record stays,
    /// whatever it does; so does one that somebody makes or removes just now.
    /// </summary>
    public void CleanUp()
    {
        RemoveMarked();
        foreach (string id in Ids())
        {
            if (!HasRecord(id))
                _ = RemoveIfAbandoned(id);
        }
    }

    /// <summary>The quick part, for each start: those that have a mark.</summary>
    internal void RemoveMarked()
    {
        foreach (string id in UnfinishedMark.List(places))
            _ = RemoveIfAbandoned(id);
    }

    /// <summary>Removes a container's files: its run directory, its directory, the record in it last, and then its name.</summary>
    public void Remove(string id, string name)
    {
        using UnfinishedMark? mark = TakeUnlessFull(id);
        RemoveUnfinished(id, name);
    }

    /// <summary>The same, by who holds the container's mark.</summary>
    internal void RemoveUnfinished(string id, string name)
    {
        RemoveFiles(id);
        ReleaseName(name, id);
    }

    /// <summary>Removes a directory with everything in it; nothing happens where it is not there.</summary>
    internal static void RemoveDirectory(string path)
    {
        if (Syscalls.TryOpenAt(Syscalls.WorkingDirectory, Path.GetDirectoryName(path)!, OpenFlags.Directory | OpenFlags.ReadOnly, 0, out FileDescriptor? parent) != Errno.None)
            return;
        using (parent)
            DirectoryTree.Remove(parent!, Path.GetFileName(path));
    }

    /// <summary>Removes what is there of an id without a record, unless somebody works on it.</summary>
    /// <returns>Whether nothing is left of it.</returns>
    private bool RemoveIfAbandoned(string id)
    {
        try
        {
            using UnfinishedMark? mark = UnfinishedMark.TryTake(places, id);
            // Looked at under the mark: its maker may have finished meanwhile, or was killed right after the record, and the mark alone was left.
            if (mark is null || HasRecord(id))
                return false;
            ContainerRootFs.Unmount(DirectoryOf(id));
            RemoveFiles(id);
            foreach (string name in Directory.Exists(places.Names) ? Directory.EnumerateFileSystemEntries(places.Names) : [])
                ReleaseName(Path.GetFileName(name), id);
            return true;
        }
        catch (KernelException)
        {
            return false; // the monitor of a container that removes itself was faster, or the next command tries again
        }
    }

    /// <summary>A full disk must not keep anybody from making room.</summary>
    private UnfinishedMark? TakeUnlessFull(string id)
    {
        try
        {
            return UnfinishedMark.Take(places, id);
        }
        catch (KernelException full) when (full.Errno is Errno.ENOSPC or Errno.EDQUOT)
        {
            return null;
        }
    }

    private void RemoveFiles(string id)
    {
        RemoveDirectory(places.RunDirectory(id));
        string directory = DirectoryOf(id);
        if (Syscalls.TryOpenAt(Syscalls.WorkingDirectory, directory, OpenFlags.Directory | OpenFlags.ReadOnly, 0, out FileDescriptor? open) == Errno.None)
        {
            using (open)
            {
                // The record goes last: a removal that is killed can be repeated.
                foreach (string entry in Syscalls.ReadDirectory(open!))
                {
                    if (entry != ContainerRecord.FileName)
                        DirectoryTree.Remove(open!, entry);
                }
            }
        }
        RemoveDirectory(directory);
    }

    private bool HasRecord(string id) => File.Exists(Path.Combine(DirectoryOf(id), ContainerRecord.FileName));

    /// <summary>Removes a name's link where it is this container's; the gate keeps another command from taking it over between the two calls.</summary>
    private void ReleaseName(string name, string id)
    {
        if (name.Length == 0 || Owner(name) != id)
            return;
        using FileDescriptor gate = LockNames();
        if (Owner(name) == id)
            _ = Syscalls.TryUnlinkAt(Syscalls.WorkingDirectory, NameFile(name));
    }

    private FileDescriptor LockNames()
    {
        FileDescriptor gate = Syscalls.Open(places.Names, OpenFlags.Directory | OpenFlags.ReadOnly);
        _ = Syscalls.FLock(gate, LockKind.Exclusive);
        return gate;
    }
}
