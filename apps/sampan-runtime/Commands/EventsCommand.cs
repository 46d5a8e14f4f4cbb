using Sampan.Runtime;
using Sampan.Runtime.Verbs;
using Sampan.RuntimeCommand.CommandLine;

namespace Sampan.RuntimeCommand.Commands;

/// <summary><c>events</c>.</summary>
internal static class EventsCommand
{
    public static Command Describe() => new()
    {
        Name = "events",
        Summary = "display container events such as OOM notifications, cpu, memory, and IO usage statistics",
        Arguments = "<container-id>",
        Description = "One JSON object on each line, until the container has ended.",
        Options =
        [
            new("interval", OptionKind.Text, "set the stats collection interval", Default: "5s"),
            new("stats", OptionKind.Flag, "display the container's stats then exit"),
        ],
        Run = Run,
    };

    private static int Run(Invocation call)
    {
        string text = call.Options.Text("interval") ?? "5s";
        if (!GoDuration.TryParse(text, out TimeSpan interval))
            throw new UsageException($"invalid value \"{text}\" for flag -interval: parse error");
        if (interval <= TimeSpan.Zero)
            throw new RuntimeException("duration interval must be greater than 0", RuntimeErrorKind.InvalidArgument);
        using Container container = Container.Open(call.Global.Root, call.Arguments[0]);
        if (call.Options.Flag("stats"))
            ContainerEvents.Once(container, line => Output.Write(line));
        else
            ContainerEvents.Follow(container, interval, line => Output.Write(line));
        return 0;
    }
}
