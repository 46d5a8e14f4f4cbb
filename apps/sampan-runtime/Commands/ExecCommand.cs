using Sampan.Kernel;
using Sampan.Oci;
using Sampan.Runtime;
using Sampan.Runtime.Launch;
using Sampan.Runtime.Sessions;
using Sampan.Runtime.State;
using Sampan.Runtime.Verbs;
using Sampan.RuntimeCommand.CommandLine;

namespace Sampan.RuntimeCommand.Commands;

/// <summary><c>exec</c>.</summary>
internal static class ExecCommand
{
    public static Command Describe() => new()
    {
        Name = "exec",
        Summary = "execute new process inside the container",
        Arguments = "<container-id> <command> [command options]  || -p process.json <container-id>",
        Description = "The exit status is the process's, 128 and the number of the signal that ended it, or 255 where the command could not be\nexecuted or anything else failed.",
        MostArguments = int.MaxValue,
        StopsAtFirstArgument = true,
        Options =
        [
            LaunchOptions.ConsoleSocket,
            new("cwd", OptionKind.Text, "current working directory in the container"),
            new("env", OptionKind.List, "set environment variables", "e"),
            new("tty", OptionKind.Flag, "allocate a pseudo-TTY", "t"),
            new("user", OptionKind.Text, "UID (format: <uid>[:<gid>])", "u"),
            new("additional-gids", OptionKind.List, "additional gids", "g"),
            new("process", OptionKind.Text, "path to the process.json", "p"),
            LaunchOptions.Detach, LaunchOptions.PidFile,
            new("process-label", OptionKind.Text, "set the asm process label for the process commonly used with selinux"),
            new("apparmor", OptionKind.Text, "set the apparmor profile for the process"),
            new("no-new-privs", OptionKind.Flag, "set the no new privileges value for the process"),
            new("cap", OptionKind.List, "add a capability to the bounding set for the process", "c"),
            LaunchOptions.PreserveFds,
            new("cgroup", OptionKind.List, "run the process in an (existing) sub-cgroup(s). Format is [<controller>:]<cgroup>."),
            new("ignore-paused", OptionKind.Flag, "allow exec in a paused container"),
            new("no-subreaper", OptionKind.Flag, "disable the use of the subreaper used to reap reparented processes"),
        ],
        Run = call => LaunchOptions.Guard(call, "exec", () => Run(call)),
    };

    private static int Run(Invocation call)
    {
        ParsedOptions options = call.Options;
        using Container container = Container.Open(call.Global.Root, call.Arguments[0]);
        RequireRunning(container, options.Flag("ignore-paused"));
        Spec spec = Spec.Parse(container.Directory.LoadConfig());
        bool detach = options.Flag("detach");
        Process process = ExecProcess.From(options, call.Arguments, spec);
        string? consoleSocket = options.Text("console-socket") is { Length: > 0 } socket ? socket : null;
        ConsoleChoice.Check(process.Terminal, detach, consoleSocket);
        if (process.Terminal && !detach)
            process.ConsoleSize = CallerTerminal.Size() ?? process.ConsoleSize;
        var request = new ExecRequest
        {
            State = container.State,
            Spec = spec,
            Process = process,
            PidFile = options.Text("pid-file") is { Length: > 0 } pidFile ? pidFile : null,
            ConsoleSocket = consoleSocket,
            RelaysTerminal = !detach && consoleSocket is null,
            PreserveFds = LaunchOptions.PreservedCount(options),
            SubCgroups = options.List("cgroup"),
            Debug = call.Global.Log.DebugSink,
        };
        if (detach)
        {
            ContainerExec.Exec(request).PidFd.Dispose();
            return 0;
        }

        var session = ForegroundSession.Open(subreaper: !options.Flag("no-subreaper"));
        ExecutedProcess executed = ContainerExec.Exec(request);
        using FileDescriptor descriptor = executed.PidFd;
        return session.Serve(executed.Pid, descriptor, executed.Console, notify: null);
    }

    private static void RequireRunning(Container container, bool ignorePaused)
    {
        switch (container.Status())
        {
            case ContainerStatus.Stopped:
                throw new RuntimeException("cannot exec in a stopped container", RuntimeErrorKind.WrongState);
            case ContainerStatus.Creating:
                throw new RuntimeException("cannot exec in a container that is being created", RuntimeErrorKind.WrongState);
            case ContainerStatus.Paused when !ignorePaused:
                throw new RuntimeException("cannot exec in a paused container (use --ignore-paused to override)", RuntimeErrorKind.WrongState);
            default:
                return;
        }
    }
}
