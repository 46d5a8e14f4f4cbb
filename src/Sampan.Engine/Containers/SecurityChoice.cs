using Sampan.Oci;

namespace Sampan.Engine.Containers;

/// <summary>What a container may do: capabilities, system call filter, labels, system paths, from the options and Docker's defaults.</summary>
internal sealed class SecurityChoice
{
    private static readonly string[] s_defaultCapabilities =
    [
        "CAP_AUDIT_WRITE", "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_MKNOD", "CAP_NET_BIND_SERVICE",
        "CAP_NET_RAW", "CAP_SETFCAP", "CAP_SETGID", "CAP_SETPCAP", "CAP_SETUID", "CAP_SYS_CHROOT",
    ];

    private readonly List<string> _capabilities;

    private SecurityChoice(List<string> capabilities) => _capabilities = capabilities;

    public bool NoNewPrivileges { get; private set; }

    public bool OpenSystemPaths { get; private set; }

    public string? AppArmorProfile { get; private set; }

    public string? SelinuxLabel { get; private set; }

    public LinuxSeccomp? Seccomp { get; private set; }

    public static SecurityChoice Parse(ContainerOptions options, HostMachine machine)
    {
        var choice = new SecurityChoice(Capabilities(options, machine)) { OpenSystemPaths = options.Privileged };
        string seccomp = options.Privileged ? "unconfined" : "";
        foreach (string text in options.SecurityOptions)
        {
            // Docker once wrote these with a colon.
            int split = text.IndexOfAny(['=', ':']);
            string key = split < 0 ? text : text[..split];
            string value = split < 0 ? "" : text[(split + 1)..];
            switch (key)
            {
                case "no-new-privileges" when value is "" or "true" or "false":
                    choice.NoNewPrivileges = value != "false";
                    break;
                case "seccomp" when value.Length > 0:
                    seccomp = value;
                    break;
                case "apparmor" when value.Length > 0:
                    choice.AppArmorProfile = AppArmor(value, machine);
                    break;
                case "label" when value is "disable":
                    choice.SelinuxLabel = null;
                    break;
                case "label" when value.Length > 0:
                    if (!machine.HasSelinux)
                        throw new EngineException(ErrorKind.InvalidArgument, $"--security-opt label={Printable.Escape(value)} cannot be honoured: this kernel has no SELinux");
                    choice.SelinuxLabel = value;
                    break;
                case "systempaths" when value is "unconfined":
                    choice.OpenSystemPaths = true;
                    break;
                default:
                    throw new EngineException(ErrorKind.InvalidArgument, $"--security-opt \"{Printable.Escape(text)}\" is not known; known are no-new-privileges, seccomp=FILE|unconfined, apparmor=PROFILE, label=disable, systempaths=unconfined");
            }
        }
        choice.Seccomp = seccomp == "unconfined" ? null : SeccompChoice.Load(seccomp, choice._capabilities);
        return choice;
    }

    /// <summary>The sets for a user: all in effect for root; only the bounding set for others, who gain them again by nothing but a set-user-id program.</summary>
    public LinuxCapabilities CapabilitiesFor(uint uid) => uid == 0
        ? new LinuxCapabilities { Bounding = [.. _capabilities], Effective = [.. _capabilities], Permitted = [.. _capabilities], Inheritable = [], Ambient = [] }
        : new LinuxCapabilities { Bounding = [.. _capabilities], Effective = [], Permitted = [], Inheritable = [], Ambient = [] };

    private static List<string> Capabilities(ContainerOptions options, HostMachine machine)
    {
        var set = new HashSet<string>(options.Privileged ? All(machine) : s_defaultCapabilities, StringComparer.Ordinal);
        string[] dropped = [.. options.CapabilitiesDropped.Select(text => Name("--cap-drop", text))];
        string[] added = [.. options.CapabilitiesAdded.Select(text => Name("--cap-add", text))];
        if (added.Contains("ALL"))
            set.UnionWith(All(machine));
        if (dropped.Contains("ALL"))
            set.Clear();
        set.UnionWith(added.Where(static name => name != "ALL"));
        if (dropped.Contains("ALL") && added.Contains("ALL"))
            set.UnionWith(All(machine));
        set.ExceptWith(dropped);
        return [.. set.Order(StringComparer.Ordinal)];
    }

    private static IEnumerable<string> All(HostMachine machine) => Enumerable.Range(0, 64).Where(number => (machine.Capabilities >> number & 1) != 0).Select(Kernel.Capabilities.NameOf);

    private static string Name(string option, string text)
    {
        string name = text.ToUpperInvariant();
        if (name == "ALL")
            return name;
        if (!name.StartsWith("CAP_", StringComparison.Ordinal))
            name = $"CAP_{name}";
        return Kernel.Capabilities.TryParse(name, out _) ? name : throw Quantities.Invalid(option, text, "a capability of capabilities(7), such as NET_ADMIN, or ALL");
    }

    private static string? AppArmor(string profile, HostMachine machine)
    {
        if (profile == "unconfined")
            return null;
        return machine.HasAppArmor ? profile : throw new EngineException(ErrorKind.InvalidArgument, $"--security-opt apparmor={Printable.Escape(profile)} cannot be honoured: this kernel has no AppArmor");
    }
}
