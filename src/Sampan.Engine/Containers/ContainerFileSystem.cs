using Sampan.Kernel;

namespace Sampan.Engine.Containers;

/// <summary>
/// A container's files, open for a command that reads or writes them from outside. Of a running container they are what its first process sees, with
/// everything that is mounted there, or its own file system alone; that of one at rest is mounted for as long as this object lives, and no monitor can start meanwhile.
/// Everything in it belongs to the container and may be hostile: paths are resolved below <see cref="Root"/> by openat2(2) with RESOLVE_IN_ROOT.
/// </summary>
internal sealed class ContainerFileSystem : IDisposable
{
    private readonly StoredContainer _container;
    private readonly FileDescriptor? _gate;
    private readonly bool _isMounted;

    private ContainerFileSystem(StoredContainer container, RootDirectory root, FileDescriptor? gate, bool isMounted) => (_container, Root, _gate, _isMounted) = (container, root, gate, isMounted);

    /// <summary>The root, as O_PATH.</summary>
    public RootDirectory Root { get; }

    /// <summary>Opens a container's files.</summary>
    /// <param name="container">The container.</param>
    /// <param name="withMounts">Whether what is mounted in a running container counts: volumes, binds, /proc.</param>
    /// <exception cref="EngineException">The container is just now started, or its file system cannot be mounted.</exception>
    public static ContainerFileSystem Open(StoredContainer container, bool withMounts)
    {
        ContainerRecord record = container.Record;
        ContainerState state = container.State();
        if (state.Status == ContainerStatus.Running)
            return new ContainerFileSystem(container, withMounts ? OfProcess(container, state) : RootDirectory.Open(record.RootFs), null, isMounted: false);
        if (!ContainerState.TryLockOutMonitor(container.Directory, out FileDescriptor? gate))
            throw new EngineException(ErrorKind.Conflict, $"the container {record.Name} is being started or stopped just now; try again");
        try
        {
            bool mounted = record.Layers.Count > 0;
            if (mounted)
                _ = ContainerRootFs.Mount(container.Directory, record.Layers);
            return new ContainerFileSystem(container, RootDirectory.Open(record.RootFs), gate, mounted);
        }
        catch
        {
            gate?.Dispose();
            throw;
        }
    }

    /// <summary>What the container has changed in its image; the descriptors are the caller's to close.</summary>
    /// <exception cref="EngineException">Its driver does not keep the changes apart.</exception>
    public static (FileDescriptor Upper, IReadOnlyList<FileDescriptor> Lower) OpenChanges(StoredContainer container, string command)
    {
        ContainerRecord record = container.Record;
        if (record.Layers.Count == 0)
            throw new EngineException(ErrorKind.InvalidArgument, $"the container {record.Name} runs on a root file system of the user's own (--rootfs), of which there is no image to compare it with");
        if (ContainerRootFs.DriverOf(container.Directory) != "overlay")
            throw new EngineException(ErrorKind.InvalidArgument, $"{command} needs the overlay driver: the container {record.Name} was made with SAMPAN_STORAGE_DRIVER=copy, which does not keep its changes apart; sampan export writes all of its files");
        return (HostDirectory.Open(Path.Combine(container.Directory, "upper")), [.. record.Layers.Select(HostDirectory.Open)]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Root.Dispose();
        if (_isMounted)
            ContainerRootFs.Unmount(_container.Directory);
        _gate?.Dispose();
    }

    /// <summary>The root of a running process; that the process is the container's is asked after it is open, so that its number cannot have gone to another.</summary>
    private static RootDirectory OfProcess(StoredContainer container, ContainerState state)
    {
        Errno error = Syscalls.TryOpenAt(Syscalls.WorkingDirectory, $"/proc/{state.Pid}/root", OpenFlags.Path | OpenFlags.Directory, 0, out FileDescriptor? root);
        bool isSame = ProcStat.TryRead(state.Pid, out ProcStat stat) && stat.StartTime == state.StartTime;
        if (error == Errno.None && isSame)
            return new RootDirectory(root!);
        root?.Dispose();
        throw new EngineException(ErrorKind.Conflict, $"the container {container.Record.Name} has ended just now; try again");
    }
}
