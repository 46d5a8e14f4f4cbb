using Sampan.Oci;

namespace Sampan.Runtime.Cgroups.Devices;

/// <summary>
/// The device rules that every container gets after those of its configuration (runtime-spec, config-linux.md, "Default Devices"): the devices
/// that a runtime must provide, and mknod of any device, which without the right to open it gives nothing.
/// </summary>
/// <remarks>
/// <c>/dev/console</c> (5:1) is not among them: a container's console is a pseudo-terminal (136:*), and 5:1 is the host's own.
/// </remarks>
public static class DefaultDeviceRules
{
    /// <summary>A new list of the rules, in order, all of them allowing.</summary>
    public static List<LinuxDeviceCgroup> Create() =>
    [
        Allow("c", null, null, "m"),
        Allow("b", null, null, "m"),
        Allow("c", 1, 3, "rwm"), // null
        Allow("c", 1, 8, "rwm"), // random
        Allow("c", 1, 7, "rwm"), // full
        Allow("c", 5, 0, "rwm"), // tty
        Allow("c", 1, 5, "rwm"), // zero
        Allow("c", 1, 9, "rwm"), // urandom
        Allow("c", 136, null, "rwm"), // pts/*
        Allow("c", 5, 2, "rwm"), // ptmx
    ];

    private static LinuxDeviceCgroup Allow(string type, long? major, long? minor, string access) =>
        new() { Allow = true, Type = type, Major = major, Minor = minor, Access = access };
}
