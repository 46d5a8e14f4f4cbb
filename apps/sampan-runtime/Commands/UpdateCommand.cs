using System.Globalization;
using Sampan.Kernel;
using Sampan.Oci;
using Sampan.Runtime;
using Sampan.Runtime.Verbs;
using Sampan.RuntimeCommand.CommandLine;

namespace Sampan.RuntimeCommand.Commands;

/// <summary><c>update</c>.</summary>
internal static class UpdateCommand
{
    public static Command Describe() => new()
    {
        Name = "update",
        Summary = "update container resource constraints",
        Arguments = "<container-id>",
        Description = "Limits that are not named stay as they are. With --resources all other options are ignored; its text is \"linux.resources\" of config.json.",
        Options =
        [
            new("resources", OptionKind.Text, "path to the file containing the resources to update or '-' to read from the standard input", "r"),
            new("blkio-weight", OptionKind.Number, "per cgroup weight, range is from 10 to 1000"),
            new("cpu-period", OptionKind.Number, "CPU CFS period to be used for hardcapping (in usecs). 0 to use system default"),
            new("cpu-quota", OptionKind.Number, "CPU CFS hardcap limit (in usecs). Allowed cpu time in a given period"),
            new("cpu-burst", OptionKind.Number, "CPU CFS hardcap burst limit (in usecs). Allowed accumulated cpu time additionally for burst a given period"),
            new("cpu-share", OptionKind.Number, "CPU shares (relative weight vs. other containers)"),
            new("cpu-rt-period", OptionKind.Number, "CPU realtime period to be used for hardcapping (in usecs). 0 to use system default"),
            new("cpu-rt-runtime", OptionKind.Number, "CPU realtime hardcap limit (in usecs). Allowed cpu time in a given period"),
            new("cpu-idle", OptionKind.Number, "set cgroup SCHED_IDLE or not, 0: default behavior, 1: SCHED_IDLE"),
            new("cpuset-cpus", OptionKind.Text, "CPU(s) to use"),
            new("cpuset-mems", OptionKind.Text, "memory node(s) to use"),
            new("memory", OptionKind.Text, "memory limit (in bytes)"),
            new("memory-reservation", OptionKind.Text, "memory reservation or soft_limit (in bytes)"),
            new("memory-swap", OptionKind.Text, "total memory usage (memory + swap); set '-1' to enable unlimited swap"),
            new("kernel-memory", OptionKind.Text, "obsolete, the kernel has no such limit any more: ignored"),
            new("kernel-memory-tcp", OptionKind.Text, "kernel memory limit for TCP buffers (in bytes)"),
            new("pids-limit", OptionKind.Number, "maximum number of pids allowed in the container"),
            new("l3-cache-schema", OptionKind.Text, "the string of Intel RDT/CAT L3 cache schema"),
            new("mem-bw-schema", OptionKind.Text, "the string of Intel RDT/MBA memory bandwidth schema"),
        ],
        Run = Run,
    };

    private static int Run(Invocation call)
    {
        using Container container = Container.Open(call.Global.Root, call.Arguments[0]);
        ParsedOptions options = call.Options;
        if (options.Text("resources") is { Length: > 0 } path)
        {
            string name = path == "-" ? "standard input" : path;
            LinuxResources resources = LinuxResources.Parse(ReadAll(path), name);
            SpecValidation.Validate(resources, name);
            ContainerUpdate.Apply(container, resources, null);
            return 0;
        }

        LinuxIntelRdt? intelRdt = options.Has("l3-cache-schema") || options.Has("mem-bw-schema")
            ? new LinuxIntelRdt { L3CacheSchema = options.Text("l3-cache-schema"), MemBwSchema = options.Text("mem-bw-schema") }
            : null;
        ContainerUpdate.Apply(container, FromOptions(options), intelRdt);
        return 0;
    }

    private static LinuxResources FromOptions(ParsedOptions options) => new()
    {
        BlockIo = options.Has("blkio-weight") ? new LinuxBlockIo { Weight = (ushort)InRange(options, "blkio-weight", 0, 1000)! } : null,
        Pids = options.Has("pids-limit") ? new LinuxPids { Limit = options.Number("pids-limit") } : null,
        Memory = options.Has("memory") || options.Has("memory-reservation") || options.Has("memory-swap") || options.Has("kernel-memory-tcp")
            ? new LinuxMemory
            {
                Limit = Size(options, "memory"),
                Reservation = Size(options, "memory-reservation"),
                Swap = Size(options, "memory-swap"),
                KernelTcp = Size(options, "kernel-memory-tcp"),
            }
            : null,
        Cpu = new LinuxCpu
        {
            Shares = (ulong?)InRange(options, "cpu-share", 0, long.MaxValue),
            Quota = options.Number("cpu-quota"),
            Period = (ulong?)InRange(options, "cpu-period", 0, long.MaxValue),
            Burst = (ulong?)InRange(options, "cpu-burst", 0, long.MaxValue),
            RealtimePeriod = (ulong?)InRange(options, "cpu-rt-period", 0, long.MaxValue),
            RealtimeRuntime = options.Number("cpu-rt-runtime"),
            Idle = InRange(options, "cpu-idle", 0, 1),
            Cpus = options.Text("cpuset-cpus"),
            Mems = options.Text("cpuset-mems"),
        },
    };

    private static long? InRange(ParsedOptions options, string name, long least, long most) => options.Number(name) switch
    {
        null => null,
        long value when value >= least && value <= most => value,
        long value => throw new RuntimeException($"invalid value for {name}: {value.ToString(CultureInfo.InvariantCulture)} is not from {least} to {most}", RuntimeErrorKind.InvalidArgument),
    };

    private static long? Size(ParsedOptions options, string name) => options.Text(name) switch
    {
        null or "" => null,
        string text when ByteSize.TryParse(text, out long bytes) => bytes,
        string text => throw new RuntimeException($"invalid value for {name}: \"{text}\" is no size; write bytes, or 512k, 64M, 2G, or -1 for no limit", RuntimeErrorKind.InvalidArgument),
    };

    private static byte[] ReadAll(string path)
    {
        using FileDescriptor file = path == "-" ? new FileDescriptor(0, owns: false) : Syscalls.Open(path, OpenFlags.ReadOnly);
        return FileContent.ReadAll(file, path);
    }
}
