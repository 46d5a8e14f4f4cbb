using Sampan.Engine.Containers;
using Sampan.Kernel;
using Sampan.Oci;

namespace Sampan.Engine;

public sealed partial class ContainerEngine
{
    /// <summary>Starts a container that <see cref="Create"/> has just made.</summary>
    /// <param name="container">The container, with its file system mounted.</param>
    /// <param name="attach">Whether the output comes over the connection from the first byte on.</param>
    /// <param name="input">Whether the connection feeds standard input; its end is the input's end.</param>
    /// <returns>The connection to the monitor; closing it leaves the container running.</returns>
    /// <exception cref="EngineException">The container could not be started; it is removed, so that the same command can be given again with the fault mended.</exception>
    public MonitorConnection Launch(StoredContainer container, bool attach, bool input)
    {
        try
        {
            return SpawnMonitor(container, attach, input);
        }
        catch (EngineException)
        {
            TakeBack(container);
            throw;
        }
    }

    private void TakeBack(StoredContainer container)
    {
        try
        {
            Remove(container, force: true);
        }
        catch (Exception failure) when (failure is EngineException or KernelException)
        {
            // The first failure is the one to tell; "ps -a" shows what is left, and "rm -f" tries again.
        }
    }

    /// <summary>Spawns a container's monitor, which creates and starts it, and waits until it runs.</summary>
    private MonitorConnection SpawnMonitor(StoredContainer container, bool attach, bool input)
    {
        ContainerRecord record = container.Record;
        string run = Places.RunDirectory(record.Id);
        HostDirectory.Ensure(run);
        HostDirectory.Ensure(Places.RuntimeState);
        (FileDescriptor own, FileDescriptor theirs) = Syscalls.SocketPair(SocketKind.SequencedPacket);
        int pid;
        using (theirs)
        using (FileDescriptor nothing = Syscalls.Open("/dev/null", OpenFlags.ReadWrite))
        {
            try
            {
                pid = Syscalls.Spawn(_monitor, MonitorWords(container, run, attach, input), MonitorEnvironment(), [nothing, nothing, nothing, theirs], newSession: true);
            }
            catch (KernelException cause)
            {
                own.Dispose();
                throw new EngineException(ErrorKind.Failed, $"the monitor \"{_monitor}\" cannot be started: {cause.Message}; it belongs beside sampan", cause);
            }
        }
        var connection = new MonitorConnection(own);
        MonitorMessage answer = connection.Receive();
        if (answer == MonitorMessage.Started)
            return connection;
        bool told = answer == MonitorMessage.Failed && connection.Payload.Length > 0;
        ErrorKind kind = told ? connection.Payload[0] switch { 1 => ErrorKind.ExecutableNotFound, 2 => ErrorKind.ExecutableNotAllowed, _ => ErrorKind.Failed } : ErrorKind.Failed;
        string reason = told ? System.Text.Encoding.UTF8.GetString(connection.Payload[1..]) : "the monitor ended before the container was started";
        connection.Dispose();
        _ = Syscalls.WaitId(pid);
        throw StartFailure(container, kind, reason);
    }

    /// <summary>Starts a container that was made earlier.</summary>
    /// <exception cref="EngineException">It runs, or cannot be started; it stays as it was.</exception>
    public MonitorConnection Restart(StoredContainer container, bool attach, bool input)
    {
        using FileDescriptor directory = HostDirectory.Open(container.Directory);
        if (ContainerState.Read(directory) is { Status: ContainerStatus.Running } state)
        {
            throw new EngineException(
                ErrorKind.Conflict,
                state.MonitorLost ? $"the container {container.Record.Name} runs without its monitor, which was killed; remove it with rm -f" : $"the container {container.Record.Name} runs already");
        }
        if (container.Record.Layers.Count > 0)
            _ = ContainerRootFs.Mount(container.Directory, container.Record.Layers);
        if (container.Record.Network.StartsWith("container:", StringComparison.Ordinal))
            RenewNetwork(container, directory);
        return SpawnMonitor(container, attach, input);
    }

    /// <summary>The other container's network namespace belongs to a process that may have been replaced since this container was made.</summary>
    private void RenewNetwork(StoredContainer container, FileDescriptor directory)
    {
        Spec spec = Spec.Parse(File.ReadAllBytes(Path.Combine(container.Directory, "config.json")));
        spec.Linux!.Namespaces!.Find(static one => one.Type == "network")!.Path = NetworkNamespaceOf(new ContainerOptions { Network = container.Record.Network });
        AtomicFile.Write(directory, "config.json", spec.ToJson(indented: false), durable: false);
    }

    private List<string> MonitorWords(StoredContainer container, string run, bool attach, bool input)
    {
        ContainerRecord record = container.Record;
        List<string> words =
        [
            "sampan-runtime", "monitor", $"id={record.Id}", $"directory={container.Directory}", $"run={run}", $"runtime={record.Runtime}",
            $"runtime-root={Places.RuntimeState}", $"name-file={Store.NameFile(record.Name)}",
        ];
        if (record.Runtime == _monitor)
            words.Add("own-runtime=1");
        if (record.Layers.Count > 0)
            words.Add($"mount={record.RootFs}");
        if (record.Terminal)
            words.Add("terminal=1");
        if (record.Interactive)
            words.Add("interactive=1");
        if (record.Interactive && input)
            words.Add("input-once=1");
        if (record.Remove)
            words.Add("remove=1");
        if (attach)
            words.Add("attach=1");
        return words;
    }

    private static List<string> MonitorEnvironment() => [$"PATH={Environment.GetEnvironmentVariable("PATH") ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}"];

    /// <summary>Says why a start failed. Where the runtime is another's, the program is looked for in the root file system, because what that runtime says is text.</summary>
    private static EngineException StartFailure(StoredContainer container, ErrorKind kind, string reason)
    {
        ContainerRecord record = container.Record;
        string program = record.Command[0];
        try
        {
            string root = record.Layers.Count > 0 ? ContainerRootFs.Mount(container.Directory, record.Layers) : record.RootFs;
            Spec spec = Spec.Parse(File.ReadAllBytes(Path.Combine(container.Directory, "config.json")));
            if (kind == ErrorKind.Failed)
                kind = ProgramSearch.Find(root, spec.Process!, spec.Mounts ?? []);
        }
        catch (Exception cause) when (cause is IOException or EngineException or SpecException)
        {
            // The first failure is the one to tell.
        }
        finally
        {
            ContainerRootFs.Unmount(container.Directory);
        }
        string sentence = kind switch
        {
            ErrorKind.ExecutableNotFound => $"the program \"{Printable.Escape(program)}\" is not in the container (nor in its PATH)",
            ErrorKind.ExecutableNotAllowed => $"the program \"{Printable.Escape(program)}\" is in the container and cannot be executed",
            _ => $"the container could not be started: {Printable.Escape(reason)}",
        };
        return new EngineException(kind, sentence);
    }
}
