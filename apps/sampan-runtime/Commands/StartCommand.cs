using Sampan.Kernel;
using Sampan.Runtime.Launch;
using Sampan.Runtime.Sessions;
using Sampan.Runtime.Verbs;
using Sampan.RuntimeCommand.CommandLine;

namespace Sampan.RuntimeCommand.Commands;

/// <summary><c>start</c>.</summary>
internal static class StartCommand
{
    public static Command Describe() => new()
    {
        Name = "start",
        Summary = "executes the user defined process in a created container",
        Arguments = "<container-id>",
        Run = Run,
    };

    private static int Run(Invocation call)
    {
        using Container container = Container.Open(call.Global.Root, call.Arguments[0]);
        if (NotifyProxy.HostSocket is not { } host)
        {
            ContainerStart.Start(container.Directory, container.State);
            return 0;
        }

        NotifyProxy.MakeDirectory(call.Global.Root, container.State.Id);
        using NotifyProxy notify = NotifyProxy.Bind(call.Global.Root, container.State.Id, host);
        using FileDescriptor process = Syscalls.PidFdOpen(container.State.Pid);
        ContainerStart.Start(container.Directory, container.State);
        notify.WaitUntilReady(container.State.Pid, process);
        return 0;
    }
}
