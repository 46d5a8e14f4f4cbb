using System.Globalization;
using System.Text;
using Sampan.Kernel;
using Sampan.Kernel.Children;
using Sampan.Runtime.Cgroups;
using Sampan.Runtime.Processes;
using Sampan.Runtime.Resctrl;
using Sampan.Runtime.RootFs;
using Sampan.Runtime.Sealing;

namespace Sampan.Runtime.Launch;

/// <summary>
/// Runs a further process in a container. Its child is born beside the runtime, joins the container's cgroup and, in one call through the pidfd of the
/// container's process, all its namespaces; from there it is made as the first process was. It is not dumpable until it executes its program, so that
/// nothing in the container can trace it or reach its descriptors (CVE-2016-9962).
/// </summary>
public static class ContainerExec
{
    private static readonly (string File, CloneFlags Kind)[] s_kinds =
    [
        ("user", CloneFlags.NewUser), ("mnt", CloneFlags.NewMount), ("net", CloneFlags.NewNetwork), ("uts", CloneFlags.NewUts), ("ipc", CloneFlags.NewIpc),
        ("pid", CloneFlags.NewPid), ("cgroup", CloneFlags.NewCgroup), ("time", CloneFlags.NewTime),
    ];

    /// <summary>Starts the process; it has executed its program when this returns.</summary>
    /// <exception cref="RuntimeException">The container is not running, or a step failed; nothing is left behind.</exception>
    public static ExecutedProcess Exec(ExecRequest request)
    {
        SecurityModules.Check(request.Process, null);
        bool usesExecStub = ExecutionSeal.Prepare(request.Process, request.Spec.Linux?.Seccomp);
        using FileDescriptor target = OpenTarget(request);
        CloneFlags foreign = ForeignNamespaces(request.State.Pid);
        using var context = new ChildContext { UsesExecStub = usesExecStub };
        using ConsoleReceiver? console = ConsoleReceiver.For(request.Process, request.ConsoleSocket);
        using Cgroup cgroup = Cgroup.Open(request.State.Cgroup!);
        bool sibling = (foreign & (CloneFlags.NewPid | CloneFlags.NewTime)) != 0 && (!RootFsRequest.Privileged || (foreign & CloneFlags.NewTime) != 0);
        AddProgram(context, request, cgroup, target, foreign, sibling, console);
        request.Debug?.Invoke(context.Program.Print());
        using var launch = new ChildLaunch(context);
        using FileDescriptor? unified = cgroup.OpenUnifiedDirectory(request.SubCgroups);
        bool enterPid = !sibling && (foreign & CloneFlags.NewPid) != 0;
        using (enterPid ? PidNamespace.Enter($"/proc/{request.State.Pid}/ns/pid") : null)
        using (InitialAffinity.Take(request.Process.ExecCpuAffinity?.Initial))
        {
            launch.Start(CloneFlags.None, unified);
        }
        JoinResctrlGroup(request, launch.Process.Pid);
        launch.Until(null, (point, value) => Answer(request, launch, point, value));
        FileDescriptor? master = console?.TakeMaster();
        ChildProcess process = launch.Keep();
        if (request.PidFile is not null)
            PidFile.Write(request.PidFile, process.Pid);
        return new ExecutedProcess(process.Pid, process.PidFd, master);
    }

    private static FileDescriptor OpenTarget(ExecRequest request)
    {
        Errno error = Syscalls.TryPidFdOpen(request.State.Pid, out FileDescriptor? target);
        if (target is null || !request.State.Process.IsAlive)
        {
            target?.Dispose();
            throw new RuntimeException($"cannot exec in a stopped container ({error})", RuntimeErrorKind.WrongState);
        }
        return target;
    }

    private static void AddProgram(
        ChildContext context, ExecRequest request, Cgroup cgroup, FileDescriptor target, CloneFlags foreign, bool sibling, ConsoleReceiver? console)
    {
        ChildProgram program = context.Program;
        program.ResetSignals();
        program.DieWithParent(true);
        foreach (FileDescriptor tasks in cgroup.OpenJoinFiles(request.SubCgroups))
            _ = program.Write("join the container's cgroup", context.Inherit(tasks), "0"u8);
        CloneFlags join = sibling ? foreign : foreign & ~CloneFlags.NewPid;
        AddOomScore(program, request.Process.OomScoreAdj);
        program.SetDumpable(false);
        if (join != CloneFlags.None)
            _ = program.SetNs("join the container's namespaces", target, join);
        if (sibling)
            context.GoOnAsSibling("clone into the container's pid namespace", CloneFlags.None);
        if ((foreign & CloneFlags.NewMount) == 0)
            EnterRoot(context, request.State.Pid);
        if (foreign.HasFlag(CloneFlags.NewUser))
        {
            _ = program.SetGroupId(0).Ignore(Errno.EINVAL);
            _ = program.SetUserId(0).Ignore(Errno.EINVAL);
            program.SetDumpable(false);
        }
        _ = program.SetSid().Ignore(Errno.EPERM);
        program.SetUmask(0x12);
        if (console is not null)
            AddConsole(context, console, request);
        program.JoinSessionKeyring($"_ses.{request.State.Id}");
        SchedulingProgram.AddAffinity(program, request.Process.ExecCpuAffinity?.Final, "process.execCPUAffinity.final");
        new ProcessProgram(context, request.Process, request.Spec.Linux, request.PreserveFds, request.State.HasUserNamespace, new PrivateProcProgram(program))
            .Add(() => program.DieWithParent(false));
    }

    /// <summary>
    /// The process gives itself its score, with the rights of the runtime, before it joins the container: the runtime does not wait for the process, and
    /// would come too late for a short one. Where it may not (lower it, without CAP_SYS_RESOURCE) the score stays, as with runc.
    /// </summary>
    private static void AddOomScore(ChildProgram program, int? score)
    {
        if (score is not { } value)
            return;
        ChildRegister file = program.NewRegister();
        ChildLabel done = program.NewLabel();
        _ = program.OpenAt("open /proc/self/oom_score_adj", Syscalls.WorkingDirectory, "/proc/self/oom_score_adj", OpenFlags.WriteOnly).Into(file)
            .On(Errno.EACCES, done).On(Errno.EPERM, done);
        _ = program.Write($"set process.oomScoreAdj to {value}", file, Encoding.ASCII.GetBytes(value.ToString(CultureInfo.InvariantCulture)))
            .Ignore(Errno.EACCES).Ignore(Errno.EPERM);
        _ = program.Close(file);
        program.Mark(done);
    }

    /// <summary>A container in the runtime's own mount namespace has only another root, which no setns(2) brings.</summary>
    private static void EnterRoot(ChildContext context, int pid)
    {
        ChildProgram program = context.Program;
        FileDescriptor root = context.Inherit(Syscalls.Open($"/proc/{pid}/root", OpenFlags.Path | OpenFlags.Directory));
        _ = program.FChDir("enter the container's root", root);
        _ = program.ChRoot("change the root to the container's", ".");
    }

    private static void AddConsole(ChildContext context, ConsoleReceiver console, ExecRequest request)
    {
        ChildRegister root = context.Program.NewRegister();
        _ = context.Program.OpenAt("open the container's root", Syscalls.WorkingDirectory, "/", OpenFlags.Path | OpenFlags.Directory).Into(root);
        ChildRegister slave = ConsoleProgram.Open(context, root, console.ForChild, request.Process, request.RelaysTerminal);
        ConsoleProgram.Take(context.Program, slave, request.Process.User.Uid);
        _ = context.Program.Close(root);
    }

    private static void JoinResctrlGroup(ExecRequest request, int pid)
    {
        if (request.State.IntelRdtPath is { } group)
            ResctrlGroup.Open(group, request.State.OwnsIntelRdt, request.Spec.Linux?.IntelRdt, request.State.Id.Text).Add(pid);
    }

    private static void Answer(ExecRequest request, ChildLaunch launch, LaunchPoint point, int value)
    {
        if (point == LaunchPoint.Sibling)
            JoinResctrlGroup(request, launch.Process.Pid);
        if (point != LaunchPoint.SeccompListener)
            return;
        SeccompAgent.Send(request.Spec.Linux!.Seccomp!, launch.Process, value, new OciState
        {
            OciVersion = request.State.OciVersion,
            Id = request.State.Id.Text,
            Status = "running",
            Pid = request.State.Pid,
            Bundle = request.State.Bundle,
        });
    }

    /// <summary>The namespaces in which the container is not where the runtime is; joining one's own user namespace again is an error of setns(2).</summary>
    private static CloneFlags ForeignNamespaces(int pid)
    {
        CloneFlags foreign = CloneFlags.None;
        foreach ((string file, CloneFlags kind) in s_kinds)
        {
            if (NamespaceOf($"/proc/{pid}/ns/{file}") != NamespaceOf($"/proc/self/ns/{file}"))
                foreign |= kind;
        }
        return foreign;
    }

    private static string NamespaceOf(string file)
    {
        try
        {
            return Syscalls.ReadLinkAt(Syscalls.WorkingDirectory, file);
        }
        catch (KernelException missing) when (missing.Errno == Errno.ENOENT)
        {
            return ""; // a kernel without this kind
        }
    }
}
