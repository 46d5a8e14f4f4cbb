using Sampan.Runtime.Verbs;
using Sampan.RuntimeCommand.CommandLine;

namespace Sampan.RuntimeCommand.Commands;

/// <summary><c>state</c>.</summary>
internal static class StateCommand
{
    public static Command Describe() => new()
    {
        Name = "state",
        Summary = "output the state of a container",
        Arguments = "<container-id>",
        Description = "The state of the container as JSON: the specification's members, and rootfs, created and owner.",
        Run = Run,
    };

    private static int Run(Invocation call)
    {
        using Container container = Container.Open(call.Global.Root, call.Arguments[0]);
        Output.Write(ContainerReport.Of(container).ToStateJson());
        return 0;
    }
}
