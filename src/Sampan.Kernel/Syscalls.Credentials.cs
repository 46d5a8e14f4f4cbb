namespace Sampan.Kernel;

public static unsafe partial class Syscalls
{
    private const uint CapabilityVersion3 = 0x20080522;

    /// <summary>capget(2): the three sets of a thread; pid 0 is the calling thread.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static CapabilitySets CapGet(int pid = 0)
    {
        var header = new CapHeader { Version = CapabilityVersion3, Pid = pid };
        uint* data = stackalloc uint[6];
        _ = Check(Call(SyscallNumbers.capget, (nint)(&header), (nint)data), $"capget({pid})");
        return new CapabilitySets(data[0] | ((ulong)data[3] << 32), data[1] | ((ulong)data[4] << 32), data[2] | ((ulong)data[5] << 32));
    }

    /// <summary>capset(2), of the calling thread.</summary>
    /// <exception cref="KernelException">The call failed; EPERM where a capability is not in the permitted set.</exception>
    public static void CapSet(CapabilitySets sets)
    {
        var header = new CapHeader { Version = CapabilityVersion3 };
        uint* data = stackalloc uint[]
        {
            (uint)sets.Effective, (uint)sets.Permitted, (uint)sets.Inheritable,
            (uint)(sets.Effective >> 32), (uint)(sets.Permitted >> 32), (uint)(sets.Inheritable >> 32),
        };
        _ = Check(Call(SyscallNumbers.capset, (nint)(&header), (nint)data), $"capset(eff=0x{sets.Effective:x}, prm=0x{sets.Permitted:x}, inh=0x{sets.Inheritable:x})");
    }

    /// <summary>keyctl(KEYCTL_JOIN_SESSION_KEYRING): a session keyring of that name, or with null a new one without a name. Returns its serial number.</summary>
    /// <exception cref="KernelException">The call failed; ENOSYS where the kernel has no keyrings, EDQUOT where the user has too many.</exception>
    public static int JoinSessionKeyring(string? name)
    {
        using var native = new NativeString(name ?? "");
        return (int)Check(Call(SyscallNumbers.keyctl, 1, name is null ? 0 : native.Address), $"keyctl(KEYCTL_JOIN_SESSION_KEYRING, {QuoteOrNull(name)})");
    }

    /// <summary>keyctl(KEYCTL_DESCRIBE): <c>type;uid;gid;permissions;description</c> of a key.</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static string DescribeKey(int serial)
    {
        const int Max = 1024;
        byte* buffer = stackalloc byte[Max];
        nint length = Check(Call(SyscallNumbers.keyctl, 6, serial, (nint)buffer, Max), $"keyctl(KEYCTL_DESCRIBE, {serial})");
        return System.Text.Encoding.UTF8.GetString(buffer, (int)Math.Clamp(length - 1, 0, Max));
    }

    /// <summary>keyctl(KEYCTL_SETPERM): the permission mask of a key (keyrings(7)).</summary>
    /// <exception cref="KernelException">The call failed.</exception>
    public static void SetKeyPermissions(int serial, uint permissions) =>
        Check(Call(SyscallNumbers.keyctl, 5, serial, (nint)permissions), $"keyctl(KEYCTL_SETPERM, {serial}, 0x{permissions:x})");
}
