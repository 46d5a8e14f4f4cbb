using Sampan.Kernel;
using Sampan.Oci;
using Sampan.Runtime.Cgroups.Statistics;
using Sampan.Runtime.Cgroups.Systemd;

namespace Sampan.Runtime.Cgroups;

/// <summary>
/// The control group of one container, in every hierarchy that the machine has mounted.
/// </summary>
/// <remarks>
/// <para>
/// Life cycle: <see cref="Create(CgroupRequest)"/> makes the directories and writes the limits; the container's first process joins by itself, through the files
/// of <see cref="OpenJoinFiles"/> and by clone3(CLONE_INTO_CGROUP) with <see cref="OpenUnifiedDirectory"/>; the <see cref="State"/> is kept in the
/// container's state, and later commands <see cref="Open"/> it; <see cref="Delete"/> kills what is left and removes the directories.
/// </para>
/// <para>
/// A failing <see cref="Create(CgroupRequest)"/> leaves no directory of its own behind. For a crash inside it there is <see cref="Plan"/>: the directories
/// that it is about to make, to be written down first and removed by <see cref="DeleteEmpty"/>.
/// </para>
/// </remarks>
public abstract class Cgroup : IDisposable
{
    private readonly bool _shared;

    private protected Cgroup(CgroupState state, bool shared)
    {
        State = state;
        _shared = shared;
    }

    /// <summary>Where the cgroup is; to be kept with the container's state.</summary>
    public CgroupState State { get; }

    /// <summary>
    /// Makes the cgroup and applies <see cref="CgroupRequest.Resources"/> before any process is in it.
    /// </summary>
    /// <exception cref="RuntimeException">
    /// The path is not usable, a cgroup of that path holds processes (and the request has nobody to warn) or is frozen, a controller that a limit needs is missing, or the kernel refused a value.
    /// </exception>
    public static Cgroup Create(CgroupRequest request) => Create(request, CgroupLayout.Detect());

    /// <summary>As the other, on a machine whose layout is known already.</summary>
    /// <exception cref="RuntimeException">As the other's.</exception>
    public static Cgroup Create(CgroupRequest request, CgroupLayout layout)
    {
        if (request.Systemd)
            return SystemdDriver.Create(layout, request);
        return layout.Version == CgroupVersion.V2 ? UnifiedCgroup.Create(layout, request) : LegacyCgroup.Create(layout, request);
    }

    /// <summary>
    /// Where <see cref="Create(CgroupRequest, CgroupLayout)"/> is going to make the directories, with nothing made yet; null with the systemd driver, whose
    /// scope is systemd's to remove: it ends with the process that holds it.
    /// </summary>
    /// <exception cref="RuntimeException">The path is not usable.</exception>
    public static CgroupState? Plan(CgroupRequest request, CgroupLayout layout)
    {
        if (request.Systemd)
            return null;
        var paths = new Dictionary<string, string>(16);
        foreach (CgroupHierarchy hierarchy in layout.Legacy)
        {
            string path = CgroupPath.Legacy(hierarchy, request.CgroupsPath, request.ContainerId);
            foreach (string controller in hierarchy.Controllers)
                paths[controller] = path;
        }
        string? unified = layout.Unified is null ? null : CgroupPath.Unified(layout.Unified, layout.Version, request.CgroupsPath, request.ContainerId);
        return new CgroupState { Version = layout.Version, Paths = paths, UnifiedPath = unified, Rootless = request.Rootless };
    }

    /// <summary>The cgroup of an existing container. Nothing is looked up: the cgroup may be gone meanwhile.</summary>
    public static Cgroup Open(CgroupState state) => state.Version == CgroupVersion.V2 ? new UnifiedCgroup(state) : new LegacyCgroup(state);

    /// <summary>
    /// Removes the empty directories that a <see cref="Create(CgroupRequest)"/> of this request has left, when it was killed before anybody could keep its
    /// <see cref="State"/> and there was no <see cref="Plan"/>. A cgroup that holds processes is another's, and is left alone.
    /// </summary>
    public static void RemoveEmpty(CgroupRequest request) => CgroupRemoval.RemoveEmpty(CgroupLayout.Detect(), request);

    /// <summary>
    /// Changes the limits that <paramref name="resources"/> names and leaves all others as they are. Device rules replace the earlier ones.
    /// </summary>
    /// <exception cref="RuntimeException">The kernel refused a value, or its controller is missing; limits written before it stay.</exception>
    public void Apply(LinuxResources resources)
    {
        if (State.SystemdUnit is not null)
            SystemdDriver.Update(State, resources);
        Write(resources);
    }

    /// <summary>Writes the limits to the cgroup's files.</summary>
    private protected abstract void Write(LinuxResources resources);

    /// <summary>What holds a systemd scope open until the container's process has joined; null otherwise.</summary>
    internal ScopeHolder? Holder { get; set; }

    /// <summary>
    /// Version 1 and hybrid: the <c>tasks</c> file of each hierarchy, open for writing. A process with one thread joins by writing <c>0</c> to each
    /// of them; that is quick, where a write to <c>cgroup.procs</c> can wait several milliseconds for the kernel.
    /// </summary>
    /// <param name="subPaths">
    /// Cgroups below the container's (<c>exec --cgroup</c>): a path, or <c>CONTROLLER[,CONTROLLER…]:PATH</c> for these hierarchies only.
    /// </param>
    /// <exception cref="RuntimeException">The cgroup does not exist.</exception>
    public List<FileDescriptor> OpenJoinFiles(IReadOnlyList<string>? subPaths = null)
    {
        SubCgroup sub = SubCgroup.Parse(subPaths, State);
        var files = new List<FileDescriptor>(State.Paths.Count);
        string? last = null;
        foreach (string directory in State.Paths.Values)
        {
            if (directory == last)
                continue;
            last = directory;
            string path = sub.Directory(directory);
            Errno error = Syscalls.TryOpenAt(Syscalls.WorkingDirectory, path + "/tasks", OpenFlags.WriteOnly | OpenFlags.NoFollow, 0, out FileDescriptor? file);
            if (file is not null)
            {
                files.Add(file);
                continue;
            }
            foreach (FileDescriptor open in files)
                open.Dispose();
            throw CannotJoin(path, error);
        }
        return files;
    }

    /// <summary>
    /// Version 2 and hybrid: the directory for clone3(CLONE_INTO_CGROUP); null where there is no version 2 hierarchy, or the path of
    /// <paramref name="subPaths"/> is for version 1 hierarchies only.
    /// </summary>
    /// <exception cref="RuntimeException">The cgroup does not exist.</exception>
    public FileDescriptor? OpenUnifiedDirectory(IReadOnlyList<string>? subPaths = null)
    {
        if (State.UnifiedPath is null)
            return null;
        string path = SubCgroup.Parse(subPaths, State).Directory(State.UnifiedPath);
        Errno error = Syscalls.TryOpenAt(Syscalls.WorkingDirectory, path, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoFollow, 0, out FileDescriptor? directory);
        return directory ?? throw CannotJoin(path, error);
    }

    /// <summary>In runc's words, which its callers know.</summary>
    private static RuntimeException CannotJoin(string path, Errno error) => new(
        $"error adding pid of the new process to cgroups: open {path}/cgroup.procs: {LowerDescription(error)}{(error == Errno.ENOENT ? " (a sub cgroup must exist before a process can join it)" : "")}",
        error == Errno.ENOENT ? RuntimeErrorKind.NotFound : RuntimeErrorKind.Failed);

    private static string LowerDescription(Errno error)
    {
        string text = KernelException.Describe(error);
        return char.ToLowerInvariant(text[0]) + text[1..];
    }

    /// <summary>
    /// Moves a whole process into the cgroup by <c>cgroup.procs</c>. Slow (5–13 ms): for processes that cannot join by themselves.
    /// </summary>
    /// <exception cref="RuntimeException">The process is gone or may not be moved.</exception>
    public void AddProcess(int pid)
    {
        foreach (string directory in Directories())
        {
            Errno error = CgroupFile.Write(directory, "cgroup.procs", pid.ToString());
            if (error != Errno.None)
                throw new RuntimeException($"cannot move process {pid} into the cgroup {directory}: {KernelException.Describe(error)}");
        }
    }

    /// <summary>
    /// Stops every process of the cgroup until <see cref="Thaw"/>, and waits until all have stopped.
    /// </summary>
    /// <exception cref="RuntimeException">There is no freezer, or some process did not stop within ten seconds; the cgroup is thawed again then.</exception>
    public void Freeze() => Freezer.Freeze(State);

    /// <summary>Lets the processes of the cgroup go on.</summary>
    /// <exception cref="RuntimeException">There is no freezer, or the kernel refused.</exception>
    public void Thaw() => Freezer.Thaw(State);

    /// <summary>True while the cgroup is frozen, or on the way to it.</summary>
    public bool IsFrozen => Freezer.IsFrozen(State);

    /// <summary>
    /// Sends a signal to every process of the cgroup and of all below it. SIGKILL reaches all, those that fork meanwhile and those that are
    /// frozen included (<c>cgroup.kill</c>; on version 1 freeze, signal, thaw).
    /// </summary>
    /// <exception cref="RuntimeException">The caller may not signal a process.</exception>
    public void Signal(int signal) => CgroupProcesses.Signal(State, signal);

    /// <summary>The ids of all processes in the cgroup and below it, as the caller's pid namespace numbers them; empty where the cgroup is gone.</summary>
    public List<int> Processes() => CgroupProcesses.List(State);

    /// <summary>What the cgroup has used. What the machine does not report stays 0 or empty.</summary>
    public CgroupStatistics Statistics()
    {
        var statistics = new CgroupStatistics();
        LegacyStatistics.Read(State.Paths, statistics);
        if (State.UnifiedPath is not null)
            UnifiedStatistics.Read(State.UnifiedPath, statistics, State.Version == CgroupVersion.Hybrid);
        return statistics;
    }

    /// <summary>Begins to watch for memory running out.</summary>
    /// <exception cref="RuntimeException">The container has no memory cgroup.</exception>
    public OomWatch WatchOom() => OomWatch.Open(State);

    /// <summary>
    /// Kills what is left in the cgroup, and removes it and all cgroups below it. A cgroup that is gone is no error.
    /// </summary>
    /// <param name="ownsAll">
    /// Asked where processes are left: whether they can only be the container's. Where they cannot (its own have ended with its pid namespace), they
    /// are another container's that shares the cgroup, and both stay. Null for yes.
    /// </param>
    /// <exception cref="RuntimeException">Something is still in it after ten seconds: a process that cannot be killed.</exception>
    public void Delete(Func<bool>? ownsAll = null)
    {
        Holder?.Dispose();
        if (State.SystemdUnit is not null)
            SystemdDriver.Stop(State);
        CgroupRemoval.Remove(State, _shared ? static () => false : ownsAll);
    }

    /// <summary>
    /// Removes what a <see cref="Create(CgroupRequest, CgroupLayout)"/> that was killed left of its <see cref="Plan"/>. No process of the container was
    /// recorded; one that was cloned a moment before dies with its creator and is waited for, so a directory in which there are still processes
    /// after half a second is somebody else's and stays.
    /// </summary>
    public void DeleteEmpty() => CgroupRemoval.RemoveWhenEmpty(State);

    /// <summary>
    /// Releases what holds a systemd scope open for the container's first process: call it when that process has joined. The cgroup itself stays.
    /// </summary>
    public void Dispose()
    {
        Holder?.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>All directories of the cgroup, each once.</summary>
    internal List<string> Directories() => CgroupProcesses.Directories(State);

    /// <summary>
    /// Refuses a cgroup that was there before and is in use, as two containers in one cgroup would share their limits; or, where the request has
    /// somebody to warn, tells of it and goes on, as runc 1.1 does.
    /// </summary>
    /// <returns>Whether it is shared.</returns>
    private protected static bool CheckUnused(string directory, CgroupRequest request, bool warned)
    {
        var processes = new List<int>();
        CgroupFile.AddProcesses(directory, processes);
        if (processes.Count > 0)
        {
            string sentence = $"container's cgroup is not empty: {processes.Count} process(es) found in {directory}";
            if (request.Warn is null)
                throw new RuntimeException(sentence, RuntimeErrorKind.AlreadyExists);
            if (!warned)
                request.Warn($"{sentence}; the containers share its limits, and pause, kill --all and events of one mean both");
        }
        if (CgroupFile.Read(directory, "freezer.state") is "FROZEN" or "FREEZING" || CgroupFile.Read(directory, "cgroup.freeze") == "1")
            throw new RuntimeException($"container's cgroup unexpectedly frozen: thaw or remove {directory}", RuntimeErrorKind.AlreadyExists);
        return processes.Count > 0;
    }
}
