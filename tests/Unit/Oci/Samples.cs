using System.Text;

namespace Sampan.Tests.Unit.Oci;

/// <summary>Documents that have every member of the specification, written from its text and not from our types.</summary>
internal static class Samples
{
    /// <summary>Every member of config.json, none at its default.</summary>
    public const string FullConfig = """
        {
          "ociVersion": "1.3.0",
          "process": {
            "terminal": true, "consoleSize": { "height": 25, "width": 80 },
            "user": { "uid": 1, "gid": 2, "umask": 63, "additionalGids": [5, 4294967294] },
            "args": ["sh", "-c", "echo \"ä\""], "env": ["PATH=/bin", "EMPTY="], "cwd": "/root",
            "capabilities": {
              "bounding": ["CAP_KILL"], "effective": ["CAP_CHOWN"], "inheritable": ["CAP_FOWNER"], "permitted": ["CAP_MKNOD"], "ambient": ["CAP_BPF"]
            },
            "rlimits": [{ "type": "RLIMIT_NOFILE", "hard": 18446744073709551615, "soft": 1024 }],
            "noNewPrivileges": true, "apparmorProfile": "a-profile", "oomScoreAdj": -100,
            "scheduler": { "policy": "SCHED_DEADLINE", "nice": 19, "priority": 1, "flags": ["SCHED_FLAG_RECLAIM"], "runtime": 1000000, "deadline": 2000000, "period": 3000000 },
            "selinuxLabel": "system_u:system_r:svirt_lxc_net_t:s0", "ioPriority": { "class": "IOPRIO_CLASS_IDLE", "priority": 4 },
            "execCPUAffinity": { "initial": "7", "final": "0-3,7" }
          },
          "root": { "path": "rootfs", "readonly": true },
          "hostname": "boat", "domainname": "harbour",
          "mounts": [
            { "destination": "/data", "type": "none", "source": "/volumes/data", "options": ["rbind", "idmap"],
              "uidMappings": [{ "containerID": 0, "hostID": 1000, "size": 10 }], "gidMappings": [{ "containerID": 1, "hostID": 1001, "size": 11 }] },
            { "destination": "/tmp", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=1777"] }
          ],
          "hooks": {
            "prestart": [{ "path": "/bin/a", "args": ["a", "b"], "env": ["K=V"], "timeout": 5 }], "createRuntime": [{ "path": "/bin/b", "timeout": 1 }],
            "createContainer": [{ "path": "/bin/c" }], "startContainer": [{ "path": "/bin/d" }], "poststart": [{ "path": "/bin/e" }], "poststop": [{ "path": "/bin/f" }]
          },
          "annotations": { "com.example.key": "value", "empty": "" },
          "linux": {
            "uidMappings": [{ "containerID": 0, "hostID": 1000, "size": 32000 }], "gidMappings": [{ "containerID": 0, "hostID": 1000, "size": 32000 }],
            "sysctl": { "net.ipv4.ip_forward": "1", "kernel.shmmax": "4096" },
            "resources": {
              "devices": [{ "allow": false, "access": "rwm" }, { "allow": true, "type": "c", "major": 10, "minor": 229, "access": "rw" }],
              "memory": { "limit": 536870912, "reservation": 536870911, "swap": -1, "kernel": -1, "kernelTCP": 7, "swappiness": 60,
                "disableOOMKiller": false, "useHierarchy": false, "checkBeforeUpdate": false },
              "cpu": { "shares": 1024, "quota": 1000000, "burst": 1000, "period": 500000, "realtimeRuntime": 950000, "realtimePeriod": 1000000,
                "cpus": "2-3", "mems": "0-7", "idle": 1 },
              "pids": { "limit": 32771 },
              "blockIO": { "weight": 10, "leafWeight": 11,
                "weightDevice": [{ "major": 8, "minor": 1, "weight": 500, "leafWeight": 300 }],
                "throttleReadBpsDevice": [{ "major": 8, "minor": 2, "rate": 600 }], "throttleWriteBpsDevice": [{ "major": 8, "minor": 3, "rate": 601 }],
                "throttleReadIOPSDevice": [{ "major": 8, "minor": 4, "rate": 602 }], "throttleWriteIOPSDevice": [{ "major": 8, "minor": 5, "rate": 603 }] },
              "hugepageLimits": [{ "pageSize": "2MB", "limit": 9223372036854775808 }],
              "network": { "classID": 1048577, "priorities": [{ "name": "eth0", "priority": 500 }] },
              "rdma": { "mlx5_1": { "hcaHandles": 3, "hcaObjects": 10000 } },
              "unified": { "cgroup.max.depth": "5", "io.max": "259:0 rbps=2097152" }
            },
            "cgroupsPath": "/sampan/one",
            "namespaces": [{ "type": "pid" }, { "type": "network", "path": "/run/netns/one" }, { "type": "mount" }, { "type": "ipc" }, { "type": "uts" },
              { "type": "user" }, { "type": "cgroup" }, { "type": "time" }],
            "devices": [{ "path": "/dev/fuse", "type": "c", "major": 10, "minor": 229, "fileMode": 438, "uid": 0, "gid": 0 }],
            "netDevices": { "eth1": { "name": "lan%d" }, "eth2": {} },
            "seccomp": { "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38, "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X32"],
              "flags": ["SECCOMP_FILTER_FLAG_LOG"], "listenerPath": "/run/listener.sock", "listenerMetadata": "m",
              "syscalls": [{ "names": ["getcwd", "chmod"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1,
                "args": [{ "index": 5, "value": 18446744073709551615, "valueTwo": 2, "op": "SCMP_CMP_MASKED_EQ" }] }] },
            "rootfsPropagation": "slave", "maskedPaths": ["/proc/kcore"], "readonlyPaths": ["/proc/sys"], "mountLabel": "system_u:object_r:svirt_sandbox_file_t:s0",
            "intelRdt": { "closID": "guaranteed", "schemata": ["L2:0=f;1=f"], "l3CacheSchema": "L3:0=7f0;1=1f", "memBwSchema": "MB:0=20;1=70", "enableMonitoring": true },
            "memoryPolicy": { "mode": "MPOL_INTERLEAVE", "nodes": "0-1,3", "flags": ["MPOL_F_STATIC_NODES"] },
            "personality": { "domain": "LINUX32", "flags": ["NONE"] },
            "timeOffsets": { "monotonic": { "secs": 172800, "nanosecs": 5 }, "boottime": { "secs": -604800, "nanosecs": 6 } }
          }
        }
        """;

    /// <summary>Every member of features.md and features-linux.md.</summary>
    public const string FullFeatures = """
        {
          "ociVersionMin": "1.0.0", "ociVersionMax": "1.3.0", "hooks": ["prestart", "poststop"], "mountOptions": ["ro", "rro"],
          "linux": {
            "namespaces": ["mount", "time"], "capabilities": ["CAP_CHOWN"],
            "cgroup": { "v1": true, "v2": true, "systemd": false, "systemdUser": false, "rdma": true },
            "seccomp": { "enabled": true, "actions": ["SCMP_ACT_LOG"], "operators": ["SCMP_CMP_EQ"], "archs": ["SCMP_ARCH_X86"],
              "knownFlags": ["SECCOMP_FILTER_FLAG_LOG"], "supportedFlags": [] },
            "apparmor": { "enabled": true }, "selinux": { "enabled": false },
            "intelRdt": { "enabled": true, "schemata": true, "monitoring": false },
            "memoryPolicy": { "modes": ["MPOL_BIND"], "flags": ["MPOL_F_STATIC_NODES"] },
            "mountExtensions": { "idmap": { "enabled": true } }, "netDevices": { "enabled": true }
          },
          "annotations": { "io.example.version": "1" }, "potentiallyUnsafeConfigAnnotations": ["run.oci."]
        }
        """;

    /// <summary>Every member of a state.</summary>
    public const string FullState = """
        { "ociVersion": "1.3.0", "id": "one", "status": "running", "pid": 4422, "bundle": "/containers/one", "annotations": { "k": "v" } }
        """;

    /// <summary>Every member of an image's configuration, Docker's included.</summary>
    public const string FullImageConfig = """
        {
          "created": "2015-10-31T22:22:56.015925234Z", "author": "A", "architecture": "arm64", "os": "linux", "os.version": "1", "os.features": ["f"], "variant": "v8",
          "config": { "User": "alice", "ExposedPorts": { "8080/tcp": {} }, "Env": ["A=b"], "Entrypoint": ["/bin/app"], "Cmd": ["--foreground"],
            "Volumes": { "/var/data": {}, "/var/log": {} }, "WorkingDir": "/home/alice", "Labels": { "l": "", "m": "n" }, "StopSignal": "SIGINT", "ArgsEscaped": true,
            "Healthcheck": { "Test": ["CMD", "true"], "Interval": 1, "Timeout": 2, "StartPeriod": 3, "StartInterval": 4, "Retries": 5 },
            "OnBuild": ["RUN x"], "Shell": ["/bin/sh", "-c"] },
          "rootfs": { "type": "layers", "diff_ids": ["sha256:c6f988f4874bb0add23a778f753c65efe992244e148a1d2ec2a8b664fb66bbd1"] },
          "history": [{ "created": "2015-10-31T22:22:54.690851953Z", "created_by": "/bin/sh -c #(nop) ADD", "author": "B", "comment": "c", "empty_layer": true }]
        }
        """;

    /// <summary>A descriptor with every member.</summary>
    public const string FullDescriptor = """
        { "mediaType": "application/vnd.oci.image.manifest.v1+json", "size": 7682, "urls": ["https://example.com/x"], "data": "e30=", "artifactType": "a/b",
          "digest": "sha256:5b0bcabd1ed22e9fb1310cf6c2dec7cdef19f0ad69efa1f392e94a4333501270", "annotations": { "org.opencontainers.image.ref.name": "latest" },
          "platform": { "architecture": "arm64", "os": "linux", "os.version": "10", "os.features": ["x"], "variant": "v8" } }
        """;

    /// <summary>An index with every member.</summary>
    public const string FullIndex = "{\"schemaVersion\": 2, \"mediaType\": \"application/vnd.oci.image.index.v1+json\", \"artifactType\": \"a/b\", \"manifests\": ["
        + FullDescriptor + "], \"subject\": " + FullDescriptor + ", \"annotations\": {\"k\": \"v\"}}";

    /// <summary>A manifest with every member.</summary>
    public const string FullManifest = "{\"schemaVersion\": 2, \"mediaType\": \"application/vnd.oci.image.manifest.v1+json\", \"artifactType\": \"a/b\", \"config\": "
        + FullDescriptor + ", \"layers\": [" + FullDescriptor + "], \"subject\": " + FullDescriptor + ", \"annotations\": {\"k\": \"v\"}}";

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
