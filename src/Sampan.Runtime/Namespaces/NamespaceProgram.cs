using System.Globalization;
using System.Text;
using Sampan.Kernel;
using Sampan.Kernel.Children;
using Sampan.Oci;
using Sampan.Runtime.Launch;

namespace Sampan.Runtime.Namespaces;

/// <summary>Compiles the part of a child's program that brings it into its cgroups and namespaces.</summary>
internal static class NamespaceProgram
{
    /// <summary>Adds the steps, from the child's first to the point where all namespaces are its own.</summary>
    public static void Add(ChildContext context, NamespacePlan plan, List<FileDescriptor> cgroupTasks, Dictionary<string, LinuxTimeOffset>? timeOffsets)
    {
        ChildProgram program = context.Program;
        program.ResetSignals();
        program.DieWithParent(true);
        foreach (FileDescriptor tasks in cgroupTasks)
            _ = program.Write("join the container's cgroup", context.Inherit(tasks), "0"u8);
        Join(context, plan);
        if (plan.New.HasFlag(CloneFlags.NewUser))
            context.Rendezvous(LaunchPoint.UserNamespace);
        if (plan.Has(CloneFlags.NewUser))
            BecomeRoot(program);
        CloneFlags unshare = plan.AtUnshare & ~CloneFlags.NewTime;
        if (unshare != CloneFlags.None)
            _ = program.Unshare($"make the namespaces {unshare}", unshare);
        if (plan.AtUnshare.HasFlag(CloneFlags.NewTime))
            MakeTimeNamespace(program, timeOffsets);
        if (plan.NeedsSibling)
            context.GoOnAsSibling("clone into the pid and time namespaces", plan.AtSibling);
        program.SetDumpable(false);
        _ = program.SetSid().Ignore(Errno.EPERM);
    }

    /// <summary>Opens the files of the namespaces to join and adds a setns for each. A pid namespace counts for the next clone only.</summary>
    private static void Join(ChildContext context, NamespacePlan plan)
    {
        foreach (JoinedNamespace joined in plan.Joined)
        {
            Errno error = Syscalls.TryOpenAt(Syscalls.WorkingDirectory, joined.Path, OpenFlags.ReadOnly, 0, out FileDescriptor? file);
            if (file is null)
                throw new RuntimeException($"linux.namespaces: cannot open the {joined.Type} namespace {joined.Path}: {KernelException.Describe(error)}", RuntimeErrorKind.InvalidArgument);
            _ = context.Inherit(file);
            if (joined.Kind == CloneFlags.NewPid && !plan.NeedsSibling)
                continue; // the runtime's thread has joined it before the clone: see ContainerCreation
            _ = context.Program.SetNs($"join the {joined.Type} namespace {joined.Path}", file, joined.Kind);
        }
    }

    /// <summary>Takes on the ids 0 of the user namespace, where they are mapped; what the container's process will be is set at the end.</summary>
    private static void BecomeRoot(ChildProgram program)
    {
        _ = program.SetGroupId(0).Ignore(Errno.EINVAL);
        _ = program.SetUserId(0).Ignore(Errno.EINVAL);
    }

    private static void MakeTimeNamespace(ChildProgram program, Dictionary<string, LinuxTimeOffset>? offsets)
    {
        _ = program.Unshare("make the time namespace", CloneFlags.NewTime);
        if (offsets is null || offsets.Count == 0)
            return;
        var text = new StringBuilder();
        foreach ((string clock, LinuxTimeOffset offset) in offsets)
            _ = text.Append(CultureInfo.InvariantCulture, $"{clock} {offset.Secs} {offset.Nanosecs}\n");
        ChildRegister file = program.NewRegister();
        _ = program.OpenAt("open /proc/self/timens_offsets", Syscalls.WorkingDirectory, "/proc/self/timens_offsets", OpenFlags.WriteOnly).Into(file);
        _ = program.Write("set linux.timeOffsets", file, Encoding.ASCII.GetBytes(text.ToString()));
        _ = program.Close(file);
    }
}
