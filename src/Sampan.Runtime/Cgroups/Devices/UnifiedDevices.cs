using Sampan.Kernel;
using Sampan.Kernel.Bpf;
using Sampan.Oci;

namespace Sampan.Runtime.Cgroups.Devices;

/// <summary>Device rules by a program attached to a cgroup of version 2.</summary>
internal static class UnifiedDevices
{
    /// <summary>
    /// Attaches a program for the rules and then detaches those that were attached to this cgroup before: both must allow while both are attached,
    /// so at no moment more is allowed than one of them allows. Programs of parents stay in force.
    /// </summary>
    /// <exception cref="RuntimeException">A rule is wrong, or the kernel refused the program; with <paramref name="rootless"/> the missing right to load one is no error.</exception>
    public static void Apply(string directory, List<LinuxDeviceCgroup> rules, bool rootless)
    {
        ulong[] program = DeviceProgram.Compile(DeviceRule.Parse(rules));
        try
        {
            using FileDescriptor cgroup = Syscalls.Open(directory, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoFollow);
            using FileDescriptor loaded = CgroupDevicePrograms.Load(program);
            uint[] before = CgroupDevicePrograms.Query(cgroup);
            CgroupDevicePrograms.Attach(cgroup, loaded);
            foreach (uint id in before)
                CgroupDevicePrograms.Detach(cgroup, id);
        }
        catch (KernelException exception) when (rootless && exception.Errno is Errno.EPERM or Errno.EACCES)
        {
            // A user may not load programs; the devices are the host's own permissions' matter then, as for every rootless runtime.
        }
        catch (KernelException exception)
        {
            throw new RuntimeException($"linux.resources.devices: cannot attach the device program to {directory}: {exception.Message}", RuntimeErrorKind.Failed, exception);
        }
    }
}
