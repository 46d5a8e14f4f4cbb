using Sampan.Runtime.Verbs;
using Sampan.RuntimeCommand.CommandLine;

namespace Sampan.RuntimeCommand.Commands;

/// <summary><c>pause</c>.</summary>
internal static class PauseCommand
{
    public static Command Describe() => new()
    {
        Name = "pause",
        Summary = "pause suspends all processes inside the container",
        Arguments = "<container-id>",
        Description = "The container's cgroup is frozen; \"resume\" lets it go on.",
        Run = Run,
    };

    private static int Run(Invocation call)
    {
        using Container container = Container.Open(call.Global.Root, call.Arguments[0]);
        ContainerPause.Pause(container);
        return 0;
    }
}
