namespace Sampan.Kernel.Bpf;

/// <summary>Programs of type BPF_PROG_TYPE_CGROUP_DEVICE on a cgroup: load, attach, list, detach (bpf(2)). Needs CAP_BPF or CAP_SYS_ADMIN.</summary>
public static class CgroupDevicePrograms
{
    /// <summary>Loads a program; its descriptor keeps it until it is attached.</summary>
    /// <exception cref="KernelException">The verifier or the caller's rights refused it.</exception>
    public static FileDescriptor Load(ReadOnlySpan<ulong> instructions) => Syscalls.BpfLoadCgroupDevice(instructions);

    /// <summary>Attaches a program beside those of the cgroup itself and of its parents (BPF_F_ALLOW_MULTI): all of them must allow.</summary>
    /// <exception cref="KernelException">The kernel refused.</exception>
    public static void Attach(FileDescriptor cgroup, FileDescriptor program) => Syscalls.BpfAttachCgroupDevice(cgroup, program);

    /// <summary>The ids of the device programs attached to this very cgroup.</summary>
    /// <exception cref="KernelException">The kernel refused.</exception>
    public static uint[] Query(FileDescriptor cgroup) => Syscalls.BpfQueryCgroupDevice(cgroup);

    /// <summary>Detaches a program by its id; one that is gone is no error.</summary>
    /// <exception cref="KernelException">The kernel refused.</exception>
    public static void Detach(FileDescriptor cgroup, uint programId) => Syscalls.BpfDetachCgroupDevice(cgroup, programId);
}
