using Sampan.Oci;
using Sampan.Runtime.Cgroups;
using Sampan.Runtime.Resctrl;
using Sampan.Runtime.State;

namespace Sampan.Runtime.Verbs;

/// <summary><c>update</c>: other limits for a container that exists.</summary>
public static class ContainerUpdate
{
    /// <summary>Applies the limits that are given and leaves the others.</summary>
    /// <param name="container">A container that is not stopped.</param>
    /// <param name="resources">The limits.</param>
    /// <param name="intelRdt">Cache and bandwidth schemata, or null.</param>
    /// <exception cref="RuntimeException">It is stopped, has no cgroup, or the kernel refused a value.</exception>
    public static void Apply(Container container, LinuxResources resources, LinuxIntelRdt? intelRdt)
    {
        using IDisposable held = container.Directory.Lock();
        if (container.Status() == ContainerStatus.Stopped)
            throw new RuntimeException("container not running", RuntimeErrorKind.WrongState);
        using (Cgroup cgroup = container.OpenCgroup("change limits"))
            cgroup.Apply(resources);
        if (intelRdt is not null)
            ApplyIntelRdt(container, intelRdt);
    }

    /// <summary>A container without a group gets one now, as in runc, and all its processes with it.</summary>
    private static void ApplyIntelRdt(Container container, LinuxIntelRdt intelRdt)
    {
        ContainerState state = container.State;
        if (state.IntelRdtPath is not null)
        {
            ResctrlGroup.Open(state.IntelRdtPath, state.OwnsIntelRdt, null, state.Id.Text).Update(intelRdt);
            return;
        }
        ResctrlGroup made = ResctrlGroup.Create(ResctrlGroup.FindRoot(), intelRdt, state.Id.Text);
        container.Directory.Save(state with { IntelRdtPath = made.Path, OwnsIntelRdt = made.IsOwn });
        foreach (int pid in container.Processes())
            made.Add(pid);
    }
}
