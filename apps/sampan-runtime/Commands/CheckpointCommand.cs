using Sampan.Runtime;
using Sampan.RuntimeCommand.CommandLine;

namespace Sampan.RuntimeCommand.Commands;

/// <summary><c>checkpoint</c> and <c>restore</c>: refused in a sentence, because callers that try them should know why.</summary>
internal static class CheckpointCommand
{
    public static Command Checkpoint() => Refused("checkpoint", "not available: this runtime does not save running containers");

    public static Command Restore() => Refused("restore", "not available: this runtime does not save running containers");

    private static Command Refused(string name, string summary) => new()
    {
        Name = name,
        Summary = summary,
        Arguments = "<container-id>",
        LeastArguments = 0,
        MostArguments = int.MaxValue,
        StopsAtFirstArgument = true,
        Run = _ => throw new RuntimeException($"{name} is not available: sampan-runtime does not save or restore running containers; stop the container and create it again", RuntimeErrorKind.InvalidArgument),
    };
}
