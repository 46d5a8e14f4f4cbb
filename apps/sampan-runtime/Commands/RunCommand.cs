using Sampan.Kernel;
using Sampan.Runtime.Launch;
using Sampan.Runtime.Sessions;
using Sampan.Runtime.State;
using Sampan.RuntimeCommand.CommandLine;

namespace Sampan.RuntimeCommand.Commands;

/// <summary><c>run</c>.</summary>
internal static class RunCommand
{
    public static Command Describe() => new()
    {
        Name = "run",
        Summary = "create and run a container",
        Arguments = "<container-id>",
        Description = "Makes a container from a bundle, runs its process, and deletes the container when the process has ended. The exit status is the\nprocess's, or 128 and the number of the signal that ended it.",
        Options =
        [
            LaunchOptions.Bundle, LaunchOptions.ConsoleSocket, LaunchOptions.Detach,
            new("keep", OptionKind.Flag, "do not delete the container after it exits"), LaunchOptions.PidFile,
            new("no-subreaper", OptionKind.Flag, "disable the use of the subreaper used to reap reparented processes"),
            LaunchOptions.NoPivot, LaunchOptions.NoNewKeyring, LaunchOptions.PreserveFds,
        ],
        Run = call => LaunchOptions.Guard(call, "run", () => call.Options.Flag("detach") ? Detached(call) : Attached(call)),
    };

    private static int Detached(Invocation call)
    {
        CreateRequest request = CreateCommand.Request(call, detach: true);
        using NotifyProxy? notify = Notify(call, request);
        CreatedContainer created = ContainerCreation.Create(request);
        using FileDescriptor process = created.PidFd;
        notify?.WaitUntilReady(created.Pid, process);
        return 0;
    }

    private static int Attached(Invocation call)
    {
        var session = ForegroundSession.Open(subreaper: !call.Options.Flag("no-subreaper"));
        CreateRequest request = CreateCommand.Request(call, detach: false) with { RelaysTerminal = true };
        using NotifyProxy? notify = Notify(call, request);
        CreatedContainer created = ContainerCreation.Create(request);
        using FileDescriptor process = created.PidFd;
        int status;
        try
        {
            status = session.Serve(created.Pid, process, created.Console, notify);
        }
        catch
        {
            Delete(call, force: true);
            throw;
        }

        if (!call.Options.Flag("keep"))
            Delete(call, force: false);
        return status;
    }

    private static NotifyProxy? Notify(Invocation call, CreateRequest request) =>
        request.NotifySocket is null ? null : NotifyProxy.Bind(call.Global.Root, ContainerId.Parse(request.Id), NotifyProxy.HostSocket!);

    private static void Delete(Invocation call, bool force) => DeleteCommand.Delete(call, ContainerId.Parse(call.Arguments[0]), force);
}
