namespace Sampan.Kernel.Seccomp;

/// <summary>
/// The system calls of Linux 7.1 by name, and their numbers for each architecture. The tables are plain bytes of the executable that are
/// only read when asked for: nothing is built at start. A call has an index, the same for all architectures, found once by its name.
/// </summary>
public static partial class SyscallTable
{
    /// <summary>Numbers from here on stand for the private calls of 32-bit ARM, which begin at 0x0F0000.</summary>
    private const ushort PrivateArm = 0xF000;
    private const uint X32Bit = 0x40000000;

    /// <summary>How many names there are: indices go from 0 to this, less one.</summary>
    public static int Count => Offsets.Length;

    /// <summary>The index of the call named <paramref name="name"/>, or -1 when no architecture has it.</summary>
    public static int Find(string name)
    {
        ReadOnlySpan<byte> names = Names;
        ReadOnlySpan<ushort> offsets = Offsets;
        int low = 0;
        int high = offsets.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            int order = Compare(name, names[offsets[middle]..]);
            if (order == 0)
                return middle;
            if (order < 0)
                high = middle - 1;
            else
                low = middle + 1;
        }
        return -1;
    }

    /// <summary>The name of the call with an index.</summary>
    public static string Name(int index)
    {
        ReadOnlySpan<byte> rest = Names[Offsets[index]..];
        return System.Text.Encoding.ASCII.GetString(rest[..rest.IndexOf((byte)0)]);
    }

    /// <summary>
    /// The number by which the call with an index is asked for on <paramref name="architecture"/>, as it stands in the field <c>nr</c> of
    /// <c>struct seccomp_data</c> (for x32 with bit 30); null where the architecture has no such call of its own.
    /// </summary>
    public static uint? Number(SyscallArchitecture architecture, int index)
    {
        ushort number = Column(architecture)[index];
        if (number == ushort.MaxValue)
            return null;
        return architecture switch
        {
            SyscallArchitecture.X32 => number | X32Bit,
            SyscallArchitecture.Arm when number >= PrivateArm => 0x0F0000u + (uint)(number - PrivateArm),
            SyscallArchitecture.Mips or SyscallArchitecture.Mipsel => 4000u + number,
            SyscallArchitecture.Mips64 or SyscallArchitecture.Mipsel64 => 5000u + number,
            SyscallArchitecture.Mips64n32 or SyscallArchitecture.Mipsel64n32 => 6000u + number,
            _ => number,
        };
    }

    /// <summary>
    /// The number by which socketcall(2) or ipc(2) is asked for the call named <paramref name="name"/> (linux/net.h, linux/ipc.h);
    /// 0 when neither does it. Which of the two it is, <paramref name="ipc"/> says.
    /// </summary>
    public static uint MultiplexedNumber(string name, out bool ipc)
    {
        ipc = name.StartsWith("sem", StringComparison.Ordinal) || name.StartsWith("msg", StringComparison.Ordinal)
            || name.StartsWith("shm", StringComparison.Ordinal);
        return name switch
        {
            "socket" => 1,
            "bind" => 2,
            "connect" => 3,
            "listen" => 4,
            "accept" => 5,
            "getsockname" => 6,
            "getpeername" => 7,
            "socketpair" => 8,
            "send" => 9,
            "recv" => 10,
            "sendto" => 11,
            "recvfrom" => 12,
            "shutdown" => 13,
            "setsockopt" => 14,
            "getsockopt" => 15,
            "sendmsg" => 16,
            "recvmsg" => 17,
            "accept4" => 18,
            "recvmmsg" => 19,
            "sendmmsg" => 20,
            "semop" => 1,
            "semget" => 2,
            "semctl" => 3,
            "semtimedop" => 4,
            "msgsnd" => 11,
            "msgrcv" => 12,
            "msgget" => 13,
            "msgctl" => 14,
            "shmat" => 21,
            "shmdt" => 22,
            "shmget" => 23,
            "shmctl" => 24,
            _ => 0,
        };
    }

    private static ReadOnlySpan<ushort> Column(SyscallArchitecture architecture) => architecture switch
    {
        SyscallArchitecture.X86_64 => X86_64,
        SyscallArchitecture.X86 => X86,
        SyscallArchitecture.X32 => X32,
        SyscallArchitecture.Aarch64 => Aarch64,
        SyscallArchitecture.Arm => Arm,
        SyscallArchitecture.Mips or SyscallArchitecture.Mipsel => Mips,
        SyscallArchitecture.Mips64 or SyscallArchitecture.Mipsel64 => Mips64,
        SyscallArchitecture.Mips64n32 or SyscallArchitecture.Mipsel64n32 => Mips64n32,
        SyscallArchitecture.Ppc => Ppc,
        SyscallArchitecture.Ppc64 or SyscallArchitecture.Ppc64le => Ppc64,
        SyscallArchitecture.S390 => S390,
        SyscallArchitecture.S390x => S390x,
        SyscallArchitecture.Riscv64 => Riscv64,
        SyscallArchitecture.Loongarch64 => Loongarch64,
        SyscallArchitecture.M68k => M68k,
        SyscallArchitecture.Parisc => Parisc,
        SyscallArchitecture.Parisc64 => Parisc64,
        SyscallArchitecture.Sh or SyscallArchitecture.Sheb => Sh,
        _ => throw new ArgumentOutOfRangeException(nameof(architecture)),
    };

    /// <summary>Orders a name against the NUL-terminated bytes at the beginning of <paramref name="bytes"/>.</summary>
    private static int Compare(string name, ReadOnlySpan<byte> bytes)
    {
        for (int i = 0; i < name.Length; i++)
        {
            int difference = name[i] - bytes[i];
            if (difference != 0 || bytes[i] == 0)
                return difference == 0 ? 1 : difference;
        }
        return bytes[name.Length] == 0 ? 0 : -1;
    }
}
