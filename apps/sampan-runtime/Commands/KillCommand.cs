using Sampan.Kernel;
using Sampan.Runtime;
using Sampan.Runtime.Verbs;
using Sampan.RuntimeCommand.CommandLine;

namespace Sampan.RuntimeCommand.Commands;

/// <summary><c>kill</c>.</summary>
internal static class KillCommand
{
    public static Command Describe() => new()
    {
        Name = "kill",
        Summary = "kill sends the specified signal (default: SIGTERM) to the container's init process",
        Arguments = "<container-id> [signal]",
        Description = "The signal is a name (KILL, SIGKILL, RTMIN+3) or a number.\n\nEXAMPLE:\n       # sampan-runtime kill ubuntu01 KILL",
        MostArguments = 2,
        Options = [new("all", OptionKind.Flag, "send the specified signal to all processes inside the container", "a")],
        Run = Run,
    };

    private static int Run(Invocation call)
    {
        string name = call.Arguments.Count > 1 ? call.Arguments[1] : "SIGTERM";
        using Container container = Container.Open(call.Global.Root, call.Arguments[0]);
        if (!Signal.TryParse(name, out int signal))
            throw new RuntimeException($"unknown signal \"{name}\": give a name like TERM or a number from 0 to {Signal.RtMax}", RuntimeErrorKind.InvalidArgument);
        ContainerKill.Signal(container, signal, call.Options.Flag("all"));
        return 0;
    }
}
