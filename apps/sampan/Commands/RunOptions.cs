using System.CommandLine;
using Sampan.Command.CommandLine;
using Sampan.Engine;
using Sampan.Engine.Containers;

namespace Sampan.Command.Commands;

/// <summary>The options of <c>run</c>, and what they mean to the engine. Names and forms are Docker's.</summary>
internal sealed class RunOptions
{
    private readonly Option<bool> _interactive = Flag("--interactive", "keep standard input open", "-i");
    private readonly Option<bool> _terminal = Flag("--tty", "give the process a terminal", "-t");
    private readonly Option<bool> _detach = Flag("--detach", "print the id and leave it running", "-d");
    private readonly Option<bool> _remove = Flag("--rm", "remove the container when it has ended");
    private readonly Option<string?> _name = Value("--name", "NAME", "the container's name");
    private readonly Option<string?> _hostname = Value("--hostname", "NAME", "the host name inside", "-h");
    private readonly Option<string[]> _environment = List("--env", "NAME[=VALUE]", "set a variable", "-e");
    private readonly Option<string[]> _environmentFiles = List("--env-file", "FILE", "set the variables of a file");
    private readonly Option<string?> _workdir = Value("--workdir", "DIR", "the directory to start in", "-w");
    private readonly Option<string?> _user = Value("--user", "USER[:GROUP]", "the user to run as", "-u");
    private readonly Option<bool> _readOnly = Flag("--read-only", "make the root file system read-only");
    private readonly Option<string?> _memory = Value("--memory", "SIZE", "limit of memory", "-m");
    private readonly Option<string?> _memorySwap = Value("--memory-swap", "SIZE", "limit of memory and swap together, -1 for none");
    private readonly Option<string?> _memoryReservation = Value("--memory-reservation", "SIZE", "what is left to it when memory is short");
    private readonly Option<string?> _cpus = Value("--cpus", "NUMBER", "processors' worth of time");
    private readonly Option<string?> _cpuShares = Value("--cpu-shares", "WEIGHT", "relative weight, 1024 being everybody's", "-c");
    private readonly Option<string?> _cpusetCpus = Value("--cpuset-cpus", "LIST", "the processors it may use (0-2,4)");
    private readonly Option<string?> _cpusetMems = Value("--cpuset-mems", "LIST", "the memory nodes it may use");
    private readonly Option<string?> _pidsLimit = Value("--pids-limit", "NUMBER", "the most processes and threads, -1 for no limit");
    private readonly Option<string[]> _devices = List("--device", "PATH[:INSIDE[:rwm]]", "give it a device of the host");
    private readonly Option<string[]> _capAdd = List("--cap-add", "CAP", "add a capability, or ALL");
    private readonly Option<string[]> _capDrop = List("--cap-drop", "CAP", "drop a capability, or ALL");
    private readonly Option<string[]> _security = List("--security-opt", "OPTION", "no-new-privileges, seccomp=FILE|unconfined, apparmor=PROFILE, label=…, systempaths=unconfined");
    private readonly Option<string[]> _ulimits = List("--ulimit", "TYPE=SOFT[:HARD]", "a resource limit");
    private readonly Option<string?> _network = Value("--network", "MODE", "none (the default for now: only a loopback), host, container:NAME; bridges come with a later version", "--net");
    private readonly Option<string?> _entrypoint = Value("--entrypoint", "PROGRAM", "the program instead of the image's");
    private readonly Option<string[]> _labels = List("--label", "KEY[=VALUE]", "a label", "-l");
    private readonly Option<string[]> _volumes = List("--volume", "SOURCE:TARGET[:OPTIONS]", "bind a directory of the host", "-v");
    private readonly Option<string[]> _tmpfs = List("--tmpfs", "TARGET[:OPTIONS]", "mount a tmpfs");
    private readonly Option<string[]> _mounts = List("--mount", "type=…,…", "mount: type=bind|tmpfs,source=…,target=…,readonly");
    private readonly Option<bool> _privileged = Flag("--privileged", "take nearly all isolation away");
    private readonly Option<bool> _init = Flag("--init", "run an init as the first process (not in this version)");
    private readonly Option<string?> _pid = Value("--pid", "host", "share the host's processes");
    private readonly Option<string?> _ipc = Value("--ipc", "host", "share the host's IPC objects");
    private readonly Option<string?> _uts = Value("--uts", "host", "share the host's name");
    private readonly Option<string?> _oomScore = Value("--oom-score-adj", "NUMBER", "bias of the OOM killer, -1000 to 1000");
    private readonly Option<string?> _shmSize = Value("--shm-size", "SIZE", "size of /dev/shm (64m)");
    private readonly Option<string?> _stopSignal = Value("--stop-signal", "SIGNAL", "what stop sends");
    private readonly Option<string?> _stopTimeout = Value("--stop-timeout", "SECONDS", "how long stop waits (10)");
    private readonly Option<string[]> _sysctls = List("--sysctl", "NAME=VALUE", "a kernel parameter of its own namespaces");
    private readonly Option<string?> _cgroupParent = Value("--cgroup-parent", "PATH", "the cgroup above the container's");
    private readonly Option<string?> _rootFs = Value("--rootfs", "DIR", "a directory as the root file system instead of an image");
    private readonly Option<string?> _idFile = Value("--cidfile", "FILE", "write the id to a file");
    private readonly Option<string?> _runtime = Value("--runtime", "RUNTIME", "the OCI runtime, by name or path");
    private readonly Option<string?> _pull = Value("--pull", "POLICY", "pull the image missing (the default), always, or never");
    private readonly Option<string?> _platform = Value("--platform", "PLATFORM", "the image's OS/ARCHITECTURE[/VARIANT]");
    private readonly Option<bool> _quiet = Flag("--quiet", "do not show the pull", "-q");
    private readonly Argument<string[]> _words = new("COMMAND") { Description = "IMAGE [COMMAND [ARGUMENT…]]; with --rootfs no IMAGE", Arity = ArgumentArity.ZeroOrMore };

    public void AddTo(System.CommandLine.Command command)
    {
        Option[] all =
        [
            _interactive, _terminal, _detach, _remove, _name, _hostname, _environment, _environmentFiles, _workdir, _user, _readOnly, _memory, _memorySwap,
            _memoryReservation, _cpus, _cpuShares, _cpusetCpus, _cpusetMems, _pidsLimit, _devices, _capAdd, _capDrop, _security, _ulimits, _network, _entrypoint,
            _labels, _volumes, _tmpfs, _mounts, _privileged, _init, _pid, _ipc, _uts, _oomScore, _shmSize, _stopSignal, _stopTimeout, _sysctls, _cgroupParent,
            _rootFs, _idFile, _runtime, _pull, _platform, _quiet,
        ];
        foreach (Option option in all)
            command.Options.Add(option);
        command.Arguments.Add(_words);
    }

    public bool IsDetached(ParseResult parsed) => parsed.GetValue(_detach);

    public string? Runtime(ParseResult parsed) => parsed.GetValue(_runtime);

    public string? IdFile(ParseResult parsed) => parsed.GetValue(_idFile);

    public ContainerOptions Read(ParseResult parsed)
    {
        string[] words = parsed.GetValue(_words) ?? [];
        string? rootFs = parsed.GetValue(_rootFs);
        if (rootFs is null && words.Length == 0)
            throw new CommandLineException("\"run\" needs an image: sampan run IMAGE [COMMAND…], for instance \"sampan run busybox\"");
        if (parsed.GetValue(_init))
            throw new EngineException(ErrorKind.InvalidArgument, "--init is not there yet: this version has no init program to put into the container; use one of the image's");
        string? memorySwap = parsed.GetValue(_memorySwap);
        return new ContainerOptions
        {
            Image = rootFs is null ? words[0] : null,
            Pull = RunValues.Policy(parsed.GetValue(_pull)),
            Platform = Images.PullCommand.Platform(parsed.GetValue(_platform))?.ToString(),
            PullProgress = TransferReport.To(Output.Err, parsed.GetValue(_quiet)),
            RootFs = rootFs,
            Command = rootFs is null ? words[1..] : words,
            Name = parsed.GetValue(_name),
            Hostname = parsed.GetValue(_hostname),
            Terminal = parsed.GetValue(_terminal),
            TerminalSize = AttachSession.CallersSize(),
            Interactive = parsed.GetValue(_interactive),
            Remove = parsed.GetValue(_remove),
            Environment = [.. RunValues.EnvironmentFiles(parsed.GetValue(_environmentFiles)), .. parsed.GetValue(_environment) ?? []],
            WorkingDirectory = parsed.GetValue(_workdir),
            User = parsed.GetValue(_user),
            ReadOnly = parsed.GetValue(_readOnly),
            Entrypoint = parsed.GetValue(_entrypoint),
            Labels = parsed.GetValue(_labels) ?? [],
            Mounts = RunValues.Mounts(parsed.GetValue(_volumes), parsed.GetValue(_tmpfs), parsed.GetValue(_mounts)),
            Devices = parsed.GetValue(_devices) ?? [],
            CapabilitiesAdded = parsed.GetValue(_capAdd) ?? [],
            CapabilitiesDropped = parsed.GetValue(_capDrop) ?? [],
            SecurityOptions = parsed.GetValue(_security) ?? [],
            Privileged = parsed.GetValue(_privileged),
            Ulimits = parsed.GetValue(_ulimits) ?? [],
            Network = parsed.GetValue(_network) ?? "none",
            HostPid = RunValues.IsHost("--pid", parsed.GetValue(_pid)),
            HostIpc = RunValues.IsHost("--ipc", parsed.GetValue(_ipc)),
            HostUts = RunValues.IsHost("--uts", parsed.GetValue(_uts)),
            Memory = RunValues.Bytes("--memory", parsed.GetValue(_memory)),
            MemorySwap = memorySwap == "-1" ? -1 : RunValues.Bytes("--memory-swap", memorySwap),
            MemoryReservation = RunValues.Bytes("--memory-reservation", parsed.GetValue(_memoryReservation)),
            CpuQuota = parsed.GetValue(_cpus) is { } cpus ? Quantities.CpuQuota("--cpus", cpus) : null,
            CpuShares = RunValues.Whole("--cpu-shares", parsed.GetValue(_cpuShares), 2, 262_144),
            CpusetCpus = RunValues.CpuList("--cpuset-cpus", parsed.GetValue(_cpusetCpus)),
            CpusetMems = RunValues.CpuList("--cpuset-mems", parsed.GetValue(_cpusetMems)),
            PidsLimit = RunValues.Whole("--pids-limit", parsed.GetValue(_pidsLimit), -1, 4_194_304),
            OomScoreAdjustment = (int?)RunValues.Whole("--oom-score-adj", parsed.GetValue(_oomScore), -1000, 1000),
            ShmSize = RunValues.Bytes("--shm-size", parsed.GetValue(_shmSize)),
            StopSignal = parsed.GetValue(_stopSignal),
            StopTimeout = (int?)RunValues.Whole("--stop-timeout", parsed.GetValue(_stopTimeout), -1, int.MaxValue / 1000),
            Sysctls = parsed.GetValue(_sysctls) ?? [],
            CgroupParent = parsed.GetValue(_cgroupParent),
        };
    }

    private static Option<bool> Flag(string name, string description, params string[] aliases) => new(name, aliases) { Description = description };

    private static Option<string?> Value(string name, string value, string description, params string[] aliases) =>
        new(name, aliases) { Description = description, HelpName = value };

    private static Option<string[]> List(string name, string value, string description, params string[] aliases) =>
        new(name, aliases) { Description = description, HelpName = value, AllowMultipleArgumentsPerToken = false };
}
