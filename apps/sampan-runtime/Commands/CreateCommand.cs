using Sampan.Runtime.Launch;
using Sampan.Runtime.Sessions;
using Sampan.Runtime.State;
using Sampan.RuntimeCommand.CommandLine;

namespace Sampan.RuntimeCommand.Commands;

/// <summary><c>create</c>.</summary>
internal static class CreateCommand
{
    public static Command Describe() => new()
    {
        Name = "create",
        Summary = "create a container",
        Arguments = "<container-id>",
        Description = "Makes a container from a bundle; its process waits for \"start\".",
        Options =
        [
            LaunchOptions.Bundle, LaunchOptions.ConsoleSocket, LaunchOptions.PidFile, LaunchOptions.NoPivot, LaunchOptions.NoNewKeyring, LaunchOptions.PreserveFds,
        ],
        Run = call => LaunchOptions.Guard(call, "create", () => Run(call)),
    };

    private static int Run(Invocation call)
    {
        CreatedContainer created = ContainerCreation.Create(Request(call, detach: true) with { StartAtOnce = false });
        created.PidFd.Dispose();
        return 0;
    }

    /// <summary>The request that <c>create</c> and <c>run</c> share.</summary>
    internal static CreateRequest Request(Invocation call, bool detach)
    {
        ParsedOptions options = call.Options;
        ContainerId id = ContainerId.Parse(call.Arguments[0]);
        bool notify = NotifyProxy.HostSocket is not null;
        if (notify)
            NotifyProxy.MakeDirectory(call.Global.Root, id);
        return new CreateRequest
        {
            Id = id.Text,
            Bundle = options.Text("bundle") is { Length: > 0 } bundle ? bundle : ".",
            StateRoot = call.Global.Root.Path,
            PidFile = options.Text("pid-file") is { Length: > 0 } pidFile ? pidFile : null,
            ConsoleSocket = options.Text("console-socket") is { Length: > 0 } socket ? socket : null,
            Detached = detach,
            PreserveFds = LaunchOptions.PreservedCount(options),
            NoPivot = options.Flag("no-pivot"),
            NoNewKeyring = options.Flag("no-new-keyring"),
            SystemdCgroup = call.Global.SystemdCgroup,
            Rootless = call.Global.Rootless,
            NotifySocket = notify ? NotifyProxy.SocketPath(call.Global.Root, id) : null,
            Warn = call.Global.Log.Warning,
            Debug = call.Global.Log.DebugSink,
            StartAtOnce = true,
        };
    }
}
