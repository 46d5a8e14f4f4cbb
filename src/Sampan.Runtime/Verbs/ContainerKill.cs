using Sampan.Kernel;
using Sampan.Runtime.Cgroups;
using Sampan.Runtime.State;

namespace Sampan.Runtime.Verbs;

/// <summary><c>kill</c>: a signal to the container's first process, or to all of its processes.</summary>
public static class ContainerKill
{
    /// <summary>Sends a signal.</summary>
    /// <param name="container">The container.</param>
    /// <param name="signal">The signal's number; 0 only asks whether there is somebody to signal.</param>
    /// <param name="all">To every process of the container's cgroup; a container without any process left is no error then.</param>
    /// <exception cref="RuntimeException"><see cref="RuntimeErrorKind.WrongState"/>: "container not running".</exception>
    public static void Signal(Container container, int signal, bool all)
    {
        if (all && container.State.Cgroup is not null)
        {
            using Cgroup cgroup = container.OpenCgroup("signal all processes");
            cgroup.Signal(signal);
            return;
        }

        using FileDescriptor? process = OpenProcess(container.State.Process);
        Errno error = process is null ? Errno.ESRCH : Syscalls.TryPidFdSendSignal(process, signal);
        if (error == Errno.ESRCH)
        {
            if (all)
                return;
            throw new RuntimeException("container not running", RuntimeErrorKind.WrongState);
        }

        if (error != Errno.None)
            throw new KernelException($"pidfd_send_signal({container.State.Pid}, {signal})", error);
        if (signal == Kernel.Signal.Kill)
            ThawIfPaused(container);
    }

    /// <summary>A descriptor of exactly this process; null where it has ended, also where its number belongs to another one now.</summary>
    internal static FileDescriptor? OpenProcess(ProcessIdentity process)
    {
        if (process.Pid == 0 || Syscalls.TryPidFdOpen(process.Pid, out FileDescriptor? pidFd) != Errno.None)
            return null;
        // Looked at after the descriptor was taken: from here on the number cannot pass to another process unseen.
        if (process.IsAlive)
            return pidFd;
        pidFd!.Dispose();
        return null;
    }

    /// <summary>A frozen process of cgroup v1 does not die before it is thawed.</summary>
    internal static void ThawIfPaused(Container container)
    {
        if (container.State.Cgroup is null)
            return;
        using Cgroup cgroup = Cgroup.Open(container.State.Cgroup);
        if (cgroup.IsFrozen)
            cgroup.Thaw();
    }
}
