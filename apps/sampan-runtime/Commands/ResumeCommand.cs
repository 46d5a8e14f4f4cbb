using Sampan.Runtime.Verbs;
using Sampan.RuntimeCommand.CommandLine;

namespace Sampan.RuntimeCommand.Commands;

/// <summary><c>resume</c>.</summary>
internal static class ResumeCommand
{
    public static Command Describe() => new()
    {
        Name = "resume",
        Summary = "resumes all processes that have been previously paused",
        Arguments = "<container-id>",
        Description = "",
        Run = Run,
    };

    private static int Run(Invocation call)
    {
        using Container container = Container.Open(call.Global.Root, call.Arguments[0]);
        ContainerPause.Resume(container);
        return 0;
    }
}
