namespace Sampan.Oci;

/// <summary>What a runtime can do on Linux (runtime-spec features-linux.md).</summary>
public sealed class FeaturesLinux : SpecObject, IJsonObject<FeaturesLinux>
{
    /// <summary>The namespaces that are recognised.</summary>
    public List<string>? Namespaces { get; set; }

    /// <summary>The capabilities that are recognised.</summary>
    public List<string>? Capabilities { get; set; }

    /// <summary>Control groups.</summary>
    public FeaturesCgroup? Cgroup { get; set; }

    /// <summary>Seccomp filters.</summary>
    public FeaturesSeccomp? Seccomp { get; set; }

    /// <summary>AppArmor.</summary>
    public FeaturesEnabled? Apparmor { get; set; }

    /// <summary>SELinux.</summary>
    public FeaturesEnabled? Selinux { get; set; }

    /// <summary>Shares of cache and memory bandwidth.</summary>
    public FeaturesIntelRdt? IntelRdt { get; set; }

    /// <summary>Memory policies.</summary>
    public FeaturesMemoryPolicy? MemoryPolicy { get; set; }

    /// <summary>Mounts beyond mount(2).</summary>
    public FeaturesMountExtensions? MountExtensions { get; set; }

    /// <summary>Network devices that are moved into the container.</summary>
    public FeaturesEnabled? NetDevices { get; set; }

    /// <inheritdoc/>
    public override void Write(JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.Texts("namespaces"u8, Namespaces);
        writer.Texts("capabilities"u8, Capabilities);
        writer.Object("cgroup"u8, Cgroup);
        writer.Object("seccomp"u8, Seccomp);
        writer.Object("apparmor"u8, Apparmor);
        writer.Object("selinux"u8, Selinux);
        writer.Object("intelRdt"u8, IntelRdt);
        writer.Object("memoryPolicy"u8, MemoryPolicy);
        writer.Object("mountExtensions"u8, MountExtensions);
        writer.Object("netDevices"u8, NetDevices);
        writer.WriteEndObject();
    }

    static FeaturesLinux IJsonObject<FeaturesLinux>.Read(ref JsonInput json)
    {
        var read = new FeaturesLinux();
        while (json.NextMember())
        {
            if (json.Is("namespaces"u8))
                read.Namespaces = json.Texts();
            else if (json.Is("capabilities"u8))
                read.Capabilities = json.Texts();
            else if (json.Is("cgroup"u8))
                read.Cgroup = json.Object<FeaturesCgroup>();
            else if (json.Is("seccomp"u8))
                read.Seccomp = json.Object<FeaturesSeccomp>();
            else if (json.Is("apparmor"u8))
                read.Apparmor = json.Object<FeaturesEnabled>();
            else if (json.Is("selinux"u8))
                read.Selinux = json.Object<FeaturesEnabled>();
            else if (json.Is("intelRdt"u8))
                read.IntelRdt = json.Object<FeaturesIntelRdt>();
            else if (json.Is("memoryPolicy"u8))
                read.MemoryPolicy = json.Object<FeaturesMemoryPolicy>();
            else if (json.Is("mountExtensions"u8))
                read.MountExtensions = json.Object<FeaturesMountExtensions>();
            else if (json.Is("netDevices"u8))
                read.NetDevices = json.Object<FeaturesEnabled>();
            else
                json.Skip();
        }
        return read;
    }
}
