namespace Sampan.Oci;

/// <summary>
/// The rules of the runtime specification that types and ranges do not express and that need neither kernel nor host to be checked: what is required,
/// which names exist, what needs which namespace, and what would give a container more than its author meant. What only a given kernel
/// can tell (whether a namespace type exists, whether a file is there) is left to those who ask it.
/// </summary>
public static partial class SpecValidation
{
    /// <summary>The first rule that a container's configuration breaks, or <see langword="null"/>.</summary>
    /// <param name="spec">The configuration.</param>
    /// <param name="document">What it is called in messages.</param>
    public static SpecException? FirstProblem(Spec spec, string document = "config.json") => Name(document,
        CheckVersion(spec)
        ?? CheckRequired(spec)
        ?? CheckProcess(spec.Process!, "process.")
        ?? CheckMounts(spec)
        ?? CheckHooks(spec.Hooks)
        ?? CheckNames(spec)
        ?? CheckLinux(spec.Linux));

    /// <summary>The first rule that a process for <c>exec</c> breaks, or <see langword="null"/>.</summary>
    /// <param name="process">The process.</param>
    /// <param name="document">What it is called in messages.</param>
    public static SpecException? FirstProblem(Process process, string document = "process.json") => Name(document, CheckProcess(process, ""));

    /// <summary>The first rule that resources for <c>update</c> break, or <see langword="null"/>.</summary>
    /// <param name="resources">The resources.</param>
    /// <param name="document">What they are called in messages.</param>
    public static SpecException? FirstProblem(LinuxResources resources, string document = "resources") => Name(document, CheckResources(resources, ""));

    /// <summary>A container's configuration: refused when a rule is broken.</summary>
    /// <param name="spec">The configuration.</param>
    /// <param name="document">What it is called in messages.</param>
    /// <exception cref="SpecException">A rule is broken; the first one is named.</exception>
    public static void Validate(Spec spec, string document = "config.json") => Refuse(FirstProblem(spec, document));

    /// <summary>A process for <c>exec</c>: refused when a rule is broken.</summary>
    /// <param name="process">The process.</param>
    /// <param name="document">What it is called in messages.</param>
    /// <exception cref="SpecException">A rule is broken; the first one is named.</exception>
    public static void Validate(Process process, string document = "process.json") => Refuse(FirstProblem(process, document));

    /// <summary>Resources for <c>update</c>: refused when a rule is broken.</summary>
    /// <param name="resources">The resources.</param>
    /// <param name="document">What it is called in messages.</param>
    /// <exception cref="SpecException">A rule is broken; the first one is named.</exception>
    public static void Validate(LinuxResources resources, string document = "resources") => Refuse(FirstProblem(resources, document));

    /// <summary>
    /// What is tolerated and should be said: capabilities that are not known (which the specification forbids to refuse), relative
    /// destinations of mounts, which are deprecated, and the letter <c>a</c> in a device rule's access, which runc passes over. One sentence each.
    /// </summary>
    /// <param name="spec">The configuration.</param>
    public static List<string> Warnings(Spec spec)
    {
        var warnings = new List<string>();
        if (spec.Process?.Capabilities is { } capabilities)
        {
            WarnUnknown(warnings, "bounding", capabilities.Bounding);
            WarnUnknown(warnings, "effective", capabilities.Effective);
            WarnUnknown(warnings, "inheritable", capabilities.Inheritable);
            WarnUnknown(warnings, "permitted", capabilities.Permitted);
            WarnUnknown(warnings, "ambient", capabilities.Ambient);
        }
        for (int i = 0; i < spec.Mounts?.Count; i++)
        {
            if (!IsAbsolute(spec.Mounts[i].Destination))
                warnings.Add($"mounts[{i}].destination is relative, which is deprecated; it counts from the container's root: {Quote(spec.Mounts[i].Destination)}");
        }
        for (int i = 0; i < spec.Linux?.Resources?.Devices?.Count; i++)
        {
            if (spec.Linux.Resources.Devices[i].Access is { } access && access.Contains('a'))
                warnings.Add($"linux.resources.devices[{i}].access has a letter that means nothing and is passed over, a: {Quote(access)}");
        }
        return warnings;
    }

    private static void Refuse(SpecException? problem)
    {
        if (problem is not null)
            throw problem;
    }

    private static void WarnUnknown(List<string> warnings, string set, List<string>? names)
    {
        for (int i = 0; i < names?.Count; i++)
        {
            if (!KnownNames.Capabilities.Contains(names[i]))
                warnings.Add($"process.capabilities.{set}[{i}] is not a known capability and is not granted: {Quote(names[i])}");
        }
    }

    private static Problem? CheckVersion(Spec spec)
    {
        if (spec.OciVersion.Length == 0)
            return Missing("ociVersion");
        // Versions 1.x add to each other (semantic versioning), so a later one is readable; pre-releases end in -rc1 or -dev, +dev.
        string[] parts = spec.OciVersion.Split('.', 3);
        bool readable = parts.Length == 3 && parts[0] == "1" && IsNumber(parts[1]) && parts[2].Length > 0 && char.IsAsciiDigit(parts[2][0]);
        return readable ? null : new Problem("ociVersion", $"must be a version 1.x of the runtime specification, such as {Spec.CurrentVersion}, found {Quote(spec.OciVersion)}");
    }

    private static Problem? CheckRequired(Spec spec)
    {
        if (spec.Root is null)
            return Missing("root");
        if (spec.Root.Path.Length == 0)
            return Missing("root.path");
        return spec.Process is null ? Missing("process") : null;
    }

    private static Problem? CheckMounts(Spec spec)
    {
        for (int i = 0; i < spec.Mounts?.Count; i++)
        {
            Mount mount = spec.Mounts[i];
            if (mount.Destination.Length == 0)
                return Missing($"mounts[{i}].destination");
            if (CoversProc(mount))
                return new Problem($"mounts[{i}].destination", $"must not cover /proc with anything but proc, because labels and limits are set there: {Quote(mount.Destination)}");
            bool uids = mount.UidMappings is { Count: > 0 };
            bool gids = mount.GidMappings is { Count: > 0 };
            if (uids != gids)
                return Missing($"mounts[{i}].{(uids ? "gidMappings" : "uidMappings")}", "an id-mapped mount needs both uidMappings and gidMappings");
            bool mapped = mount.Options is { } options && (options.Contains("idmap") || options.Contains("ridmap"));
            if (mapped && !uids && !HasNamespace(spec.Linux, "user"))
                return new Problem($"mounts[{i}].options", "must not have idmap without uidMappings and gidMappings in a container that has no user namespace");
        }
        return null;
    }

    /// <summary>
    /// Whether a mount would put a stranger's files where the runtime writes labels and limits (CVE-2019-16884, CVE-2025-52881): anything on
    /// /proc that is no proc, and anything below it but the statistics that lxcfs and its like replace.
    /// </summary>
    private static bool CoversProc(Mount mount)
    {
        string destination = Path.GetFullPath("/" + mount.Destination);
        if (destination == "/proc")
            return mount.Type != "proc" && mount.Source != "/proc";
        return destination.StartsWith("/proc/", StringComparison.Ordinal) && destination is not ("/proc/cpuinfo" or "/proc/diskstats" or "/proc/meminfo"
            or "/proc/stat" or "/proc/swaps" or "/proc/uptime" or "/proc/loadavg" or "/proc/slabinfo" or "/proc/net/dev"
            or "/proc/sys/kernel/ns_last_pid" or "/proc/sys/crypto/fips_enabled");
    }

    private static Problem? CheckHooks(Hooks? hooks) => hooks is null ? null
        : CheckHooks("prestart", hooks.Prestart)
        ?? CheckHooks("createRuntime", hooks.CreateRuntime)
        ?? CheckHooks("createContainer", hooks.CreateContainer)
        ?? CheckHooks("startContainer", hooks.StartContainer)
        ?? CheckHooks("poststart", hooks.Poststart)
        ?? CheckHooks("poststop", hooks.Poststop);

    private static Problem? CheckHooks(string kind, List<Hook>? hooks)
    {
        for (int i = 0; i < hooks?.Count; i++)
        {
            if (!IsAbsolute(hooks[i].Path))
                return NotAbsolute($"hooks.{kind}[{i}].path", hooks[i].Path);
            if (hooks[i].Timeout is <= 0)
                return new Problem($"hooks.{kind}[{i}].timeout", $"must be more than 0 seconds, found {hooks[i].Timeout}");
        }
        return null;
    }

    private static Problem? CheckNames(Spec spec)
    {
        if (HasNamespace(spec.Linux, "uts"))
            return null;
        if (spec.Hostname is not null)
            return NeedsNamespace("hostname", "uts");
        return spec.Domainname is not null ? NeedsNamespace("domainname", "uts") : null;
    }

    private static bool HasNamespace(Linux? linux, string type)
    {
        if (linux?.Namespaces is not { } namespaces)
            return false;
        foreach (LinuxNamespace one in namespaces)
        {
            if (one.Type == type)
                return true;
        }
        return false;
    }
}
