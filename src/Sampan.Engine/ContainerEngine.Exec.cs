using Sampan.Engine.Containers;
using Sampan.Kernel;
using Sampan.Oci;

namespace Sampan.Engine;

/// <summary>A further process in a container.</summary>
public sealed record ExecOptions
{
    /// <summary>The program and its arguments.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>Whether it gets a pseudo-terminal.</summary>
    public bool Terminal { get; init; }

    /// <summary>Whether it gets the caller's standard input.</summary>
    public bool Interactive { get; init; }

    /// <summary>Whether the call returns while it runs.</summary>
    public bool Detach { get; init; }

    /// <summary><c>NAME=value</c>, or <c>NAME</c> for the caller's own value; beside the container's environment.</summary>
    public IReadOnlyList<string> Environment { get; init; } = [];

    /// <summary>The directory to start in; the container's where it is null.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>The user; the container's where it is null.</summary>
    public string? User { get; init; }
}

/// <summary>A call of the OCI runtime's <c>exec</c>.</summary>
/// <param name="Program">The runtime.</param>
/// <param name="Words">Its command line.</param>
/// <param name="Environment">Its environment.</param>
public sealed record ExecCall(string Program, IReadOnlyList<string> Words, IReadOnlyList<string> Environment)
{
    /// <summary>Whether the process gets none of the caller's streams: it has a terminal of its own, or none at all.</summary>
    public bool OwnsStreams { get; init; }

    /// <summary>Becomes the runtime, which has this program's streams then. Returns only by throwing.</summary>
    /// <exception cref="KernelException">The runtime cannot be executed.</exception>
    public void Become() => Syscalls.ExecVe(Program, Words, Environment);

    /// <summary>Starts the runtime beside this program, in a session of its own.</summary>
    /// <param name="streams">What the process has as standard input, output and error.</param>
    /// <returns>The runtime's process id; the caller waits for it.</returns>
    /// <exception cref="KernelException">The runtime cannot be started.</exception>
    public int Spawn(ReadOnlySpan<FileDescriptor> streams) => Syscalls.Spawn(Program, Words, Environment, streams, newSession: true);
}

public sealed partial class ContainerEngine
{
    /// <summary>Prepares a further process in a running container: the call of the runtime's <c>exec</c>, which ends with the process's exit status.</summary>
    /// <exception cref="EngineException">The container does not run, or the program is not in it.</exception>
    public ExecCall Exec(StoredContainer container, ExecOptions options)
    {
        ContainerState state = container.State();
        using FileDescriptor alive = OpenProcess(container, state);
        Spec spec = Spec.Parse(File.ReadAllBytes(Path.Combine(container.Directory, "config.json")));
        Process process = ProcessOf(spec, options, $"/proc/{state.Pid}/root");
        ErrorKind obstacle = ProgramSearch.Find($"/proc/{state.Pid}/root", process, []);
        if (obstacle != ErrorKind.Failed)
        {
            throw new EngineException(obstacle, obstacle == ErrorKind.ExecutableNotFound
                ? $"the program \"{Printable.Escape(options.Command[0])}\" is not in the container (nor in its PATH)"
                : $"the program \"{Printable.Escape(options.Command[0])}\" is in the container and cannot be executed");
        }
        if (options.WorkingDirectory is { } cwd)
            RequireDirectory($"/proc/{state.Pid}/root", cwd);
        FileDescriptor file = Syscalls.MemFdCreate("process.json");
        Syscalls.WriteAll(file, process.ToJson(indented: false));
        Syscalls.SetCloseOnExec(file, false);
        if (!options.Interactive || options.Detach)
        {
            using FileDescriptor nothing = Syscalls.Open("/dev/null", OpenFlags.ReadWrite);
            if (!options.Terminal || options.Detach)
                Syscalls.DuplicateOnto(nothing, 0);
            if (options.Detach)
            {
                Syscalls.DuplicateOnto(nothing, 1);
                Syscalls.DuplicateOnto(nothing, 2);
            }
        }
        List<string> words = [container.Record.Runtime, "--root", Places.RuntimeState, "exec", "--process", $"/proc/self/fd/{file.Number}"];
        if (options.Detach)
            words.Add("--detach");
        words.Add(container.Record.Id);
        // The runtime's exec would end with 255 where the program could not be executed, as runc's does.
        List<string> environment = [.. MonitorEnvironment(), "SAMPAN_EXEC_STATUS=cause"];
        if (System.Environment.GetEnvironmentVariable("TERM") is { } terminal)
            environment.Add($"TERM={terminal}");
        return new ExecCall(container.Record.Runtime, words, environment) { OwnsStreams = process.Terminal || options.Detach };
    }

    private static void RequireDirectory(string rootPath, string cwd)
    {
        using RootDirectory root = RootDirectory.Open(rootPath);
        Errno error = root.TryOpenInRoot(cwd, OpenFlags.Path | OpenFlags.Directory, 0, out FileDescriptor? directory);
        directory?.Dispose();
        if (error != Errno.None)
            throw new EngineException(ErrorKind.InvalidArgument, $"the working directory \"{Printable.Escape(cwd)}\" is not in the container: {KernelException.Describe(error)}; make it first, or choose another");
    }

    private static Process ProcessOf(Spec spec, ExecOptions options, string root)
    {
        Process process = spec.Process!;
        var environment = new EnvironmentList();
        foreach (string entry in process.Env ?? [])
            environment.Set(entry);
        if (options.User is { } user)
        {
            ResolvedUser resolved = SpecificationBuilder.FindUser(root, user);
            process.User = new User { Uid = resolved.Uid, Gid = resolved.Gid, AdditionalGids = [.. resolved.AdditionalGids] };
            environment.Set($"HOME={resolved.Home}");
            if (resolved.Uid != 0 && process.Capabilities is { } capabilities)
                process.Capabilities = new LinuxCapabilities { Bounding = capabilities.Bounding, Effective = [], Permitted = [], Inheritable = [], Ambient = [] };
            else if (process.Capabilities is { Bounding: { } bounding })
                process.Capabilities = new LinuxCapabilities { Bounding = bounding, Effective = bounding, Permitted = bounding, Inheritable = [], Ambient = [] };
        }
        if (options.Terminal)
            environment.Set("TERM=xterm");
        foreach (string entry in options.Environment)
            environment.SetByUser(entry);
        process.Args = [.. options.Command];
        process.Env = environment.ToList();
        process.Terminal = options.Terminal && !options.Detach;
        if (options.WorkingDirectory is { } cwd)
            process.Cwd = cwd.StartsWith('/') ? cwd : throw Quantities.Invalid("--workdir", cwd, "an absolute path");
        return process;
    }
}
