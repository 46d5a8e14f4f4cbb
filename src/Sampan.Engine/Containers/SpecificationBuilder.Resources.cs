using Sampan.Oci;

namespace Sampan.Engine.Containers;

public static partial class SpecificationBuilder
{
    private const long MinimumMemory = 512 * 1024;

    private static LinuxResources Resources(ContainerOptions options, HostMachine machine, List<ContainerDevice> devices)
    {
        var resources = new LinuxResources { Devices = DeviceRules(options, devices) };
        if (options.Memory is not null || options.MemorySwap is not null || options.MemoryReservation is not null)
            resources.Memory = Memory(options, machine);
        if (options.CpuQuota is not null || options.CpuShares is not null || options.CpusetCpus is not null || options.CpusetMems is not null)
        {
            resources.Cpu = new LinuxCpu
            {
                Quota = options.CpuQuota,
                Period = options.CpuQuota is null ? null : 100_000,
                Shares = (ulong?)options.CpuShares,
                Cpus = options.CpusetCpus,
                Mems = options.CpusetMems,
            };
        }
        if (options.PidsLimit is not (null or 0))
            resources.Pids = new LinuxPids { Limit = options.PidsLimit };
        return resources;
    }

    private static LinuxMemory Memory(ContainerOptions options, HostMachine machine)
    {
        if (options.Memory is { } limit && limit < MinimumMemory)
            throw new EngineException(ErrorKind.InvalidArgument, $"--memory {limit} is too small: no program starts below 512k");
        if (options is { MemoryReservation: { } reservation, Memory: { } hard } && reservation > hard)
            throw new EngineException(ErrorKind.InvalidArgument, "--memory-reservation must not be larger than --memory");
        if (options.MemorySwap is { } swap and not -1)
        {
            if (options.Memory is null)
                throw new EngineException(ErrorKind.InvalidArgument, "--memory-swap needs --memory: it is the limit of both together");
            if (swap < options.Memory)
                throw new EngineException(ErrorKind.InvalidArgument, "--memory-swap must not be smaller than --memory: it is the limit of both together");
        }
        if (options.MemorySwap is not null && !machine.HasSwapAccounting)
            throw new EngineException(ErrorKind.InvalidArgument, "--memory-swap cannot be set: this kernel does not account swap");
        return new LinuxMemory
        {
            Limit = options.Memory,
            Reservation = options.MemoryReservation,
            Swap = options.MemorySwap ?? (options.Memory is { } memory && machine.HasSwapAccounting ? memory * 2 : null),
        };
    }

    private static List<LinuxDeviceCgroup> DeviceRules(ContainerOptions options, List<ContainerDevice> devices)
    {
        if (options.Privileged)
            return [new LinuxDeviceCgroup { Allow = true, Access = "rwm" }];
        List<LinuxDeviceCgroup> rules =
        [
            new() { Allow = false, Access = "rwm" },
            Allow("c", null, null, "m"), Allow("b", null, null, "m"),
            Allow("c", 1, 3), Allow("c", 1, 5), Allow("c", 1, 7), Allow("c", 1, 8), Allow("c", 1, 9),
            Allow("c", 5, 0), Allow("c", 5, 2), Allow("c", 136, null),
        ];
        foreach (ContainerDevice device in devices)
            rules.Add(Allow(device.Node.Type == "u" ? "c" : device.Node.Type, device.Node.Major, device.Node.Minor, device.Access));
        return rules;
    }

    private static LinuxDeviceCgroup Allow(string type, long? major, long? minor, string access = "rwm") =>
        new() { Allow = true, Type = type, Major = major, Minor = minor, Access = access };
}
