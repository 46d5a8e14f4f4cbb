using System.Runtime.InteropServices;

namespace Sampan.Kernel;

/// <content>bpf(2), as far as device programs of cgroups need it.</content>
public static unsafe partial class Syscalls
{
    private const int BpfProgLoad = 5, BpfProgAttach = 8, BpfProgDetach = 9, BpfProgGetFdById = 13, BpfProgQuery = 16;
    private const uint BpfProgTypeCgroupDevice = 15, BpfCgroupDevice = 6, BpfAllowMulti = 2;

    internal static FileDescriptor BpfLoadCgroupDevice(ReadOnlySpan<ulong> instructions)
    {
        fixed (ulong* code = instructions)
        fixed (byte* license = "Apache-2.0\0"u8)
        fixed (byte* name = "sampan_devices\0\0"u8)
        {
            var attributes = new BpfLoad { Type = BpfProgTypeCgroupDevice, Count = (uint)instructions.Length, Code = (ulong)code, License = (ulong)license };
            new ReadOnlySpan<byte>(name, 16).CopyTo(new Span<byte>(attributes.Name, 16));
            return new FileDescriptor((int)Check(Call(SyscallNumbers.bpf, BpfProgLoad, (nint)(&attributes), sizeof(BpfLoad)), "bpf(BPF_PROG_LOAD, BPF_PROG_TYPE_CGROUP_DEVICE)"));
        }
    }

    internal static void BpfAttachCgroupDevice(FileDescriptor cgroup, FileDescriptor program)
    {
        var attributes = new BpfAttach { Target = (uint)cgroup.Number, Program = (uint)program.Number, Type = BpfCgroupDevice, Flags = BpfAllowMulti };
        _ = Check(Call(SyscallNumbers.bpf, BpfProgAttach, (nint)(&attributes), sizeof(BpfAttach)), $"bpf(BPF_PROG_ATTACH, cgroup={cgroup.Number}, BPF_F_ALLOW_MULTI)");
    }

    internal static uint[] BpfQueryCgroupDevice(FileDescriptor cgroup)
    {
        uint[] ids = new uint[64];
        while (true)
        {
            fixed (uint* first = ids)
            {
                var attributes = new BpfQuery { Target = (uint)cgroup.Number, Type = BpfCgroupDevice, Ids = (ulong)first, Count = (uint)ids.Length };
                nint result = Call(SyscallNumbers.bpf, BpfProgQuery, (nint)(&attributes), sizeof(BpfQuery));
                if (result == -(nint)Errno.ENOSPC)
                {
                    ids = new uint[ids.Length * 2];
                    continue;
                }
                _ = Check(result, $"bpf(BPF_PROG_QUERY, cgroup={cgroup.Number})");
                return ids[..(int)attributes.Count];
            }
        }
    }

    internal static void BpfDetachCgroupDevice(FileDescriptor cgroup, uint programId)
    {
        uint* byId = stackalloc uint[4] { programId, 0, 0, 0 };
        nint program = Call(SyscallNumbers.bpf, BpfProgGetFdById, (nint)byId, 16);
        if (program == -(nint)Errno.ENOENT)
            return;
        using var open = new FileDescriptor((int)Check(program, $"bpf(BPF_PROG_GET_FD_BY_ID, {programId})"));
        var attributes = new BpfAttach { Target = (uint)cgroup.Number, Program = (uint)open.Number, Type = BpfCgroupDevice };
        nint result = Call(SyscallNumbers.bpf, BpfProgDetach, (nint)(&attributes), sizeof(BpfAttach));
        if (result != -(nint)Errno.ENOENT)
            _ = Check(result, $"bpf(BPF_PROG_DETACH, cgroup={cgroup.Number}, program={programId})");
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct BpfLoad
    {
        public uint Type, Count;
        public ulong Code, License;
        public uint LogLevel, LogSize;
        public ulong LogBuffer;
        public uint KernelVersion, Flags;
        public fixed byte Name[16];
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct BpfAttach
    {
        public uint Target, Program, Type, Flags;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct BpfQuery
    {
        public uint Target, Type, QueryFlags, AttachFlags;
        public ulong Ids;
        public uint Count, Padding;
    }
}
