using Sampan.Kernel;
using Sampan.Oci;

namespace Sampan.Runtime.Launch;

/// <summary>Moves network devices of the host into the container (config-linux.md, "Network Devices").</summary>
internal static class NetworkDevices
{
    /// <summary>Moves each device, under its new name where it has one, with its global addresses, and sets it up.</summary>
    /// <exception cref="RuntimeException">A device is missing, or its name is taken in the container.</exception>
    public static void Move(Dictionary<string, LinuxNetDevice>? devices, int pid)
    {
        if (devices is null || devices.Count == 0)
            return;
        using FileDescriptor network = Syscalls.Open($"/proc/{pid}/ns/net", OpenFlags.ReadOnly);
        using RouteSocket host = RouteSocket.Open();
        foreach ((string name, LinuxNetDevice device) in devices)
        {
            try
            {
                host.MoveDevice(name, network, device.Name);
            }
            catch (KernelException failure)
            {
                throw new RuntimeException($"linux.netDevices: cannot move the network device {name} into the container: {failure.Message}", RuntimeErrorKind.Failed, failure);
            }
        }
    }
}
