using Sampan.Kernel;
using Sampan.Oci;
using Sampan.Runtime.Cgroups;
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
            ApplyIntelRdt(container.State, intelRdt);
    }

    private static void ApplyIntelRdt(ContainerState state, LinuxIntelRdt intelRdt)
    {
        if (state.IntelRdtPath is null)
            throw new RuntimeException($"container {state.Id} has no resctrl group whose schemata could change: create it with linux.intelRdt in config.json", RuntimeErrorKind.WrongState);
        using FileDescriptor schemata = Syscalls.Open(state.IntelRdtPath + "/schemata", OpenFlags.WriteOnly);
        foreach (string? line in new[] { intelRdt.L3CacheSchema, intelRdt.MemBwSchema })
        {
            if (!string.IsNullOrEmpty(line))
                Syscalls.WriteAll(schemata, System.Text.Encoding.UTF8.GetBytes(line + "\n"));
        }
    }
}
