using Sampan.Kernel;
using Sampan.Oci;

namespace Sampan.Runtime.Cgroups.Systemd;

/// <summary>
/// Cgroups that systemd knows of: the container's is a transient scope with <c>Delegate=yes</c>, whose inside is then handled as without systemd
/// (systemd, CGROUP_DELEGATION). The limits are told to systemd too, or its next reload would undo them.
/// </summary>
internal static class SystemdDriver
{
    /// <summary>Starts the scope, held by a waiting process, makes what systemd did not (other hierarchies of version 1), and writes the limits.</summary>
    /// <exception cref="RuntimeException">systemd cannot be reached or refused, or a limit cannot be set.</exception>
    public static Cgroup Create(CgroupLayout layout, CgroupRequest request)
    {
        bool user = Syscalls.GetEuid() != 0;
        bool unified = layout.Version == CgroupVersion.V2;
        SystemdScope scope = SystemdScope.Parse(request.CgroupsPath, request.ContainerId, user);
        List<SystemdProperty> limits = request.Resources is null ? [] : SystemdProperties.From(request.Resources, unified);
        using SystemdBus bus = SystemdBus.Open(user);
        string path = bus.ControlGroup() + scope.Path;
        ScopeHolder holder = ScopeHolder.Start();
        bool started = false;
        try
        {
            List<SystemdProperty> properties = SystemdProperties.ForScope(scope, request.ContainerId, (uint)holder.Pid, unified);
            properties.AddRange(limits);
            bus.StartTransientUnit(scope.Unit, properties);
            started = true;
            CgroupRequest inside = request with { CgroupsPath = path };
            Cgroup cgroup = unified ? UnifiedCgroup.Create(layout, inside, scope.Unit, user) : LegacyCgroup.Create(layout, inside, scope.Unit, user);
            cgroup.Holder = holder;
            return cgroup;
        }
        catch (RuntimeException)
        {
            holder.Dispose();
            if (started)
                bus.StopUnit(scope.Unit);
            throw;
        }
    }

    /// <summary>The path of the container's scope below each hierarchy's mount point.</summary>
    /// <exception cref="RuntimeException">systemd cannot be reached, or the path is no scope's.</exception>
    public static string PathOf(CgroupRequest request)
    {
        bool user = Syscalls.GetEuid() != 0;
        SystemdScope scope = SystemdScope.Parse(request.CgroupsPath, request.ContainerId, user);
        using SystemdBus bus = SystemdBus.Open(user);
        return bus.ControlGroup() + scope.Path;
    }

    /// <summary>Tells systemd the changed limits.</summary>
    /// <exception cref="RuntimeException">systemd cannot be reached or refused.</exception>
    public static void Update(CgroupState state, LinuxResources resources)
    {
        List<SystemdProperty> properties = SystemdProperties.From(resources, state.Version == CgroupVersion.V2);
        if (properties.Count == 0)
            return;
        using SystemdBus bus = SystemdBus.Open(state.SystemdUser);
        bus.SetUnitProperties(state.SystemdUnit!, properties);
    }

    /// <summary>
    /// Ends the scope. Its processes are killed first: systemd would ask them politely and wait. Where systemd is gone the cgroup is all that is left
    /// to remove.
    /// </summary>
    public static void Stop(CgroupState state)
    {
        CgroupProcesses.KillAll(state);
        SystemdBus bus;
        try
        {
            bus = SystemdBus.Open(state.SystemdUser);
        }
        catch (RuntimeException)
        {
            return;
        }
        using (bus)
        {
            bus.StopUnit(state.SystemdUnit!);
        }
    }
}
