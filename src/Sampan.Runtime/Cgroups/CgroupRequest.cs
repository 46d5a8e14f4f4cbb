using Sampan.Oci;

namespace Sampan.Runtime.Cgroups;

/// <summary>What a container's cgroup is made from.</summary>
/// <param name="ContainerId">The container's id, the cgroup's name where there is no <paramref name="CgroupsPath"/>.</param>
/// <param name="CgroupsPath"><c>linux.cgroupsPath</c>: a path, or <c>slice:prefix:name</c> with the systemd driver.</param>
/// <param name="Resources"><c>linux.resources</c>, with the default device rules already added (<see cref="Devices.DefaultDeviceRules"/>).</param>
/// <param name="Systemd">True for the systemd driver (<c>--systemd-cgroup</c>), false for cgroupfs.</param>
/// <param name="Rootless">True where hierarchies that the caller may not write to are left out and only their use is an error.</param>
public sealed record CgroupRequest(string ContainerId, string? CgroupsPath, LinuxResources? Resources, bool Systemd = false, bool Rootless = false)
{
    /// <summary>Told when the cgroup is shared with processes that were in it before; where null, such a cgroup is refused.</summary>
    public Action<string>? Warn { get; init; }
}
