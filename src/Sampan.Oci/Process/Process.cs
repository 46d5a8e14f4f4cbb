namespace Sampan.Oci;

/// <summary>A process in a container: the first one, or one that exec adds (config.md, Process).</summary>
public sealed class Process : SpecObject, IJsonObject<Process>
{
    /// <summary>Whether the process gets a pseudo-terminal as its standard streams.</summary>
    public bool Terminal { get; set; }

    /// <summary>The terminal's size at first; without meaning when there is no terminal.</summary>
    public Box? ConsoleSize { get; set; }

    /// <summary>Which user it runs as.</summary>
    public User User { get; set; } = new();

    /// <summary>The program and its arguments; at least one.</summary>
    public List<string>? Args { get; set; }

    /// <summary>The environment, <c>NAME=value</c>.</summary>
    public List<string>? Env { get; set; }

    /// <summary>The directory it starts in: an absolute path inside.</summary>
    public string Cwd { get; set; } = "";

    /// <summary>The capability sets; absent means none at all.</summary>
    public LinuxCapabilities? Capabilities { get; set; }

    /// <summary>Resource limits, each type at most once.</summary>
    public List<PosixRlimit>? Rlimits { get; set; }

    /// <summary>Whether execve(2) can never give it more privileges (prctl(2), PR_SET_NO_NEW_PRIVS).</summary>
    public bool NoNewPrivileges { get; set; }

    /// <summary>The name of its AppArmor profile.</summary>
    public string? ApparmorProfile { get; set; }

    /// <summary>The value for /proc/PID/oom_score_adj, from -1000 (never killed) to 1000; absent leaves it alone.</summary>
    public int? OomScoreAdj { get; set; }

    /// <summary>How it is scheduled (sched_setattr(2)).</summary>
    public Scheduler? Scheduler { get; set; }

    /// <summary>The SELinux label it runs with.</summary>
    public string? SelinuxLabel { get; set; }

    /// <summary>Its input and output priority (ioprio_set(2)).</summary>
    public LinuxIoPriority? IoPriority { get; set; }

    /// <summary>The processors of processes that exec adds; without meaning for the first process.</summary>
    public CpuAffinity? ExecCpuAffinity { get; set; }

    /// <summary>Reads a process, as <c>exec --process</c> takes it, from UTF-8 JSON.</summary>
    /// <param name="json">The whole document, at most 16 MiB.</param>
    /// <param name="document">What the document is called in messages.</param>
    /// <exception cref="SpecException">The text is not JSON, or a member has a wrong type or is out of range.</exception>
    public static Process Parse(ReadOnlySpan<byte> json, string document = "process.json") => JsonInput.Parse<Process>(json, document);

    /// <inheritdoc/>
    public override void Write(JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.Flag("terminal"u8, Terminal ? true : null);
        writer.Object("consoleSize"u8, ConsoleSize);
        writer.Object("user"u8, User);
        writer.Texts("args"u8, Args);
        writer.Texts("env"u8, Env);
        writer.WriteString("cwd"u8, Cwd);
        writer.Object("capabilities"u8, Capabilities);
        writer.Objects("rlimits"u8, Rlimits);
        writer.Flag("noNewPrivileges"u8, NoNewPrivileges ? true : null);
        writer.Text("apparmorProfile"u8, ApparmorProfile);
        writer.Number("oomScoreAdj"u8, OomScoreAdj);
        writer.Object("scheduler"u8, Scheduler);
        writer.Text("selinuxLabel"u8, SelinuxLabel);
        writer.Object("ioPriority"u8, IoPriority);
        writer.Object("execCPUAffinity"u8, ExecCpuAffinity);
        writer.WriteEndObject();
    }

    static Process IJsonObject<Process>.Read(ref JsonInput json)
    {
        var read = new Process();
        while (json.NextMember())
        {
            if (json.Is("terminal"u8))
                read.Terminal = json.Flag() ?? false;
            else if (json.Is("consoleSize"u8))
                read.ConsoleSize = json.Object<Box>();
            else if (json.Is("user"u8))
                read.User = json.Object<User>() ?? new User();
            else if (json.Is("args"u8))
                read.Args = json.Texts();
            else if (json.Is("env"u8))
                read.Env = json.Texts();
            else if (json.Is("cwd"u8))
                read.Cwd = json.Text() ?? "";
            else if (json.Is("capabilities"u8))
                read.Capabilities = json.Object<LinuxCapabilities>();
            else if (json.Is("rlimits"u8))
                read.Rlimits = json.Objects<PosixRlimit>();
            else if (json.Is("noNewPrivileges"u8))
                read.NoNewPrivileges = json.Flag() ?? false;
            else if (json.Is("apparmorProfile"u8))
                read.ApparmorProfile = json.Text();
            else if (json.Is("oomScoreAdj"u8))
                read.OomScoreAdj = json.Int32(-1000, 1000);
            else if (json.Is("scheduler"u8))
                read.Scheduler = json.Object<Scheduler>();
            else if (json.Is("selinuxLabel"u8))
                read.SelinuxLabel = json.Text();
            else if (json.Is("ioPriority"u8))
                read.IoPriority = json.Object<LinuxIoPriority>();
            else if (json.Is("execCPUAffinity"u8))
                read.ExecCpuAffinity = json.Object<CpuAffinity>();
            else
                json.Skip();
        }
        return read;
    }
}
