using Sampan.Kernel;
using Sampan.Kernel.Children;
using Sampan.Oci;
using Sampan.Runtime.Hooks;
using Sampan.Runtime.State;

namespace Sampan.Runtime.Launch;

/// <summary>Lets a created container execute its process.</summary>
public static class ContainerStart
{
    /// <summary>
    /// Connects to the waiting process and listens until it has executed its program. Of two starts at once the second finds the socket closed.
    /// </summary>
    /// <exception cref="RuntimeException">The container is not in state "created", or its process failed in its last steps, a startContainer hook among them.</exception>
    public static void Start(StateDirectory directory, ContainerState state)
    {
        ContainerStatus status = state.StatusIn(directory);
        if (status == ContainerStatus.Stopped)
            throw new RuntimeException("cannot start a container that has stopped", RuntimeErrorKind.WrongState);
        if (status != ContainerStatus.Created)
            throw new RuntimeException("cannot start an already running container", RuntimeErrorKind.WrongState);
        Errno error = UnixSocket.TryConnect(directory.StartSocketPath, SocketKind.Stream, allowAbstract: false, out FileDescriptor? connection);
        if (connection is null)
            throw new RuntimeException($"cannot start an already running container ({KernelException.Describe(error)})", RuntimeErrorKind.WrongState);
        using (connection)
        {
            Listen(directory, connection);
        }
        Spec spec = Spec.Parse(directory.LoadConfig());
        HookRunner.Run(spec.Hooks?.Poststart, "poststart", new OciState
        {
            OciVersion = state.OciVersion,
            Id = state.Id.Text,
            Status = "running",
            Pid = state.Pid,
            Bundle = state.Bundle,
            Annotations = spec.Annotations,
        });
    }

    private static void Listen(StateDirectory directory, FileDescriptor connection)
    {
        ChildReport first = ChildReport.Read(connection);
        if (first.Kind == ChildReportKind.End)
            throw new RuntimeException("cannot start an already running container", RuntimeErrorKind.WrongState);
        _ = directory.RemoveStartSocket();
        for (ChildReport report = first; report.Kind != ChildReportKind.End; report = ChildReport.Read(connection))
        {
            if (report.Kind == ChildReportKind.Failed)
                throw LaunchFailure.From(report, "the container's last steps");
            if (report.Point == (int)LaunchPoint.SeccompListener)
                SendListener(directory, connection, report.Value);
        }
    }

    private static void SendListener(StateDirectory directory, FileDescriptor connection, int number)
    {
        ContainerState state = directory.Load();
        Spec spec = Spec.Parse(directory.LoadConfig());
        using FileDescriptor pidFd = Syscalls.PidFdOpen(state.Pid);
        SeccompAgent.Send(spec.Linux!.Seccomp!, new ChildProcess(state.Pid, pidFd), number, new OciState
        {
            OciVersion = state.OciVersion,
            Id = state.Id.Text,
            Status = "creating",
            Pid = state.Pid,
            Bundle = state.Bundle,
            Annotations = spec.Annotations,
        });
        Syscalls.WriteAll(connection, "g"u8);
    }
}
