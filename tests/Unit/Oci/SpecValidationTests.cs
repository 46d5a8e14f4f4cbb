using System.Text.Json.Nodes;
using Sampan.Oci;

namespace Sampan.Tests.Unit.Oci;

/// <summary>Each rule of the specification that needs no kernel, by the sentence that says it is broken; and what must be tolerated.</summary>
public sealed class SpecValidationTests
{
    private const string Valid = """
        {
          "ociVersion": "1.0.2", "process": { "cwd": "/", "args": ["sh"], "user": { "uid": 0, "gid": 0 } }, "root": { "path": "rootfs" },
          "linux": { "namespaces": [{ "type": "mount" }, { "type": "uts" }, { "type": "ipc" }, { "type": "network" }] }
        }
        """;

    /// <summary>Reads the valid document with one member set: <c>linux.sysctl</c> to the given JSON, or removed when that is empty.</summary>
    private static Spec With(string member, string json)
    {
        JsonNode root = JsonNode.Parse(Valid)!;
        string[] names = member.Split('.');
        JsonObject at = root.AsObject();
        foreach (string name in names[..^1])
            at = (JsonObject)(at[name] ??= new JsonObject());
        _ = json.Length == 0 ? at.Remove(names[^1]) : (at[names[^1]] = JsonNode.Parse(json)) is null;
        return Spec.Parse(Samples.Utf8(root.ToJsonString()));
    }

    [Theory]
    [InlineData("ociVersion", "", "ociVersion is missing")]
    [InlineData("ociVersion", "\"2.0.0\"", "ociVersion must be a version 1.x of the runtime specification, such as 1.3.0, found \"2.0.0\"")]
    [InlineData("ociVersion", "\"1\"", "ociVersion must be a version 1.x of the runtime specification, such as 1.3.0, found \"1\"")]
    [InlineData("ociVersion", "\"0.9.0\"", "ociVersion must be a version 1.x of the runtime specification, such as 1.3.0, found \"0.9.0\"")]
    [InlineData("root", "", "root is missing")]
    [InlineData("root.path", "", "root.path is missing")]
    [InlineData("process", "", "process is missing")]
    [InlineData("process.cwd", "", "process.cwd is missing")]
    [InlineData("process.cwd", "\"tmp\"", "process.cwd must be an absolute path, found \"tmp\"")]
    [InlineData("process.args", "", "process.args is missing: at least the program to run is needed")]
    [InlineData("process.args", "[]", "process.args is missing: at least the program to run is needed")]
    [InlineData("process.env", "[\"A=b\",\"HOME_SECRET\"]", "process.env[1] must be NAME=value, found \"HOME_SECRET\"")]
    [InlineData("process.env", "[\"=b\"]", "process.env[0] must be NAME=value, found \"=b\"")]
    [InlineData("process.user.uid", "4294967295", "process.user.uid must be a whole number from 0 to 2147483647, found 4294967295")]
    [InlineData("process.user.gid", "2147483648", "process.user.gid must be a whole number from 0 to 2147483647, found 2147483648")]
    [InlineData("process.user.additionalGids", "[1,4294967295]", "process.user.additionalGids[1] must be a whole number from 0 to 2147483647, found 4294967295")]
    [InlineData("process.rlimits", "[{\"soft\":1,\"hard\":1}]", "process.rlimits[0].type is missing")]
    [InlineData("process.rlimits", "[{\"type\":\"RLIMIT_CPU\",\"soft\":2,\"hard\":1}]", "process.rlimits[0].soft must not be above the hard limit 1, found 2")]
    [InlineData("process.rlimits", "[{\"type\":\"RLIMIT_CPU\"},{\"type\":\"RLIMIT_CPU\"}]", "process.rlimits[1].type must not be given twice, found RLIMIT_CPU also in rlimits[0]")]
    [InlineData("process.ioPriority", "{\"class\":\"IOPRIO_CLASS_X\"}",
        "process.ioPriority.class must be one of IOPRIO_CLASS_RT, IOPRIO_CLASS_BE, IOPRIO_CLASS_IDLE, found \"IOPRIO_CLASS_X\"")]
    [InlineData("process.ioPriority", "{\"class\":\"IOPRIO_CLASS_RT\",\"priority\":8}", "process.ioPriority.priority must be a whole number from 0 to 7, found 8")]
    [InlineData("process.scheduler", "{}", "process.scheduler.policy is missing")]
    [InlineData("process.scheduler", "{\"policy\":\"SCHED_OTHER\",\"nice\":20}", "process.scheduler.nice must be a whole number from -20 to 19, found 20")]
    [InlineData("process.scheduler", "{\"policy\":\"SCHED_OTHER\",\"priority\":1}", "process.scheduler.priority goes only with the policies SCHED_FIFO and SCHED_RR, not with SCHED_OTHER")]
    [InlineData("process.scheduler", "{\"policy\":\"SCHED_RR\",\"deadline\":1}", "process.scheduler.deadline goes only with the policy SCHED_DEADLINE, not with SCHED_RR")]
    [InlineData("process.execCPUAffinity", "{\"final\":\"3-1\"}", "process.execCPUAffinity.final must be a list of processors such as 0-3,7, found \"3-1\"")]
    [InlineData("process.execCPUAffinity", "{\"initial\":\"a\"}", "process.execCPUAffinity.initial must be a list of processors such as 0-3,7, found \"a\"")]
    [InlineData("mounts", "[{\"type\":\"tmpfs\"}]", "mounts[0].destination is missing")]
    [InlineData("mounts", "[{\"destination\":\"/a\",\"uidMappings\":[{\"size\":1}]}]", "mounts[0].gidMappings is missing: an id-mapped mount needs both uidMappings and gidMappings")]
    [InlineData("mounts", "[{\"destination\":\"/a\",\"gidMappings\":[{\"size\":1}]}]", "mounts[0].uidMappings is missing: an id-mapped mount needs both uidMappings and gidMappings")]
    [InlineData("mounts", "[{\"destination\":\"/a\",\"options\":[\"bind\",\"ridmap\"]}]",
        "mounts[0].options must not have idmap without uidMappings and gidMappings in a container that has no user namespace")]
    [InlineData("hooks", "{\"poststop\":[{\"path\":\"/a\"},{\"path\":\"b\"}]}", "hooks.poststop[1].path must be an absolute path, found \"b\"")]
    [InlineData("hooks", "{\"prestart\":[{}]}", "hooks.prestart[0].path is missing")]
    [InlineData("hooks", "{\"createRuntime\":[{\"path\":\"/a\",\"timeout\":0}]}", "hooks.createRuntime[0].timeout must be more than 0 seconds, found 0")]
    [InlineData("hooks", "{\"createContainer\":[{\"path\":\"/a\",\"timeout\":-5}]}", "hooks.createContainer[0].timeout must be more than 0 seconds, found -5")]
    public void ABrokenRuleIsASentence(string member, string json, string message) =>
        Assert.Equal("config.json: " + message, SpecValidation.FirstProblem(With(member, json))?.Message);

    [Theory]
    [InlineData("linux.namespaces", "[{\"type\":\"net\"}]", "linux.namespaces[0].type must be one of cgroup, ipc, mount, network, pid, time, user, uts, found \"net\"")]
    [InlineData("linux.namespaces", "[{}]", "linux.namespaces[0].type is missing")]
    [InlineData("linux.namespaces", "[{\"type\":\"pid\"},{\"type\":\"uts\"},{\"type\":\"pid\"}]", "linux.namespaces[2].type must not be given twice, found pid also in namespaces[0]")]
    [InlineData("linux.namespaces", "[{\"type\":\"user\"}]", "linux.uidMappings is missing: a new user namespace needs both uidMappings and gidMappings")]
    [InlineData("linux.uidMappings", "[{\"size\":1}]", "linux.uidMappings needs a namespace of the type user in linux.namespaces")]
    [InlineData("linux.gidMappings", "[{\"size\":1}]", "linux.gidMappings needs a namespace of the type user in linux.namespaces")]
    [InlineData("linux.sysctl", "{\"kernel.core_pattern\":\"|/x\"}", "linux.sysctl[\"kernel.core_pattern\"] must not be set: it belongs to the whole machine and not to a namespace")]
    [InlineData("linux.sysctl", "{\"kernel.hostname\":\"x\"}", "linux.sysctl[\"kernel.hostname\"] must be given as hostname")]
    [InlineData("linux.sysctl", "{\"net.ipv4.ip_forward\":\"1\\nkernel.core_pattern=|/x\"}", "linux.sysctl[\"net.ipv4.ip_forward\"] must not contain a newline")]
    [InlineData("linux.sysctl", "{\"net/../kernel/core_pattern\":\"|/x\"}", "linux.sysctl[\"net/../kernel/core_pattern\"] is not the name of a kernel parameter")]
    [InlineData("linux.sysctl", "{\"net.//.kernel.core_pattern\":\"|/x\"}", "linux.sysctl[\"net.//.kernel.core_pattern\"] is not the name of a kernel parameter")]
    [InlineData("linux.sysctl", "{\"fs.file-max\":\"1\"}", "linux.sysctl[\"fs.file-max\"] must not be set: it belongs to the whole machine and not to a namespace")]
    [InlineData("linux.devices", "[{\"type\":\"c\"}]", "linux.devices[0].path is missing")]
    [InlineData("linux.devices", "[{\"path\":\"/dev/x\",\"type\":\"d\"}]", "linux.devices[0].type must be one of c, b, u, p, found \"d\"")]
    [InlineData("linux.devices", "[{\"path\":\"/dev/x\",\"type\":\"c\",\"major\":4294967297,\"minor\":3}]", "linux.devices[0].major must be a whole number from 0 to 4095, found 4294967297")]
    [InlineData("linux.devices", "[{\"path\":\"/dev/x\",\"type\":\"b\",\"major\":8,\"minor\":1048576}]", "linux.devices[0].minor must be a whole number from 0 to 1048575, found 1048576")]
    [InlineData("linux.devices", "[{\"path\":\"/dev/x\",\"type\":\"u\",\"major\":-5}]", "linux.devices[0].major must be a whole number from 0 to 4095, found -5")]
    [InlineData("linux.netDevices", "{\"a/b\":{}}", "linux.netDevices[\"a/b\"] is not the name of a network device: 1 to 15 bytes without space, / and :")]
    [InlineData("linux.netDevices", "{\"eth0\":{\"name\":\"%d%d\"}}",
        "linux.netDevices.eth0.name must be the name of a network device (1 to 15 bytes without space, / and :), found \"%d%d\"")]
    [InlineData("linux.timeOffsets", "{\"monotonic\":{}}", "linux.timeOffsets needs a namespace of the type time in linux.namespaces")]
    [InlineData("linux.maskedPaths", "[\"/a\",\"b\"]", "linux.maskedPaths[1] must be an absolute path, found \"b\"")]
    [InlineData("linux.readonlyPaths", "[\"b\"]", "linux.readonlyPaths[0] must be an absolute path, found \"b\"")]
    [InlineData("linux.rootfsPropagation", "\"no\"",
        "linux.rootfsPropagation must be one of private, rprivate, slave, rslave, shared, rshared, unbindable, runbindable, found \"no\"")]
    [InlineData("linux.intelRdt", "{\"closID\":\"..\"}", "linux.intelRdt.closID must be the name of a directory of resctrl, or /, found \"..\"")]
    [InlineData("linux.intelRdt", "{\"closID\":\"a/b\"}", "linux.intelRdt.closID must be the name of a directory of resctrl, or /, found \"a/b\"")]
    [InlineData("linux.intelRdt", "{\"memBwSchema\":\"L3:0=1\"}", "linux.intelRdt.memBwSchema must be one line that begins with MB:, found \"L3:0=1\"")]
    [InlineData("linux.intelRdt", "{\"l3CacheSchema\":\"L3:\\n\"}", "linux.intelRdt.l3CacheSchema must not contain a newline")]
    [InlineData("linux.intelRdt", "{\"schemata\":[\"a\",\"b\\n\"]}", "linux.intelRdt.schemata[1] must not contain a newline")]
    [InlineData("linux.memoryPolicy", "{\"mode\":\"MPOL_LOCAL\",\"nodes\":\"0\"}", "linux.memoryPolicy.nodes must not be given with MPOL_LOCAL, which has none")]
    [InlineData("linux.memoryPolicy", "{\"mode\":\"MPOL_BIND\"}", "linux.memoryPolicy.nodes is missing: MPOL_BIND needs at least one memory node")]
    [InlineData("linux.memoryPolicy", "{\"mode\":\"MPOL_BIND\",\"nodes\":\"0,\"}", "linux.memoryPolicy.nodes must be a list of memory nodes such as 0-1,3, found \"0,\"")]
    [InlineData("linux.memoryPolicy", "{\"mode\":\"MPOL_PREFERRED\",\"flags\":[\"x\"]}",
        "linux.memoryPolicy.flags[0] must be one of MPOL_F_NUMA_BALANCING, MPOL_F_RELATIVE_NODES, MPOL_F_STATIC_NODES, found \"x\"")]
    [InlineData("linux.memoryPolicy", "{\"mode\":\"MPOL_PREFERRED\",\"flags\":[\"MPOL_F_STATIC_NODES\",\"MPOL_F_RELATIVE_NODES\"]}",
        "linux.memoryPolicy.flags must not have both MPOL_F_STATIC_NODES and MPOL_F_RELATIVE_NODES")]
    [InlineData("linux.personality", "{\"domain\":\"BSD\"}", "linux.personality.domain must be one of LINUX, LINUX32, found \"BSD\"")]
    [InlineData("linux.personality", "{\"domain\":\"LINUX\",\"flags\":[\"x\"]}", "linux.personality.flags[0] is not a flag of a personality, none is defined, found \"x\"")]
    [InlineData("linux.seccomp", "{\"syscalls\":[{\"names\":[\"a\"],\"action\":\"SCMP_ACT_LOG\"}]}", "linux.seccomp.defaultAction is missing")]
    [InlineData("linux.seccomp", "{\"defaultAction\":\"SCMP_ACT_NOTIFY\"}",
        "linux.seccomp.defaultAction must not be SCMP_ACT_NOTIFY: the call that hands over the listener would itself wait for the listener")]
    [InlineData("linux.seccomp", "{\"defaultAction\":\"SCMP_ACT_LOG\",\"syscalls\":[{\"names\":[\"read\",\"\"],\"action\":\"SCMP_ACT_LOG\"}]}",
        "linux.seccomp.syscalls[0].names[1] must be the name of a system call, found \"\"")]
    [InlineData("linux.seccomp", "{\"defaultAction\":\"SCMP_ACT_LOG\",\"syscalls\":[{\"names\":[\"a\"]}]}", "linux.seccomp.syscalls[0].action is missing")]
    [InlineData("linux.seccomp", "{\"defaultAction\":\"SCMP_ACT_LOG\",\"syscalls\":[{\"action\":\"SCMP_ACT_LOG\",\"args\":[{\"index\":6}]}]}",
        "linux.seccomp.syscalls[0].args[0].index must be a whole number from 0 to 5, found 6")]
    [InlineData("linux.seccomp", "{\"defaultAction\":\"SCMP_ACT_LOG\",\"syscalls\":[{\"action\":\"SCMP_ACT_LOG\",\"args\":[{\"index\":0}]}]}",
        "linux.seccomp.syscalls[0].args[0].op is missing")]
    [InlineData("linux.resources.devices", "[{\"allow\":false}]", "linux.resources.devices[0].access is missing")]
    [InlineData("linux.resources.devices", "[{\"access\":\"rx\"}]", "linux.resources.devices[0].access must consist of r, w and m, found \"rx\"")]
    [InlineData("linux.resources.devices", "[{\"access\":\"r\",\"type\":\"p\"}]", "linux.resources.devices[0].type must be one of a, c, b, found \"p\"")]
    [InlineData("linux.resources.devices", "[{\"access\":\"r\",\"major\":-2}]", "linux.resources.devices[0].major must be a whole number from 0 to 4294967295, or -1 for all, found -2")]
    [InlineData("linux.resources.devices", "[{\"access\":\"r\",\"minor\":4294967296}]",
        "linux.resources.devices[0].minor must be a whole number from 0 to 4294967295, or -1 for all, found 4294967296")]
    [InlineData("linux.resources.hugepageLimits", "[{\"pageSize\":\"../2MB\"}]",
        "linux.resources.hugepageLimits[0].pageSize must be a number and KB, MB or GB, such as 2MB, found \"../2MB\"")]
    [InlineData("linux.resources.network", "{\"priorities\":[{\"name\":\"a\\nb\"}]}", "linux.resources.network.priorities[0].name must be the name of a network device, found \"a?b\"")]
    [InlineData("linux.resources.rdma", "{\"a b\":{}}", "linux.resources.rdma[\"a b\"] is not the name of an RDMA device")]
    [InlineData("linux.resources.unified", "{\"../x\":\"1\"}", "linux.resources.unified[\"../x\"] is not the name of a cgroup file")]
    [InlineData("linux.resources.cpu", "{\"idle\":2}", "linux.resources.cpu.idle must be 0 or 1, found 2")]
    public void ABrokenRuleOfLinuxIsASentence(string member, string json, string message) =>
        Assert.Equal("config.json: " + message, SpecValidation.FirstProblem(With(member, json))?.Message);

    [Theory]
    [InlineData("hostname", "\"boat\"", "uts", "hostname")]
    [InlineData("domainname", "\"harbour\"", "uts", "domainname")]
    [InlineData("linux.sysctl", "{\"kernel.domainname\":\"x\"}", "uts", "linux.sysctl[\"kernel.domainname\"]")]
    [InlineData("linux.sysctl", "{\"kernel.shm_rmid_forced\":\"1\"}", "ipc", "linux.sysctl[\"kernel.shm_rmid_forced\"]")]
    [InlineData("linux.sysctl", "{\"kernel/msgmax\":\"1\"}", "ipc", "linux.sysctl[\"kernel/msgmax\"]")]
    [InlineData("linux.sysctl", "{\"fs.mqueue.msg_max\":\"1\"}", "ipc", "linux.sysctl[\"fs.mqueue.msg_max\"]")]
    [InlineData("linux.sysctl", "{\"net.ipv4.conf.eno2/100.rp_filter\":\"1\"}", "network", "linux.sysctl[\"net.ipv4.conf.eno2/100.rp_filter\"]")]
    [InlineData("linux.maskedPaths", "[\"/a\"]", "mount", "linux.maskedPaths")]
    [InlineData("linux.readonlyPaths", "[\"/a\"]", "mount", "linux.readonlyPaths")]
    public void WhatANamespaceHoldsNeedsTheNamespace(string member, string json, string type, string path)
    {
        Spec spec = With(member, json);
        Assert.Null(SpecValidation.FirstProblem(spec));
        Assert.Equal(1, spec.Linux!.Namespaces!.RemoveAll(one => one.Type == type));
        Assert.Equal($"config.json: {path} needs a namespace of the type {type} in linux.namespaces, or it would change the host's", SpecValidation.FirstProblem(spec)?.Message);
        spec.Linux.Namespaces.Add(new LinuxNamespace { Type = type, Path = "/proc/1/ns/x" });
        Assert.Null(SpecValidation.FirstProblem(spec));
        spec.Linux.Namespaces.Clear();
        Assert.NotNull(SpecValidation.FirstProblem(spec));
    }
}
