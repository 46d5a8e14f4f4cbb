using Sampan.Kernel;
using Sampan.Oci;

namespace Sampan.Runtime.Cgroups.Devices;

/// <summary>Device rules by the devices controller of version 1.</summary>
internal static class LegacyDevices
{
    /// <summary>Writes the difference to what is in force. False, with nothing written, where the controller cannot express the rules.</summary>
    /// <exception cref="RuntimeException">A rule is wrong, or the kernel refused one.</exception>
    public static bool TryApply(string directory, List<LinuxDeviceCgroup> rules)
    {
        DeviceList? wanted = DeviceList.From(DeviceRule.Parse(rules));
        if (wanted is null)
            return false;
        string current = CgroupFile.Read(directory, "devices.list") ?? throw new RuntimeException($"linux.resources.devices: cannot read {directory}/devices.list");
        using var allow = new CgroupFile.Writer(directory, "devices.allow");
        using var deny = new CgroupFile.Writer(directory, "devices.deny");
        foreach ((string file, string value) in wanted.Transition(DeviceList.Parse(current)))
        {
            Errno error = (file == "devices.allow" ? allow : deny).Write(value);
            if (error != Errno.None)
                throw new RuntimeException($"linux.resources.devices: cannot write \"{value}\" to {directory}/{file}: {Reason(error)}");
        }
        return true;
    }

    private static string Reason(Errno error) => error == Errno.EPERM
        ? "not permitted: the parent cgroup does not allow this device itself, or the caller lacks CAP_SYS_ADMIN"
        : KernelException.Describe(error);
}
