namespace Sampan.Oci;

/// <summary>What a container has on Linux alone (runtime-spec config-linux.md).</summary>
public sealed class Linux : SpecObject, IJsonObject<Linux>
{
    /// <summary>The user ids of the user namespace.</summary>
    public List<LinuxIdMapping>? UidMappings { get; set; }

    /// <summary>The group ids of the user namespace.</summary>
    public List<LinuxIdMapping>? GidMappings { get; set; }

    /// <summary>
    /// Kernel parameters by name, such as <c>net.ipv4.ip_forward</c>; only those of a namespace that the container has of its own.
    /// </summary>
    public Dictionary<string, string>? Sysctl { get; set; }

    /// <summary>The limits of the container's control group.</summary>
    public LinuxResources? Resources { get; set; }

    /// <summary>
    /// The control group: absolute counts from the mount point, relative from a place the runtime chooses; <c>slice:prefix:name</c> for
    /// systemd.
    /// </summary>
    public string? CgroupsPath { get; set; }

    /// <summary>The namespaces that are made or joined; those not named are the runtime's own.</summary>
    public List<LinuxNamespace>? Namespaces { get; set; }

    /// <summary>Device files inside, besides the default ones.</summary>
    public List<LinuxDevice>? Devices { get; set; }

    /// <summary>Network devices, by their name on the host, that are moved into the container.</summary>
    public Dictionary<string, LinuxNetDevice>? NetDevices { get; set; }

    /// <summary>Which system calls are allowed; an object without action, architectures and rules counts as absent.</summary>
    public LinuxSeccomp? Seccomp { get; set; }

    /// <summary>
    /// The mount propagation of the root: <c>private</c>, <c>shared</c>, <c>slave</c> or <c>unbindable</c>, or their recursive forms.
    /// </summary>
    public string? RootfsPropagation { get; set; }

    /// <summary>Absolute paths inside that cannot be read.</summary>
    public List<string>? MaskedPaths { get; set; }

    /// <summary>Absolute paths inside that cannot be written.</summary>
    public List<string>? ReadonlyPaths { get; set; }

    /// <summary>The SELinux label of the mounts.</summary>
    public string? MountLabel { get; set; }

    /// <summary>Shares of cache and memory bandwidth (resctrl).</summary>
    public LinuxIntelRdt? IntelRdt { get; set; }

    /// <summary>From which memory nodes the processes allocate.</summary>
    public LinuxMemoryPolicy? MemoryPolicy { get; set; }

    /// <summary>The execution domain (personality(2)).</summary>
    public LinuxPersonality? Personality { get; set; }

    /// <summary>Offsets of the time namespace by clock: <c>monotonic</c>, <c>boottime</c>.</summary>
    public Dictionary<string, LinuxTimeOffset>? TimeOffsets { get; set; }

    /// <inheritdoc/>
    public override void Write(JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.Objects("uidMappings"u8, UidMappings);
        writer.Objects("gidMappings"u8, GidMappings);
        writer.TextMap("sysctl"u8, Sysctl);
        writer.Object("resources"u8, Resources);
        writer.Text("cgroupsPath"u8, CgroupsPath);
        writer.Objects("namespaces"u8, Namespaces);
        writer.Objects("devices"u8, Devices);
        writer.ObjectMap("netDevices"u8, NetDevices);
        writer.Object("seccomp"u8, Seccomp);
        writer.Text("rootfsPropagation"u8, RootfsPropagation);
        writer.Texts("maskedPaths"u8, MaskedPaths);
        writer.Texts("readonlyPaths"u8, ReadonlyPaths);
        writer.Text("mountLabel"u8, MountLabel);
        writer.Object("intelRdt"u8, IntelRdt);
        writer.Object("memoryPolicy"u8, MemoryPolicy);
        writer.Object("personality"u8, Personality);
        writer.ObjectMap("timeOffsets"u8, TimeOffsets);
        writer.WriteEndObject();
    }

    static Linux IJsonObject<Linux>.Read(ref JsonInput json)
    {
        var read = new Linux();
        while (json.NextMember())
        {
            if (json.Is("uidMappings"u8))
                read.UidMappings = json.Objects<LinuxIdMapping>();
            else if (json.Is("gidMappings"u8))
                read.GidMappings = json.Objects<LinuxIdMapping>();
            else if (json.Is("sysctl"u8))
                read.Sysctl = json.TextMap();
            else if (json.Is("resources"u8))
                read.Resources = json.Object<LinuxResources>();
            else if (json.Is("cgroupsPath"u8))
                read.CgroupsPath = json.Text();
            else if (json.Is("namespaces"u8))
                read.Namespaces = json.Objects<LinuxNamespace>();
            else if (json.Is("devices"u8))
                read.Devices = json.Objects<LinuxDevice>();
            else if (json.Is("netDevices"u8))
                read.NetDevices = json.ObjectMap<LinuxNetDevice>();
            else if (json.Is("seccomp"u8))
                read.Seccomp = json.Object<LinuxSeccomp>();
            else if (json.Is("rootfsPropagation"u8))
                read.RootfsPropagation = json.Text();
            else if (json.Is("maskedPaths"u8))
                read.MaskedPaths = json.Texts();
            else if (json.Is("readonlyPaths"u8))
                read.ReadonlyPaths = json.Texts();
            else if (json.Is("mountLabel"u8))
                read.MountLabel = json.Text();
            else if (json.Is("intelRdt"u8))
                read.IntelRdt = json.Object<LinuxIntelRdt>();
            else if (json.Is("memoryPolicy"u8))
                read.MemoryPolicy = json.Object<LinuxMemoryPolicy>();
            else if (json.Is("personality"u8))
                read.Personality = json.Object<LinuxPersonality>();
            else if (json.Is("timeOffsets"u8))
                read.TimeOffsets = json.ObjectMap<LinuxTimeOffset>();
            else
                json.Skip();
        }
        if (read.Seccomp is { DefaultAction: "", Architectures: null or { Count: 0 }, Syscalls: null or { Count: 0 } })
            read.Seccomp = null; // runc takes "seccomp": {} for no filter, and so do those who write it
        return read;
    }
}
