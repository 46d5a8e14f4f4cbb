using System.CommandLine;
using Sampan.Command.CommandLine;
using Sampan.Engine;
using Sampan.Kernel;
using Sampan.Oci;
using Sampan.Registry;

namespace Sampan.Command;

/// <summary>The command line: parses, calls the engine, and turns each failure into one sentence and an exit code.</summary>
internal static class Program
{
    /// <summary>Sampan's own failure, where the container's program could have given any other code.</summary>
    public const int OwnFailure = 125;

    private static int Main(string[] args)
    {
        RootCommand root = CommandTree.Build();
        string? verb = null;
        try
        {
            string[] words = Normalizer.Normalize(root, args, out verb);
            ParseResult parsed = root.Parse(words, new ParserConfiguration { ResponseFileTokenReplacer = null });
            if (parsed.Errors.Count > 0)
            {
                Output.Error($"{Printable.Escape(parsed.Errors[0].Message)} (see \"sampan {(verb is null ? "" : verb + " ")}--help\")");
                return OwnFailure;
            }
            return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (Exception error)
        {
            Output.Error(Describe(error));
            return ExitCode(error, verb);
        }
    }

    private static string Describe(Exception error) => error is EngineException or KernelException or SpecException or RegistryException or IOException or UnauthorizedAccessException or ArgumentException
        ? error.Message
        : $"internal error, please report it: {error.GetType().Name}: {error.Message}";

    /// <summary>Exit codes by cause, as Docker documents them for run and exec; 1 for every other command.</summary>
    private static int ExitCode(Exception error, string? verb)
    {
        if (error is CommandLineException)
            return OwnFailure;
        if (verb is not ("run" or "exec"))
            return 1;
        return (error as EngineException)?.Kind switch
        {
            ErrorKind.ExecutableNotFound => 127,
            ErrorKind.ExecutableNotAllowed => 126,
            ErrorKind.NotFound or ErrorKind.Conflict when verb == "exec" => 1,
            _ => OwnFailure,
        };
    }
}
