using Sampan.Kernel;
using Sampan.Kernel.Seccomp;
using Sampan.Oci;
using Sampan.Runtime.Seccomp;

namespace Sampan.Runtime.Verbs;

/// <summary><c>features</c>: what this runtime implements, whatever this machine has of it but for the seccomp flags that its kernel takes (features.md of the specification).</summary>
public static class RuntimeFeatures
{
    private static readonly string[] s_mountFlags =
    [
        "atime", "dev", "diratime", "exec", "relatime", "strictatime", "suid", "symfollow",
    ];

    /// <summary>The features.</summary>
    /// <param name="version">The runtime's version.</param>
    public static Features Describe(string version) => new()
    {
        OciVersionMin = "1.0.0",
        OciVersionMax = ContainerReport.OciVersion,
        Hooks = [.. KnownNames.Hooks],
        MountOptions = MountOptions(),
        Linux = new FeaturesLinux
        {
            Namespaces = [.. KnownNames.Namespaces],
            Capabilities = CapabilityNames(),
            Cgroup = new FeaturesCgroup { V1 = true, V2 = true, Systemd = true, SystemdUser = true, Rdma = true },
            Seccomp = Seccomp(),
            Apparmor = new FeaturesEnabled { Enabled = true },
            Selinux = new FeaturesEnabled { Enabled = true },
            IntelRdt = new FeaturesIntelRdt { Enabled = true, Schemata = true, Monitoring = true },
            MemoryPolicy = new FeaturesMemoryPolicy
            {
                Modes = [.. KnownNames.MemoryPolicyModes],
                Flags = [.. KnownNames.MemoryPolicyFlags],
            },
            MountExtensions = new FeaturesMountExtensions { IdMap = new FeaturesEnabled { Enabled = true } },
            NetDevices = new FeaturesEnabled { Enabled = true },
        },
        Annotations = new Dictionary<string, string>
        {
            ["org.opencontainers.runc.checkpoint.enabled"] = "false",
            ["io.sampan.runtime.version"] = version,
            ["io.sampan.runtime.kernel.least"] = RequiredCalls.LeastKernel,
        },
    };

    private static List<string> MountOptions()
    {
        var options = new List<string>
        {
            "async", "bind", "copy-symlinks", "defaults", "dirsync", "idmap", "iversion", "lazytime", "loud", "mand", "noiversion", "nolazytime", "nomand",
            "private", "rbind", "remount", "ridmap", "ro", "rprivate", "rro", "rrw", "rshared", "rslave", "runbindable", "rw", "shared", "silent", "slave", "sync",
            "tmpcopyup", "unbindable",
        };
        foreach (string flag in s_mountFlags)
            options.AddRange([flag, "no" + flag, "r" + flag, "rno" + flag]);
        options.Sort(StringComparer.Ordinal);
        return options;
    }

    private static List<string> CapabilityNames()
    {
        var names = new List<string>();
        for (int number = 0; number <= Capabilities.LastKnown; number++)
            names.Add(Capabilities.NameOf(number));
        return names;
    }

    private static FeaturesSeccomp Seccomp()
    {
        var seccomp = new FeaturesSeccomp
        {
            Enabled = true,
            Actions = [.. KnownNames.SeccompActions],
            Operators = [.. KnownNames.SeccompOperators],
            Archs = [],
            KnownFlags = [.. KnownNames.SeccompFlags],
            SupportedFlags = [],
        };
        foreach (string architecture in KnownNames.SeccompArchitectures)
        {
            if (SyscallArchitectures.Parse(architecture) is not null)
                seccomp.Archs.Add(architecture);
        }
        foreach (string flag in KnownNames.SeccompFlags)
        {
            if (SeccompFlags.Bit(flag) is { } bit && SeccompFlags.IsSupported(bit))
                seccomp.SupportedFlags.Add(flag);
        }
        return seccomp;
    }
}
