using Sampan.Kernel;
using Sampan.Kernel.Children;
using Sampan.Oci;
using Sampan.Runtime.Hooks;
using Sampan.Runtime.Namespaces;
using Sampan.Runtime.Processes;
using Sampan.Runtime.RootFs;

namespace Sampan.Runtime.Launch;

/// <summary>
/// Compiles the whole program of a container's first process, in order: cgroup and namespaces, names, mounts, the runtime's hooks, the container's hooks,
/// the change of root, settings, the wait for start, identity, startContainer hooks, execve.
/// </summary>
internal sealed class ContainerProgram(ChildContext context, Spec spec, CreateRequest request, NamespacePlan namespaces, HookFiles? hookFiles)
{
    private readonly ChildProgram _program = context.Program;
    private readonly Process _process = spec.Process!;

    public void Add(RootFsRequest rootFs, ConsoleReceiver? console, FileDescriptor? start)
    {
        NamespaceProgram.Add(context, namespaces, rootFs.Cgroup!.OpenJoinFiles(null), spec.Linux?.TimeOffsets);
        _program.SetUmask(0);
        AddNames();
        var proc = new PrivateProcProgram(_program);
        ChildRegister? terminal = AddRoot(rootFs, console);
        if (spec.Linux?.Sysctl is { Count: > 0 } settings)
            proc.WriteSysctls(settings);
        if (!request.NoNewKeyring)
            _program.JoinSessionKeyring($"_ses.{request.Id}");
        if (terminal is { } slave)
            ConsoleProgram.Take(_program, slave, _process.User.Uid);
        new ProcessProgram(context, _process, spec.Linux, BundleConfig.ListenFds + request.PreserveFds, namespaces.Has(CloneFlags.NewUser), proc)
            .Add(() => AddWait(start), AddStartHooks);
    }

    private void AddNames()
    {
        if (namespaces.New.HasFlag(CloneFlags.NewNetwork))
            _program.SetLoopbackUp();
        if (!string.IsNullOrEmpty(spec.Hostname))
            _program.SetHostName(spec.Hostname);
        if (!string.IsNullOrEmpty(spec.Domainname))
            _program.SetDomainName(spec.Domainname);
    }

    private ChildRegister? AddRoot(RootFsRequest rootFs, ConsoleReceiver? console)
    {
        ChildRegister? terminal = null;
        if (!HostMounts.AreNeeded(spec) && !namespaces.Has(CloneFlags.NewMount))
        {
            AddForeignRoot(rootFs);
            return null;
        }
        var root = new RootFsProgram(context, rootFs);
        root.AddMounts();
        if (console is not null)
        {
            ChildRegister slave = ConsoleProgram.Open(context, root.Root, console.ForChild, _process, request.RelaysTerminal);
            ConsoleProgram.Show(_program, root.Root, slave);
            terminal = slave;
        }
        // Hooks of the container's namespace start in its root, as runc has it.
        _ = _program.FChDir("enter the root file system", root.Root);
        AddHooks();
        _ = TargetProgram.Open(_program, root.Root, root.Paths.Resolve(_process.Cwd), directory: true, "process.cwd");
        root.AddPivot();
        return terminal;
    }

    /// <summary>Without a mount namespace of its own and without anything to mount the container has only another root.</summary>
    private void AddForeignRoot(RootFsRequest rootFs)
    {
        AddHooks();
        _ = _program.ChRoot($"change the root to {rootFs.RootPath}", rootFs.RootPath);
        _ = _program.ChDir("enter the new root", "/");
    }

    private void AddHooks()
    {
        if (hookFiles is not null || spec.Linux?.NetDevices is { Count: > 0 })
            context.Rendezvous(LaunchPoint.Namespaces);
        if (hookFiles is not null)
            new HookProgram(context, hookFiles.State, hookFiles.Output).Add(spec.Hooks!.CreateContainer, "createContainer", inherited: true);
    }

    /// <summary>The wait for start: with a socket, <c>start</c> connects and takes over the reports; without one the runtime answers at once.</summary>
    private void AddWait(FileDescriptor? start)
    {
        if (start is null)
        {
            // Not before the answer: until then the child is nobody's but the runtime's.
            context.Rendezvous(LaunchPoint.Created);
            _program.DieWithParent(false);
        }
        else
        {
            // Until its pid is written down nobody would find it: so long it dies with the runtime.
            context.Rendezvous(LaunchPoint.Ready);
            _program.DieWithParent(false);
            ChildRegister connection = _program.NewRegister();
            _program.Report(context.Child, (int)LaunchPoint.Created);
            _ = _program.Call("wait for start", SyscallNumbers.accept4, start, 0, 0, 0x80000).Into(connection);
            _ = _program.Close(start);
            _ = _program.Call("take the reports to start", SyscallNumbers.dup3, connection, context.Child.Number, 0x80000);
            _ = _program.Close(connection);
            _program.CarriesTexts = true;
            _program.Report(context.Child, (int)LaunchPoint.Created);
        }
    }

    /// <summary>Hooks that run when everything is as the container's process will find it, the seccomp filter included.</summary>
    private void AddStartHooks()
    {
        if (hookFiles is not null)
            new HookProgram(context, hookFiles.State, hookFiles.Output).Add(spec.Hooks!.StartContainer, "startContainer", inherited: request.PreserveFds > 0);
    }
}
