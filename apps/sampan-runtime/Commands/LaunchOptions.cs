using Sampan.Kernel;
using Sampan.Oci;
using Sampan.Runtime;
using Sampan.RuntimeCommand.CommandLine;

namespace Sampan.RuntimeCommand.Commands;

/// <summary>What <c>create</c>, <c>run</c> and <c>exec</c> share: options, and the exit status of a failure.</summary>
internal static class LaunchOptions
{
    public static Option Bundle { get; } = new("bundle", OptionKind.Text, "path to the root of the bundle directory, defaults to the current directory", "b");

    public static Option ConsoleSocket { get; } = new("console-socket", OptionKind.Text, "path to an AF_UNIX socket which will receive a file descriptor referencing the master end of the console's pseudoterminal");

    public static Option PidFile { get; } = new("pid-file", OptionKind.Text, "specify the file to write the process id to");

    public static Option NoPivot { get; } = new("no-pivot", OptionKind.Flag, "do not use pivot root to jail process inside rootfs. This should be used whenever the rootfs is on top of a ramdisk");

    public static Option NoNewKeyring { get; } = new("no-new-keyring", OptionKind.Flag, "do not create a new session keyring for the container. This will cause the container to inherit the calling processes session key");

    public static Option PreserveFds { get; } = new("preserve-fds", OptionKind.Number, "pass N additional file descriptors to the container (stdio + $LISTEN_FDS + N in total)", Default: "0");

    public static Option Detach { get; } = new("detach", OptionKind.Flag, "detach from the container's process", "d");

    /// <summary>
    /// Runs the body; a failure is told with the command's name in front, as runc does, and becomes an exit status: of <c>exec</c> 255, as in runc, so
    /// that no exit status of the program itself can be meant; else 127 for a program that does not exist, 126 for one that may not be
    /// executed, and 1.
    /// </summary>
    public static int Guard(Invocation call, string what, Func<int> body)
    {
        try
        {
            return body();
        }
        catch (Exception error) when (error is RuntimeException or KernelException or SpecException or ArgumentException or IOException)
        {
            call.Global.Log.Error($"{what} failed: {error.Message}");
            return what == "exec" && !TellsCause ? 255 : (error as RuntimeException)?.Kind switch
            {
                RuntimeErrorKind.ExecutableNotFound => 127,
                RuntimeErrorKind.ExecutableNotAllowed => 126,
                _ => 1,
            };
        }
    }

    /// <summary>Whether sampan is the caller, whose <c>exec</c> becomes this command and has a shell's exit statuses.</summary>
    private static bool TellsCause => Environment.GetEnvironmentVariable("SAMPAN_EXEC_STATUS") == "cause";

    /// <summary>A number of descriptors that a process can have.</summary>
    public static int PreservedCount(ParsedOptions options) => options.Number("preserve-fds") switch
    {
        null => 0,
        >= 0 and <= 1_000_000 and long count => (int)count,
        long count => throw new RuntimeException($"invalid value for preserve-fds: {count} is no number of descriptors", RuntimeErrorKind.InvalidArgument),
    };
}
