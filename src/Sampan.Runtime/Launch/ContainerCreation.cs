using System.Globalization;
using Sampan.Kernel;
using Sampan.Kernel.Children;
using Sampan.Oci;
using Sampan.Runtime.Cgroups;
using Sampan.Runtime.Cgroups.Devices;
using Sampan.Runtime.Hooks;
using Sampan.Runtime.Namespaces;
using Sampan.Runtime.Processes;
using Sampan.Runtime.Resctrl;
using Sampan.Runtime.RootFs;
using Sampan.Runtime.Sealing;
using Sampan.Runtime.State;

namespace Sampan.Runtime.Launch;

/// <summary>
/// Creates a container: reserves its id, makes its cgroup, compiles its child's program, clones, and answers the child until it stands before execve(2).
/// <para>
/// What a crash leaves: the state directory is made first and says "creating" with all that is known, so that <c>delete --force</c> finds the cgroup and
/// the process at any later moment; mounts live in the child's mount namespace and end with it; the child dies with the runtime
/// (PR_SET_PDEATHSIG) until it is created.
/// </para>
/// </summary>
public sealed class ContainerCreation
{
    private readonly CreateRequest _request;
    private readonly Spec _spec;
    private readonly string _bundle;
    private readonly StateDirectory _directory;
    private readonly NamespacePlan _namespaces;
    private ContainerState _state;
    private bool _usesExecStub;
    private ResctrlGroup? _resctrl;

    private ContainerCreation(CreateRequest request, Spec spec, string bundle, StateDirectory directory)
    {
        _request = request;
        _spec = spec;
        _bundle = bundle;
        _directory = directory;
        _namespaces = NamespacePlan.From(spec.Linux?.Namespaces);
        _state = new ContainerState
        {
            Id = directory.Id,
            Bundle = bundle,
            RootFs = Path.GetFullPath(spec.Root!.Path, bundle),
            IsCreating = true,
            Created = TimeProvider.System.GetUtcNow(),
            OwnerUid = Syscalls.GetEuid(),
            Annotations = spec.Annotations ?? [],
            HasUserNamespace = _namespaces.Has(CloneFlags.NewUser),
            IsRootless = request.Rootless ?? !RootFsRequest.Privileged,
            OciVersion = spec.OciVersion,
        };
    }

    /// <summary>Creates a container; see the class for what happens on the way.</summary>
    /// <exception cref="RuntimeException">The bundle is wrong, the id is taken, or a step failed; nothing is left behind.</exception>
    public static CreatedContainer Create(CreateRequest request)
    {
        ContainerId id = ContainerId.Parse(request.Id);
        KernelRequirement.Check();
        string bundle = Path.GetFullPath(request.Bundle);
        byte[] config = BundleConfig.Read(bundle);
        Spec spec = BundleConfig.Parse(config, request.Warn);
        BundleConfig.AddEnvironment(spec, request);
        ConsoleChoice.Check(spec.Process!.Terminal, request.Detached, request.ConsoleSocket);
        SecurityModules.Check(spec.Process, spec.Linux?.MountLabel);
        bool usesExecStub = ExecutionSeal.Prepare(spec.Process, spec.Linux?.Seccomp);
        using StateDirectory directory = new StateRoot(request.StateRoot).Reserve(id);
        var creation = new ContainerCreation(request, spec, bundle, directory) { _usesExecStub = usesExecStub };
        Cgroup? cgroup = null;
        try
        {
            var layout = CgroupLayout.Detect();
            cgroup = creation.MakeCgroup(config, layout);
            creation.MakeResctrlGroup();
            creation.RecordHostMounts();
            return creation.Launch(cgroup, layout);
        }
        catch
        {
            creation.Undo(cgroup);
            throw;
        }
        finally
        {
            cgroup?.Dispose();
        }
    }

    /// <summary>Writes down where the cgroup will be, then makes it: whoever comes after a kill -9 finds it.</summary>
    private Cgroup MakeCgroup(byte[] config, CgroupLayout layout)
    {
        var request = new CgroupRequest(_directory.Id.Text, _spec.Linux?.CgroupsPath, ResourcesWithDevices(), _request.SystemdCgroup, _state.IsRootless) { Warn = _request.SystemdCgroup ? null : _request.Warn };
        CgroupState? plan = Cgroup.Plan(request, layout);
        _state = _state with { Cgroup = plan };
        _directory.Begin(config, _state);
        var cgroup = Cgroup.Create(request, layout);
        _state = _state with { Cgroup = cgroup.State };
        if (plan is null)
            _directory.Save(_state);
        return cgroup;
    }

    private void MakeResctrlGroup()
    {
        if (_spec.Linux?.IntelRdt is not { } settings)
            return;
        _resctrl = ResctrlGroup.Create(ResctrlGroup.FindRoot(), settings, _directory.Id.Text);
        Save(_state with { IntelRdtPath = _resctrl.Path, OwnsIntelRdt = _resctrl.IsOwn });
    }

    private void RecordHostMounts()
    {
        if (!_namespaces.Has(CloneFlags.NewMount) && HostMounts.AreNeeded(_spec))
            Save(_state with { MountBelow = HostMounts.MountOf(_state.RootFs) });
    }

    /// <summary>The limits of the configuration; of devices nothing is allowed but what its rules allow and what every container has.</summary>
    private LinuxResources ResourcesWithDevices()
    {
        LinuxResources resources = _spec.Linux?.Resources ?? new LinuxResources();
        resources.Devices = [new LinuxDeviceCgroup { Allow = false, Access = "rwm" }, .. resources.Devices ?? [], .. DefaultDeviceRules.Create()];
        return resources;
    }

    private void Save(ContainerState state)
    {
        _state = state;
        _directory.Save(state);
    }

    private void Undo(Cgroup? cgroup)
    {
        try
        {
            cgroup?.Delete();
        }
        catch (Exception failure) when (failure is RuntimeException or IOException)
        {
            _request.Debug?.Invoke($"the cgroup of a container that failed is left: {failure.Message}");
        }
        _resctrl?.Remove();
        if (_state.MountBelow != 0)
            HostMounts.Remove(_state.RootFs, _state.MountBelow);
        _directory.Remove();
    }

    private CreatedContainer Launch(Cgroup cgroup, CgroupLayout layout)
    {
        using var context = new ChildContext { UsesExecStub = _usesExecStub };
        using ConsoleReceiver? console = ConsoleReceiver.For(_spec.Process!, _request.ConsoleSocket);
        using FileDescriptor? start = _request.StartAtOnce ? null : StartSocket.Listen(_directory);
        using var hookFiles = HookFiles.For(_spec.Hooks);
        new ContainerProgram(context, _spec, _request, _namespaces, hookFiles).Add(new RootFsRequest(_spec, _bundle, _state.RootFs, _namespaces, layout, cgroup, _request.NoPivot), console, start);
        _request.Debug?.Invoke(context.Program.Print());
        using var launch = new ChildLaunch(context);
        using FileDescriptor? unified = cgroup.OpenUnifiedDirectory(null);
        using (PidNamespace.Enter(_namespaces))
        {
            launch.Start(_namespaces.AtClone, unified);
        }
        Adopt(launch);
        Serve(launch, hookFiles, LaunchPoint.Created);
        if (_request.PidFile is not null)
            PidFile.Write(_request.PidFile, launch.Process.Pid);
        if (_request.StartAtOnce)
            context.Release(); // the state is written while the process goes on
        Save(_state with { IsCreating = false, Namespaces = NamespaceFiles.Of(launch.Process.Pid) });
        if (_request.StartAtOnce)
        {
            Serve(launch, hookFiles, null);
            HookRunner.Run(_spec.Hooks?.Poststart, "poststart", Describe("running", launch.Process.Pid));
        }
        FileDescriptor? master = console?.TakeMaster();
        ChildProcess process = launch.Keep();
        return new CreatedContainer(process.Pid, process.PidFd, master, _state);
    }

    /// <summary>Answers the child until it says <paramref name="last"/>; what a hook wrote becomes part of the error.</summary>
    private void Serve(ChildLaunch launch, HookFiles? hookFiles, LaunchPoint? last)
    {
        try
        {
            launch.Until(last, (point, value) => Answer(launch, hookFiles, point, value));
        }
        catch (RuntimeException failure) when (hookFiles?.ReadOutput() is { Length: > 0 } output)
        {
            throw new RuntimeException($"{failure.Message}; its output: {output}", failure.Kind, failure);
        }
    }

    /// <summary>Records the process and gives it what only the runtime may: its OOM score.</summary>
    private void Adopt(ChildLaunch launch)
    {
        int pid = launch.Process.Pid;
        Save(_state with { Pid = pid, PidStartTime = ProcessIdentity.Of(pid).StartTime });
        _resctrl?.Add(pid);
        OomScore.Set(pid, _spec.Process!.OomScoreAdj, _state.IsRootless || _state.HasUserNamespace);
    }

    private void Answer(ChildLaunch launch, HookFiles? hookFiles, LaunchPoint point, int value)
    {
        switch (point)
        {
            case LaunchPoint.Sibling:
                Adopt(launch);
                break;
            case LaunchPoint.UserNamespace:
                IdMaps.Write(launch.Process.Pid, _spec.Linux!.UidMappings ?? [], _spec.Linux.GidMappings ?? [], denySetGroups: false);
                break;
            case LaunchPoint.Namespaces:
                NetworkDevices.Move(_spec.Linux?.NetDevices, launch.Process.Pid);
                OciState state = Describe("creating", launch.Process.Pid);
                HookRunner.Run(_spec.Hooks?.Prestart, "prestart", state);
                HookRunner.Run(_spec.Hooks?.CreateRuntime, "createRuntime", state);
                hookFiles?.WriteState(Describe("created", launch.Process.Pid));
                break;
            case LaunchPoint.SeccompListener:
                SeccompAgent.Send(_spec.Linux!.Seccomp!, launch.Process, value, Describe("creating", launch.Process.Pid));
                break;
            case LaunchPoint.Ready:
                break; // the state names the process since it was adopted
            case LaunchPoint.Created:
            default:
                throw new RuntimeException($"the container's process reported an unknown point {point.ToString("D")} (value {value.ToString(CultureInfo.InvariantCulture)})");
        }
    }

    private OciState Describe(string status, int pid) => new()
    {
        OciVersion = _spec.OciVersion,
        Id = _directory.Id.Text,
        Status = status,
        Pid = pid,
        Bundle = _bundle,
        Annotations = _spec.Annotations,
    };
}
