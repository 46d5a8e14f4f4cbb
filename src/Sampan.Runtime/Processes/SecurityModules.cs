using Sampan.Kernel;
using Sampan.Oci;

namespace Sampan.Runtime.Processes;

/// <summary>Which security modules the kernel runs, and the refusal of labels that it could not apply.</summary>
internal static class SecurityModules
{
    /// <summary>Whether AppArmor is on (/sys/module/apparmor/parameters/enabled).</summary>
    public static bool HasAppArmor => Reads("/sys/module/apparmor/parameters/enabled", (byte)'Y');

    /// <summary>Whether SELinux is on: its file system is mounted.</summary>
    public static bool HasSelinux => Exists("/sys/fs/selinux/enforce");

    /// <summary>Whether AppArmor has attribute files of its own, so that it can live beside another module.</summary>
    public static bool HasAppArmorAttributes => Exists("/proc/self/attr/apparmor/exec");

    /// <summary>Refuses labels for which the kernel has no module.</summary>
    /// <exception cref="RuntimeException">A label is asked for that cannot be applied.</exception>
    public static void Check(Process process, string? mountLabel)
    {
        if (!string.IsNullOrEmpty(process.ApparmorProfile) && process.ApparmorProfile != "unconfined" && !HasAppArmor)
            throw new RuntimeException($"process.apparmorProfile is \"{process.ApparmorProfile}\", but AppArmor is not enabled in this kernel", RuntimeErrorKind.InvalidArgument);
        if (!string.IsNullOrEmpty(process.SelinuxLabel) && !HasSelinux)
            throw new RuntimeException($"process.selinuxLabel is \"{process.SelinuxLabel}\", but SELinux is not enabled in this kernel", RuntimeErrorKind.InvalidArgument);
        if (!string.IsNullOrEmpty(mountLabel) && !HasSelinux)
            throw new RuntimeException($"linux.mountLabel is \"{mountLabel}\", but SELinux is not enabled in this kernel", RuntimeErrorKind.InvalidArgument);
    }

    private static bool Exists(string path)
    {
        using FileDescriptor? file = Syscalls.TryOpenAt(Syscalls.WorkingDirectory, path, OpenFlags.Path, 0, out FileDescriptor? opened) == Errno.None ? opened : null;
        return file is not null;
    }

    private static bool Reads(string path, byte first)
    {
        _ = Syscalls.TryOpenAt(Syscalls.WorkingDirectory, path, OpenFlags.ReadOnly, 0, out FileDescriptor? file);
        if (file is null)
            return false;
        using (file)
        {
            Span<byte> text = stackalloc byte[1];
            return Syscalls.TryRead(file, text) == 1 && text[0] == first;
        }
    }
}
