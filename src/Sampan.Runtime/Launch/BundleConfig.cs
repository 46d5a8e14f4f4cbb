using System.Globalization;
using Sampan.Kernel;
using Sampan.Oci;
using Sampan.Runtime.Namespaces;
using Sampan.Runtime.Sessions;

namespace Sampan.Runtime.Launch;

/// <summary>A bundle's config.json.</summary>
internal static class BundleConfig
{
    private const int Most = 16 * 1024 * 1024;

    /// <summary>Reads the file.</summary>
    public static byte[] Read(string bundle)
    {
        Errno error = Syscalls.TryOpenAt(Syscalls.WorkingDirectory, $"{bundle}/config.json", OpenFlags.ReadOnly, 0, out FileDescriptor? file);
        if (file is null)
            throw new RuntimeException($"JSON specification file config.json not found in the bundle {bundle}: open config.json: {KernelException.Describe(error)}", RuntimeErrorKind.InvalidArgument);
        using (file)
        {
            FileStatus status = Syscalls.Stat(file);
            if (!status.IsRegular || status.Size > Most)
                throw new RuntimeException($"{bundle}/config.json is not a regular file of at most {Most / 1024 / 1024} MiB", RuntimeErrorKind.InvalidArgument);
            byte[] bytes = new byte[status.Size];
            int length = 0;
            for (int count; length < bytes.Length && (count = Syscalls.Read(file, bytes.AsSpan(length))) > 0;)
                length += count;
            return length == bytes.Length ? bytes : bytes[..length];
        }
    }

    /// <summary>Parses and checks it.</summary>
    /// <param name="config">The file's bytes.</param>
    /// <param name="warn">Receives a sentence for each thing that is tolerated, or null.</param>
    public static Spec Parse(byte[] config, Action<string>? warn)
    {
        try
        {
            Spec spec = Spec.Parse(config);
            SpecValidation.Validate(spec);
            if (spec.Process is null)
                throw new RuntimeException("config.json: process is missing", RuntimeErrorKind.InvalidArgument);
            OwnNamespaces.CheckSysctl(spec.Linux);
            if (warn is not null)
            {
                foreach (string warning in SpecValidation.Warnings(spec))
                    warn(warning);
            }
            return spec;
        }
        catch (SpecException wrong)
        {
            throw new RuntimeException(wrong.Message, RuntimeErrorKind.InvalidArgument, wrong);
        }
    }

    /// <summary>
    /// Adds what the caller's own surroundings pass on: socket activation (sd_listen_fds(3)), the notification socket (sd_notify(3)), and the size of the
    /// terminal that the caller stays at.
    /// </summary>
    public static void AddEnvironment(Spec spec, CreateRequest request)
    {
        Process process = spec.Process!;
        if (process.Terminal && !request.Detached && request.ConsoleSocket is null)
            process.ConsoleSize = CallerTerminal.Size() ?? process.ConsoleSize;
        if (ListenFds > 0)
        {
            process.Env = [.. process.Env ?? [], $"LISTEN_FDS={ListenFds.ToString(CultureInfo.InvariantCulture)}", "LISTEN_PID=1"];
            if (Environment.GetEnvironmentVariable("LISTEN_FDNAMES") is { Length: > 0 } names)
                process.Env.Add($"LISTEN_FDNAMES={names}");
        }
        if (request.NotifySocket is { } socket)
        {
            const string Inside = "/run/notify";
            string directory = Path.GetDirectoryName(socket)!;
            spec.Mounts = [.. spec.Mounts ?? [], new Mount { Destination = Inside, Source = directory, Type = "bind", Options = ["bind", "nosuid", "noexec", "nodev", "ro"] }];
            process.Env = [.. process.Env ?? [], $"NOTIFY_SOCKET={Inside}/{Path.GetFileName(socket)}"];
        }
    }

    /// <summary>
    /// How many sockets systemd has passed to the runtime, from descriptor 3 on; they go on to the container. LISTEN_PID says to whom they were passed
    /// (sd_listen_fds(3)): variables that a parent has left lying about name descriptors that nobody meant for a container.
    /// </summary>
    public static int ListenFds =>
        NumberOf("LISTEN_PID") == Environment.ProcessId ? Math.Min(NumberOf("LISTEN_FDS"), 1024) : 0;

    private static int NumberOf(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;
}
