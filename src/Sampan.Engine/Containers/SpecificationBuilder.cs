using Sampan.Kernel;
using Sampan.Oci;

namespace Sampan.Engine.Containers;

/// <summary>What the builder must know besides the options.</summary>
/// <param name="Id">The container's id.</param>
/// <param name="RootFs">The root file system's path on the host.</param>
/// <param name="Image">The image's defaults.</param>
/// <param name="Directory">The container's directory, where its hosts, hostname and resolv.conf are.</param>
/// <param name="CgroupPath">The container's cgroup, absolute.</param>
/// <param name="NetworkNamespace">The path of a network namespace to join, or null for the option's own meaning.</param>
/// <param name="Machine">What of the host the defaults depend on.</param>
public sealed record SpecificationContext(
    string Id, string RootFs, ImageExecution Image, string Directory, string CgroupPath, string? NetworkNamespace, HostMachine Machine);

/// <summary>What of the host the defaults depend on.</summary>
/// <param name="HasSwapAccounting">Whether a limit on memory and swap together can be set.</param>
/// <param name="HasAppArmor">Whether the kernel has AppArmor on.</param>
/// <param name="HasSelinux">Whether the kernel has SELinux on.</param>
/// <param name="Capabilities">What this process may give a container: its own permitted set, in which the host's root may lack some itself (a machine in a container).</param>
public sealed record HostMachine(bool HasSwapAccounting, bool HasAppArmor, bool HasSelinux, ulong Capabilities)
{
    /// <summary>Looks at this machine.</summary>
    public static HostMachine Detect() => new(
        File.Exists("/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes") || File.Exists("/sys/fs/cgroup/cgroup.controllers"),
        Directory.Exists("/sys/kernel/security/apparmor"),
        Directory.Exists("/sys/fs/selinux"),
        Syscalls.CapGet().Permitted);
}

/// <summary>
/// Makes the runtime's configuration from an image's defaults and a user's options. Nothing here has an effect; only devices and seccomp
/// profiles that options name are read from the host, and users from the root file system, inside it. The defaults are Docker's: capabilities,
/// masked paths, mounts, devices.
/// </summary>
public static partial class SpecificationBuilder
{
    /// <summary>The specification that the result claims to follow.</summary>
    public const string OciVersion = "1.0.2";

    /// <summary>Builds the configuration.</summary>
    /// <exception cref="EngineException">An option is wrong.</exception>
    public static Spec Build(ContainerOptions options, SpecificationContext context)
    {
        SecurityChoice security = SecurityChoice.Parse(options, context.Machine);
        List<ContainerDevice> devices = Devices(options);
        return new Spec
        {
            OciVersion = OciVersion,
            Process = BuildProcess(options, context, security),
            Root = new Root { Path = context.RootFs, Readonly = options.ReadOnly },
            Hostname = options.HostUts ? null : HostnameOf(options, context.Id),
            Mounts = Mounts(options, context),
            Annotations = new Dictionary<string, string> { ["io.sampan.container"] = context.Id },
            Linux = new Linux
            {
                CgroupsPath = context.CgroupPath,
                Namespaces = Namespaces(options, context),
                Resources = Resources(options, context.Machine, devices),
                Devices = devices.Count == 0 ? null : devices.ConvertAll(static device => device.Node),
                Seccomp = security.Seccomp,
                MaskedPaths = security.OpenSystemPaths ? null : [.. s_maskedPaths],
                ReadonlyPaths = security.OpenSystemPaths ? null : [.. s_readonlyPaths],
                Sysctl = Sysctls(options),
                RootfsPropagation = "private",
            },
        };
    }

    /// <summary>The host name inside: the option, else the short id.</summary>
    /// <exception cref="EngineException">The name is longer than the kernel takes or has a character that no host name has.</exception>
    public static string HostnameOf(ContainerOptions options, string id)
    {
        string name = options.Hostname ?? id[..12];
        bool valid = name.Length is > 0 and <= 64 && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_');
        return valid ? name : throw Quantities.Invalid("--hostname", name, "a host name (letters, digits, dots and dashes, at most 64)");
    }

    private static List<LinuxNamespace> Namespaces(ContainerOptions options, SpecificationContext context)
    {
        var namespaces = new List<LinuxNamespace> { new() { Type = "mount" } };
        if (!options.HostPid)
            namespaces.Add(new LinuxNamespace { Type = "pid" });
        if (!options.HostIpc)
            namespaces.Add(new LinuxNamespace { Type = "ipc" });
        if (!options.HostUts)
            namespaces.Add(new LinuxNamespace { Type = "uts" });
        if (File.Exists("/proc/self/ns/cgroup"))
            namespaces.Add(new LinuxNamespace { Type = "cgroup" });
        if (context.NetworkNamespace is not null)
            namespaces.Add(new LinuxNamespace { Type = "network", Path = context.NetworkNamespace });
        else if (options.Network == "none")
            namespaces.Add(new LinuxNamespace { Type = "network" });
        return namespaces;
    }

    private static Dictionary<string, string>? Sysctls(ContainerOptions options)
    {
        if (options.Sysctls.Count == 0)
            return null;
        var sysctls = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string text in options.Sysctls)
        {
            int equals = text.IndexOf('=', StringComparison.Ordinal);
            string name = equals < 0 ? text : text[..equals];
            bool isIpc = name.StartsWith("kernel.msg", StringComparison.Ordinal) || name.StartsWith("kernel.shm", StringComparison.Ordinal) || name == "kernel.sem"
                || name.StartsWith("fs.mqueue.", StringComparison.Ordinal);
            bool isNet = name.StartsWith("net.", StringComparison.Ordinal);
            // CVE-2022-0811: a value that carries a second setting. The name must be one that belongs to the container's own namespaces.
            if (equals <= 0 || text.AsSpan().ContainsAnyInRange('\0', '\x1f') || text[(equals + 1)..].Contains('=', StringComparison.Ordinal) || name.Contains('/', StringComparison.Ordinal) || name.Contains("..", StringComparison.Ordinal))
                throw Quantities.Invalid("--sysctl", text, "NAME=VALUE");
            if (!(isIpc && !options.HostIpc) && !(isNet && options.Network == "none"))
                throw new EngineException(ErrorKind.InvalidArgument, $"--sysctl {Printable.Escape(name)} would change the host: only net.* with an own network, and kernel.msg*, kernel.shm*, kernel.sem and fs.mqueue.* with an own IPC namespace can be set");
            sysctls[name] = text[(equals + 1)..];
        }
        return sysctls;
    }
}
