using Sampan.Kernel;
using Sampan.Oci;

namespace Sampan.Runtime.Verbs;

/// <summary><c>features</c>: what this runtime implements, whatever this machine has of it (features.md of the specification).</summary>
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
        Hooks = ["prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"],
        MountOptions = MountOptions(),
        Linux = new FeaturesLinux
        {
            Namespaces = ["cgroup", "ipc", "mount", "network", "pid", "time", "user", "uts"],
            Capabilities = CapabilityNames(),
            Cgroup = new FeaturesCgroup { V1 = true, V2 = true, Systemd = true, SystemdUser = true, Rdma = true },
            Seccomp = Seccomp(),
            Apparmor = new FeaturesEnabled { Enabled = true },
            Selinux = new FeaturesEnabled { Enabled = true },
            IntelRdt = new FeaturesIntelRdt { Enabled = false },
            MemoryPolicy = new FeaturesMemoryPolicy
            {
                Modes = ["MPOL_DEFAULT", "MPOL_PREFERRED", "MPOL_BIND", "MPOL_INTERLEAVE", "MPOL_LOCAL", "MPOL_PREFERRED_MANY", "MPOL_WEIGHTED_INTERLEAVE"],
                Flags = ["MPOL_F_NUMA_BALANCING", "MPOL_F_RELATIVE_NODES", "MPOL_F_STATIC_NODES"],
            },
            MountExtensions = new FeaturesMountExtensions { IdMap = new FeaturesEnabled { Enabled = true } },
            NetDevices = new FeaturesEnabled { Enabled = true },
        },
        Annotations = new Dictionary<string, string>
        {
            ["org.opencontainers.runc.checkpoint.enabled"] = "false",
            ["io.sampan.runtime.version"] = version,
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

    private static FeaturesSeccomp Seccomp() => new()
    {
        Enabled = true,
        Actions =
        [
            "SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "SCMP_ACT_KILL", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD", "SCMP_ACT_LOG", "SCMP_ACT_NOTIFY",
            "SCMP_ACT_TRACE", "SCMP_ACT_TRAP",
        ],
        Operators = ["SCMP_CMP_EQ", "SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_LE", "SCMP_CMP_LT", "SCMP_CMP_MASKED_EQ", "SCMP_CMP_NE"],
        Archs = ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM", "SCMP_ARCH_X32", "SCMP_ARCH_X86", "SCMP_ARCH_X86_64"],
        KnownFlags = ["SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW", "SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"],
        SupportedFlags = ["SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW", "SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"],
    };
}
