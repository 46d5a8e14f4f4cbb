using Sampan.Runtime.Verbs;
using Sampan.RuntimeCommand.CommandLine;

namespace Sampan.RuntimeCommand.Commands;

/// <summary><c>features</c>.</summary>
internal static class FeaturesCommand
{
    public static Command Describe() => new()
    {
        Name = "features",
        Summary = "show the enabled features",
        Arguments = "",
        Description = "The features as JSON: features.md of the OCI runtime specification.",
        LeastArguments = 0,
        MostArguments = 0,
        Run = Run,
    };

    private static int Run(Invocation call)
    {
        Output.Write(RuntimeFeatures.Describe(ProgramVersion.Number).ToJson(indented: true));
        Output.Write("\n");
        return 0;
    }
}
