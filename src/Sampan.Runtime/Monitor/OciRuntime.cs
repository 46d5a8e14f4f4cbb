using Sampan.Kernel;
using Sampan.Runtime.Launch;
using Sampan.Runtime.State;
using Sampan.Runtime.Verbs;

namespace Sampan.Runtime.Monitor;

/// <summary>What a monitor asks of an OCI runtime: of this program itself, or of another that is called as a process.</summary>
internal interface IOciRuntime
{
    /// <summary>Creates the container with its streams; gives the pid of its first process, which is the monitor's child.</summary>
    int Create(MonitorSettings settings, ContainerStreams streams);

    /// <summary>Starts it.</summary>
    void Start(string id);

    /// <summary>Removes what is left of it.</summary>
    void Delete(string id, bool force);
}

/// <summary>This program as the runtime, called without a process.</summary>
internal sealed class OciRuntime(string root) : IOciRuntime
{
    /// <summary>The runtime of a container.</summary>
    public static IOciRuntime For(MonitorSettings settings) => settings.IsOwnRuntime
        ? new OciRuntime(settings.RuntimeRoot)
        : new OciRuntimeProcess(settings.Runtime, settings.RuntimeRoot, Path.Combine(settings.RunDirectory, "runtime.log"));

    public int Create(MonitorSettings settings, ContainerStreams streams)
    {
        // The container inherits 0, 1 and 2 of the process that clones it.
        Syscalls.DuplicateOnto(streams.ChildInput, 0);
        Syscalls.DuplicateOnto(streams.ChildOutput, 1);
        Syscalls.DuplicateOnto(streams.ChildError, 2);
        try
        {
            CreatedContainer created = ContainerCreation.Create(new CreateRequest { Id = settings.Id, Bundle = settings.Directory, StateRoot = root, StartAtOnce = true });
            created.PidFd.Dispose();
            streams.TakeConsole(created.Console);
            return created.Pid;
        }
        finally
        {
            for (int number = 0; number < 3; number++)
                Syscalls.DuplicateOnto(Streams.Null, number);
        }
    }

    public void Start(string id)
    {
        // Create has started it: nothing of the monitor's stands between the two.
    }

    public void Delete(string id, bool force) => ContainerDelete.Delete(new StateRoot(root), ContainerId.Parse(id), force);
}
