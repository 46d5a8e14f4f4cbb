using Sampan.Kernel;
using Sampan.Kernel.Children;
using Sampan.Oci;

namespace Sampan.Runtime.Processes;

/// <summary>
/// Compiles who the process is: groups, ids, capabilities, no_new_privs, seccomp. The order is the one that capabilities(7) and seccomp(2) ask for:
/// the bounding set first, then the ids with the permitted set kept, then the filter where there is no no_new_privs (it needs CAP_SYS_ADMIN),
/// then the sets; with no_new_privs the filter comes last.
/// </summary>
internal sealed class ProcessIdentityProgram(ChildProgram program, Process process, SeccompPlan? seccomp, bool hasUserNamespace)
{
    public void Add(Action<ChildRegister> onListener)
    {
        int last = Capabilities.LastOfKernel();
        ProcessCapabilities sets = ProcessCapabilities.From(process.Capabilities, last);
        if (process.NoNewPrivileges)
            program.SetNoNewPrivileges();
        if (process.Capabilities is not null)
            program.LimitBoundingSet(sets.Bounding, last);
        program.KeepCapabilities(true);
        AddGroups();
        program.SetIds(process.User.Uid, process.User.Gid);
        program.KeepCapabilities(false);
        program.SetUmask(process.User.Umask ?? 0x12);
        if (seccomp is not null && !process.NoNewPrivileges)
            AddSeccomp(seccomp, onListener, sets);
        if (process.Capabilities is not null)
        {
            program.SetCapabilities(sets.Effective, sets.Permitted, sets.Inheritable);
            program.SetAmbientCapabilities(sets.Ambient, last);
        }
        if (seccomp is not null && process.NoNewPrivileges)
            AddSeccomp(seccomp, onListener, sets);
    }

    /// <summary>Where the user namespace denies setgroups, an empty list is what there already is; a list that is asked for is an error.</summary>
    private void AddGroups()
    {
        List<uint> groups = process.User.AdditionalGids ?? [];
        ChildStep step = program.SetGroups(groups);
        if (groups.Count == 0 && (hasUserNamespace || !RootFs.RootFsRequest.Privileged))
            _ = step.Ignore(Errno.EPERM);
    }

    /// <summary>After the change of the user id the effective set is empty; the filter needs CAP_SYS_ADMIN in it.</summary>
    private void AddSeccomp(SeccompPlan plan, Action<ChildRegister> onListener, ProcessCapabilities sets)
    {
        if (!process.NoNewPrivileges && process.User.Uid != 0)
        {
            const ulong SysAdmin = 1UL << 21;
            program.SetCapabilities(sets.Permitted | SysAdmin, sets.Permitted | SysAdmin, 0);
        }
        ChildRegister listener = program.NewRegister();
        _ = program.SetSeccompFilter(plan.Filter.Instructions, plan.Filter.Flags).Into(listener);
        if (plan.Filter.HasListener)
            onListener(listener);
    }
}
