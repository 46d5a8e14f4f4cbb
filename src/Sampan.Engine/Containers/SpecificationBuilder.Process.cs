using Sampan.Kernel;
using Sampan.Oci;

namespace Sampan.Engine.Containers;

public static partial class SpecificationBuilder
{
    private const string DefaultPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /// <summary>What to run: the entry point (the option's, else the image's) and the command (the user's, else the image's Cmd).</summary>
    /// <exception cref="EngineException">Nothing is left to run.</exception>
    public static List<string> Arguments(ContainerOptions options, ImageExecution image)
    {
        var arguments = new List<string>();
        if (options.Entrypoint is null)
            arguments.AddRange(image.Entrypoint ?? []);
        else if (options.Entrypoint.Length > 0)
            arguments.Add(options.Entrypoint);
        if (options.Command.Count > 0)
            arguments.AddRange(options.Command);
        else if (options.Entrypoint is null)
            arguments.AddRange(image.Cmd ?? []); // an entry point of one's own takes the image's Cmd away, as in Docker
        if (arguments.Count == 0 || arguments[0].Length == 0)
            throw new EngineException(ErrorKind.InvalidArgument, "no command is given and the image has none; name one after the image");
        return arguments;
    }

    /// <summary>How the container is run, as an image would say it: the image's defaults under the user's options.</summary>
    public static ImageExecution Execution(ContainerOptions options, ImageExecution image, Dictionary<string, string> labels)
    {
        var environment = new EnvironmentList();
        foreach (string text in image.Env ?? [])
            environment.Set(text);
        foreach (string text in options.Environment)
            environment.SetByUser(text);
        return new ImageExecution
        {
            User = options.User ?? image.User,
            ExposedPorts = image.ExposedPorts,
            Env = environment.ToList(),
            Entrypoint = options.Entrypoint is null ? image.Entrypoint : options.Entrypoint.Length == 0 ? null : [options.Entrypoint],
            Cmd = options.Command.Count > 0 ? [.. options.Command] : options.Entrypoint is null ? image.Cmd : null,
            Volumes = image.Volumes,
            WorkingDir = options.WorkingDirectory ?? image.WorkingDir,
            Labels = labels.Count > 0 ? labels : null,
            StopSignal = options.StopSignal ?? image.StopSignal,
            Healthcheck = image.Healthcheck,
            OnBuild = image.OnBuild,
            Shell = image.Shell,
        };
    }

    private static Process BuildProcess(ContainerOptions options, SpecificationContext context, SecurityChoice security)
    {
        string cwd = options.WorkingDirectory ?? (string.IsNullOrEmpty(context.Image.WorkingDir) ? "/" : context.Image.WorkingDir);
        if (!cwd.StartsWith('/'))
            throw Quantities.Invalid("--workdir", cwd, "an absolute path");
        ResolvedUser user = FindUser(context.RootFs, options.User ?? context.Image.User ?? "");
        return new Process
        {
            Terminal = options.Terminal,
            ConsoleSize = options is { Terminal: true, TerminalSize: { } size } ? new Box { Height = size.Rows, Width = size.Columns } : null,
            Args = Arguments(options, context.Image),
            Cwd = cwd,
            User = new User { Uid = user.Uid, Gid = user.Gid, AdditionalGids = [.. user.AdditionalGids] },
            Env = EnvironmentOf(options, context, user.Home),
            Capabilities = security.CapabilitiesFor(user.Uid),
            NoNewPrivileges = security.NoNewPrivileges,
            ApparmorProfile = security.AppArmorProfile,
            SelinuxLabel = security.SelinuxLabel,
            Rlimits = Rlimits(options),
            OomScoreAdj = options.OomScoreAdjustment,
        };
    }

    /// <summary>Looks a user up in the files of the container's root, inside it.</summary>
    /// <exception cref="EngineException">There is no such user or group, or a number is out of range.</exception>
    public static ResolvedUser FindUser(string rootFs, string text)
    {
        using RootDirectory root = RootDirectory.Open(rootFs);
        try
        {
            return ResolvedUser.Resolve(text, AccountFile.Read(root, "/etc/passwd"), AccountFile.Read(root, "/etc/group"));
        }
        catch (InvalidDataException cause)
        {
            throw new EngineException(ErrorKind.InvalidArgument, Printable.Escape(cause.Message), cause);
        }
    }

    private static List<string> EnvironmentOf(ContainerOptions options, SpecificationContext context, string home)
    {
        var environment = new EnvironmentList();
        environment.Set(DefaultPath);
        environment.Set($"HOSTNAME={(options.HostUts ? System.Environment.MachineName : HostnameOf(options, context.Id))}");
        if (options.Terminal)
            environment.Set("TERM=xterm");
        foreach (string text in context.Image.Env ?? [])
        {
            // Without "=" Docker's own client would copy the variable from the host; an image must not be able to ask for that.
            if (text.IndexOf('=', StringComparison.Ordinal) > 0)
                environment.Set(text);
        }
        environment.SetUnlessThere($"HOME={home}");
        foreach (string text in options.Environment)
            environment.SetByUser(text);
        return environment.ToList();
    }

    private static List<PosixRlimit>? Rlimits(ContainerOptions options)
    {
        if (options.Ulimits.Count == 0)
            return null;
        var limits = new List<PosixRlimit>();
        foreach (string text in options.Ulimits)
        {
            int equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
                throw Quantities.Invalid("--ulimit", text, "TYPE=SOFT[:HARD]");
            string type = $"RLIMIT_{text[..equals].ToUpperInvariant()}";
            if (!s_limitTypes.Contains(type))
                throw Quantities.Invalid("--ulimit", text[..equals], "a resource limit (nofile, nproc, core, memlock, …)");
            string[] values = text[(equals + 1)..].Split(':');
            ulong soft = LimitValue(text, values[0]);
            ulong hard = values.Length > 1 ? LimitValue(text, values[1]) : soft;
            if (values.Length > 2 || soft > hard)
                throw Quantities.Invalid("--ulimit", text, "TYPE=SOFT[:HARD] with the soft limit below the hard one");
            _ = limits.RemoveAll(limit => limit.Type == type);
            limits.Add(new PosixRlimit { Type = type, Soft = soft, Hard = hard });
        }
        return limits;
    }

    private static ulong LimitValue(string text, string value) => value is "-1" or "unlimited"
        ? ResourceLimit.Infinity
        : ulong.TryParse(value, System.Globalization.NumberStyles.None, null, out ulong number) ? number : throw Quantities.Invalid("--ulimit", text, "TYPE=SOFT[:HARD] in numbers");

    private static readonly HashSet<string> s_limitTypes =
    [
        "RLIMIT_AS", "RLIMIT_CORE", "RLIMIT_CPU", "RLIMIT_DATA", "RLIMIT_FSIZE", "RLIMIT_LOCKS", "RLIMIT_MEMLOCK", "RLIMIT_MSGQUEUE",
        "RLIMIT_NICE", "RLIMIT_NOFILE", "RLIMIT_NPROC", "RLIMIT_RSS", "RLIMIT_RTPRIO", "RLIMIT_RTTIME", "RLIMIT_SIGPENDING", "RLIMIT_STACK",
    ];
}

/// <summary>An environment in the order in which its names first came, each name once.</summary>
internal sealed class EnvironmentList
{
    private readonly List<string> _entries = [];

    /// <summary>Sets <c>NAME=value</c> over what was there.</summary>
    public void Set(string entry)
    {
        int index = Find(NameOf(entry));
        if (index >= 0)
            _entries[index] = entry;
        else
            _entries.Add(entry);
    }

    /// <summary>Sets <c>NAME=value</c> where the name is new.</summary>
    public void SetUnlessThere(string entry)
    {
        if (Find(NameOf(entry)) < 0)
            _entries.Add(entry);
    }

    /// <summary><c>NAME=value</c>, or <c>NAME</c> alone: the caller's own value, and nothing where the caller has none.</summary>
    /// <exception cref="EngineException">The name is empty.</exception>
    public void SetByUser(string entry)
    {
        if (entry.Length == 0 || entry[0] == '=')
            throw Quantities.Invalid("--env", entry, "NAME=VALUE or NAME");
        if (entry.Contains('=', StringComparison.Ordinal))
            Set(entry);
        else if (Environment.GetEnvironmentVariable(entry) is { } value)
            Set($"{entry}={value}");
        else if (Find(entry) is >= 0 and var index)
            _entries.RemoveAt(index);
    }

    /// <summary>The entries.</summary>
    public List<string> ToList() => _entries;

    private int Find(string name) => _entries.FindIndex(entry => NameOf(entry) == name);

    private static string NameOf(string entry)
    {
        int equals = entry.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? entry : entry[..equals];
    }
}
