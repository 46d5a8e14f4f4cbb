using Sampan.Oci;

namespace Sampan.Runtime.Hooks;

/// <summary>Runs the hooks that belong to the runtime's own namespace: prestart, createRuntime, poststart, poststop.</summary>
public static class HookRunner
{
    /// <summary>Runs hooks one after another, each with the container's state on its stdin and exactly the environment that the hook names.</summary>
    /// <param name="hooks">The hooks, or null.</param>
    /// <param name="kind">Their name in the specification, for messages.</param>
    /// <param name="state">What they read.</param>
    /// <exception cref="RuntimeException">A hook failed; those behind it have not run.</exception>
    public static void Run(IReadOnlyList<Hook>? hooks, string kind, OciState state)
    {
        for (int i = 0; i < (hooks?.Count ?? 0); i++)
            RunOne(hooks![i], $"{kind} hook {i}", state);
    }

    /// <summary>Runs all hooks, also behind one that fails, as poststop asks for; returns a sentence for each failure.</summary>
    public static List<string> RunAll(IReadOnlyList<Hook>? hooks, string kind, OciState state)
    {
        var failures = new List<string>();
        for (int i = 0; i < (hooks?.Count ?? 0); i++)
        {
            try
            {
                RunOne(hooks![i], $"{kind} hook {i}", state);
            }
            catch (RuntimeException failure)
            {
                failures.Add(failure.Message);
            }
        }
        return failures;
    }

    private static void RunOne(Hook hook, string what, OciState state)
    {
        IReadOnlyList<string> arguments = hook.Args is { Count: > 0 } given ? given : [hook.Path];
        TimeSpan limit = hook.Timeout is > 0 and int seconds ? TimeSpan.FromSeconds(seconds) : Timeout.InfiniteTimeSpan;
        HostProgramResult result = HostProgram.Run(hook.Path, arguments, hook.Env ?? [], state.ToJson(indented: false), limit);
        if (!result.Succeeded)
            throw new RuntimeException($"error running hook: {what} ({hook.Path}): {result.Describe()}");
    }
}
