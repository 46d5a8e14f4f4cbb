using System.Runtime.InteropServices;

namespace Sampan.Kernel.Children;

/// <summary>Identity, privileges, scheduling: what a process gives itself before it executes its program.</summary>
public sealed unsafe partial class ChildProgram
{
    /// <summary>PR_SET_PDEATHSIG: SIGKILL when the thread that made the child ends; with <paramref name="on"/> false no longer.</summary>
    public void DieWithParent(bool on) => _ = Prctl("set the parent death signal", 1, on ? 9 : 0);

    /// <summary>PR_SET_DUMPABLE: a process that is not dumpable cannot be traced or looked into through /proc from inside the container.</summary>
    public void SetDumpable(bool on) => _ = Prctl("set dumpable", 4, on ? 1 : 0);

    /// <summary>PR_SET_NO_NEW_PRIVS.</summary>
    public void SetNoNewPrivileges() => _ = Prctl("set no_new_privs", 38, 1);

    /// <summary>setgroups(2).</summary>
    public ChildStep SetGroups(IReadOnlyList<uint> groups)
    {
        nint list = Buffer(Math.Max(1, groups.Count) * 4);
        for (int i = 0; i < groups.Count; i++)
            ((uint*)list)[i] = groups[i];
        return Call("set the supplementary groups", SyscallNumbers.setgroups, groups.Count, list);
    }

    /// <summary>setresgid(2) and setresuid(2), in this order.</summary>
    public void SetIds(uint uid, uint gid)
    {
        _ = SetGroupId(gid);
        _ = SetUserId(uid);
    }

    /// <summary>setresuid(2) with one id for all three.</summary>
    public ChildStep SetUserId(uint uid) => Call($"set the user id to {uid}", SyscallNumbers.setresuid, uid, uid, uid);

    /// <summary>setresgid(2) with one id for all three.</summary>
    public ChildStep SetGroupId(uint gid) => Call($"set the group id to {gid}", SyscallNumbers.setresgid, gid, gid, gid);

    /// <summary>PR_SET_KEEPCAPS: whether the permitted capabilities outlive the change of the user id.</summary>
    public void KeepCapabilities(bool on) => _ = Prctl("keep capabilities", 8, on ? 1 : 0);

    /// <summary>Drops every capability up to <paramref name="last"/> that is not in <paramref name="keep"/> from the bounding set.</summary>
    public void LimitBoundingSet(ulong keep, int last)
    {
        for (int capability = 0; capability <= last; capability++)
        {
            if ((keep & (1UL << capability)) == 0)
                _ = Prctl($"drop capability {capability} from the bounding set", 24, capability);
        }
    }

    /// <summary>capset(2), version 3.</summary>
    public void SetCapabilities(ulong effective, ulong permitted, ulong inheritable)
    {
        uint* header = (uint*)Buffer(8);
        header[0] = 0x20080522;
        uint* data = (uint*)Buffer(24);
        for (int half = 0; half < 2; half++)
        {
            data[(half * 3) + 0] = (uint)(effective >> (32 * half));
            data[(half * 3) + 1] = (uint)(permitted >> (32 * half));
            data[(half * 3) + 2] = (uint)(inheritable >> (32 * half));
        }
        _ = Call("set the capabilities", SyscallNumbers.capset, (nint)header, (nint)data);
    }

    /// <summary>Makes the ambient set what <paramref name="ambient"/> says; kernels before 4.3 have none and are told nothing.</summary>
    public void SetAmbientCapabilities(ulong ambient, int last)
    {
        _ = Prctl("clear the ambient capabilities", 47, 4).Ignore(Errno.EINVAL);
        for (int capability = 0; capability <= last; capability++)
        {
            if ((ambient & (1UL << capability)) != 0)
                _ = Prctl($"raise ambient capability {capability}", 47, 2, capability).Ignore(Errno.EPERM).Ignore(Errno.EINVAL); // not inheritable: runc leaves it out as well
        }
    }

    /// <summary>umask(2).</summary>
    public void SetUmask(uint mask) => _ = Call("set the umask", SyscallNumbers.umask, mask);

    /// <summary>setsid(2).</summary>
    public ChildStep SetSid() => Call("start a session", SyscallNumbers.setsid);

    /// <summary>sethostname(2).</summary>
    public void SetHostName(string name) => SetName("hostname", SyscallNumbers.sethostname, name);

    /// <summary>setdomainname(2).</summary>
    public void SetDomainName(string name) => SetName("domainname", SyscallNumbers.setdomainname, name);

    private void SetName(string what, nint number, string name) =>
        _ = Call($"set {what} to {name}", number, Text(name), System.Text.Encoding.UTF8.GetByteCount(name));

    /// <summary>personality(2).</summary>
    public void SetPersonality(uint persona) => _ = Call("set the personality", SyscallNumbers.personality, persona);

    /// <summary>ioprio_set(2) of the process itself.</summary>
    public void SetIoPriority(int ioClass, int level) =>
        _ = Call("set the I/O priority", SyscallNumbers.ioprio_set, 1, 0, (ioClass << 13) | level);

    /// <summary>sched_setattr(2) of the process itself.</summary>
    public void SetScheduler(SchedulerAttributes attributes) =>
        _ = Call("set the scheduler", SyscallNumbers.sched_setattr, 0, Value(attributes), 0);

    /// <summary>sched_setaffinity(2) of the process itself; bit i of the mask is CPU i.</summary>
    public void SetAffinity(CpuSet cpus) =>
        _ = Call("set the CPU affinity", SyscallNumbers.sched_setaffinity, 0, cpus.Words.Length * sizeof(ulong), Bytes(MemoryMarshal.AsBytes(cpus.Words)));

    /// <summary>set_mempolicy(2).</summary>
    /// <param name="mode">MPOL_* with its flags.</param>
    /// <param name="nodes">The memory nodes, or null for a policy without any.</param>
    public void SetMemoryPolicy(int mode, CpuSet? nodes) =>
        _ = Call("set the memory policy", SyscallNumbers.set_mempolicy, mode, nodes is null ? 0 : Bytes(MemoryMarshal.AsBytes(nodes.Words)), nodes is null ? 0 : (nodes.Words.Length * 64) + 1);

    /// <summary>keyctl(KEYCTL_JOIN_SESSION_KEYRING); a kernel without keyrings, or a full quota, leaves the child as it is.</summary>
    public void JoinSessionKeyring(string name) =>
        _ = Call("join a session keyring", SyscallNumbers.keyctl, 1, Text(name)).Ignore(Errno.ENOSYS).Ignore(Errno.EDQUOT).Ignore(Errno.EPERM);

    /// <summary>seccomp(SECCOMP_SET_MODE_FILTER) with a program of struct sock_filter of 8 bytes each; the result is the listener with that flag.</summary>
    public ChildStep SetSeccompFilter(ReadOnlySpan<byte> instructions, uint flags)
    {
        nint* program = (nint*)Buffer(16);
        *(ushort*)program = (ushort)(instructions.Length / 8);
        program[1] = Bytes(instructions);
        return Call("install the seccomp filter", SyscallNumbers.seccomp, 1, flags, (nint)program);
    }

    /// <summary>Marks every descriptor from <paramref name="first"/> on close-on-exec (close_range(2), Linux 5.11).</summary>
    public ChildStep CloseOnExecFrom(int first) =>
        Call("mark descriptors close-on-exec", SyscallNumbers.close_range, first, uint.MaxValue, 4);

    /// <summary>Sets up the loopback device of the network namespace (ioctl SIOCSIFFLAGS, netdevice(7)).</summary>
    public void SetLoopbackUp()
    {
        ChildRegister socket = NewRegister();
        byte* request = (byte*)Buffer(40);
        "lo"u8.CopyTo(new Span<byte>(request, 16));
        *(ushort*)(request + 16) = 0x1 | 0x40; // IFF_UP | IFF_RUNNING
        _ = Call("open a socket to set up the loopback device", SyscallNumbers.socket, 2, 2 | 0x80000, 0).Into(socket);
        _ = Call("set up the loopback device", SyscallNumbers.ioctl, socket, 0x8914, (nint)request);
        _ = Close(socket);
    }
}

/// <summary>struct sched_attr of sched_setattr(2): runtime, deadline and period in nanoseconds, the clamps from 0 to 1024.</summary>
public record struct SchedulerAttributes(
    uint Size, uint Policy, ulong Flags, int Nice, uint Priority, ulong Runtime, ulong Deadline, ulong Period, uint UtilMin, uint UtilMax);
