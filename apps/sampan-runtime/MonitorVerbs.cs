using Sampan.Runtime.Monitor;

namespace Sampan.RuntimeCommand;

/// <summary>The private verbs <c>monitor</c> and <c>monitor-watch</c>, by which <c>sampan</c> starts a container's monitor. They are no part of the OCI command line.</summary>
internal static class MonitorVerbs
{
    /// <summary>Runs the verb, or gives null where it is another's.</summary>
    public static int? Run(string[] args) => args.Length == 0 ? null : args[0] switch
    {
        "monitor" => MonitorStart.Run(args.AsSpan(1).ToArray()),
        "monitor-watch" => MonitorWatch.Run(args.AsSpan(1).ToArray()),
        _ => null,
    };
}
