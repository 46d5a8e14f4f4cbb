using Sampan.Kernel;
using Sampan.Runtime;
using Sampan.Runtime.State;

namespace Sampan.RuntimeCommand.CommandLine;

/// <summary>What may stand before the command's name.</summary>
public sealed class GlobalOptions
{
    /// <summary>The table of them.</summary>
    public static Option[] Known =>
    [
        new("debug", OptionKind.Flag, "enable debug logging"),
        new("log", OptionKind.Text, "set the log file to write logs to (default is '/dev/stderr')"),
        new("log-format", OptionKind.Text, "set the log format ('text' (default), or 'json')", Default: "\"text\""),
        new("root", OptionKind.Text, "root directory for storage of container state (this should be located in tmpfs)", Default: $"\"{StateRoot.DefaultPath(Syscalls.GetEuid())}\""),
        new("criu", OptionKind.Text, "refused: there is no checkpoint and restore"),
        new("systemd-cgroup", OptionKind.Flag, "enable systemd cgroup support, expects cgroupsPath to be of form \"slice:prefix:name\" for e.g. \"system.slice:sampan:434234\""),
        new("rootless", OptionKind.Text, "ignore cgroup permission errors ('true', 'false', or 'auto')", Default: "\"auto\""),
    ];

    /// <summary>Where errors and debug lines go.</summary>
    public required Log Log { get; init; }

    /// <summary>The state root.</summary>
    public required StateRoot Root { get; init; }

    /// <summary>Whether cgroups are asked of systemd.</summary>
    public bool SystemdCgroup { get; init; }

    /// <summary>Whether missing rights over cgroups are passed over; null: decided by who we are.</summary>
    public bool? Rootless { get; init; }

    /// <summary>Reads the values of the options.</summary>
    /// <exception cref="RuntimeException">A value is none of those allowed.</exception>
    public static GlobalOptions From(ParsedOptions options)
    {
        Log log = Log.Open(options.Text("log"), options.Text("log-format") ?? "text", options.Flag("debug"));
        if (options.Text("criu") is not null)
        {
            log.Error("checkpoint and restore do not exist in sampan-runtime, and --criu means nothing without them: leave it out");
            throw new ReportedException(1);
        }

        bool? rootless = options.Text("rootless") switch
        {
            null or "auto" => null,
            "true" or "1" => true,
            "false" or "0" => false,
            string other => throw new RuntimeException($"invalid value \"{other}\" for --rootless: use true, false or auto", RuntimeErrorKind.InvalidArgument),
        };
        string path = options.Text("root") is { Length: > 0 } given ? given : StateRoot.DefaultPath(Syscalls.GetEuid());
        return new GlobalOptions { Log = log, Root = new StateRoot(path), SystemdCgroup = options.Flag("systemd-cgroup"), Rootless = rootless };
    }
}

/// <summary>A failure that the user has been told of already.</summary>
/// <param name="exitCode">The exit status.</param>
public sealed class ReportedException(int exitCode) : Exception
{
    /// <summary>The exit status.</summary>
    public int ExitCode { get; } = exitCode;
}
