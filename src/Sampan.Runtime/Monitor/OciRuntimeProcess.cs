using System.Globalization;
using System.Text;
using System.Text.Json;
using Sampan.Kernel;

namespace Sampan.Runtime.Monitor;

/// <summary>An OCI runtime called as a process: any that has runc's command line.</summary>
internal sealed class OciRuntimeProcess(string program, string root, string log) : IOciRuntime
{
    private static readonly string[] s_environment = [$"PATH={Environment.GetEnvironmentVariable("PATH") ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}"];

    public int Create(MonitorSettings settings, ContainerStreams streams)
    {
        string pidFile = Path.Combine(settings.RunDirectory, "pid");
        List<string> words = ["create", "--bundle", settings.Directory, "--pid-file", pidFile];
        if (settings.Terminal)
            words.AddRange(["--console-socket", streams.ListenForConsole(settings.RunDirectory)]);
        Run([streams.ChildInput, streams.ChildOutput, streams.ChildError], [.. words, settings.Id]);
        streams.ReceiveConsole();
        if (GivenFile.TryRead(pidFile, 32, out byte[] text) != Errno.None || !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int pid))
            throw new RuntimeException($"\"{program} create\" succeeded and wrote no pid: it is no OCI runtime; name another with --runtime");
        return pid;
    }

    public void Start(string id) => Run([Streams.Null, Streams.Null, Streams.Null], "start", id);

    public void Delete(string id, bool force)
    {
        if (force)
            Run([Streams.Null, Streams.Null, Streams.Null], "delete", "--force", id);
        else
            Run([Streams.Null, Streams.Null, Streams.Null], "delete", id);
    }

    /// <summary>Runs a command of the runtime and waits for it.</summary>
    /// <param name="descriptors">What the runtime, and with <c>create</c> the container, has as 0, 1 and 2.</param>
    /// <param name="arguments">The command and its arguments.</param>
    /// <exception cref="RuntimeException">It failed; the message is the last error in the runtime's log.</exception>
    private void Run(ReadOnlySpan<FileDescriptor> descriptors, params ReadOnlySpan<string> arguments)
    {
        _ = Syscalls.TryUnlinkAt(Syscalls.WorkingDirectory, log);
        List<string> words = [program, "--root", root, "--log", log, "--log-format", "json", .. arguments];
        int pid;
        try
        {
            pid = Syscalls.Spawn(program, words, s_environment, descriptors, newSession: false);
        }
        catch (KernelException cause)
        {
            throw new RuntimeException($"the OCI runtime \"{program}\" cannot be run: {cause.Message}; name another with --runtime", RuntimeErrorKind.Failed, cause);
        }
        ExitStatus? status = Syscalls.WaitId(pid);
        if (status?.ShellCode != 0)
            throw new RuntimeException(LastError() ?? $"\"{Path.GetFileName(program)} {arguments[0]}\" ended with status {status?.ShellCode} and said nothing");
    }

    /// <summary>The message of the last error line of the log, or null.</summary>
    private string? LastError()
    {
        try
        {
            string? message = null;
            foreach (string line in File.ReadAllText(log, Encoding.UTF8).Split('\n'))
            {
                if (line.Length == 0)
                    continue;
                using JsonDocument entry = JsonDocument.Parse(line);
                if (entry.RootElement.TryGetProperty("level", out JsonElement level) && level.ValueEquals("error") && entry.RootElement.TryGetProperty("msg", out JsonElement text))
                    message = text.GetString();
            }
            return message;
        }
        catch (Exception cause) when (cause is IOException or JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
