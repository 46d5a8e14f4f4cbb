namespace Sampan.Oci;

/// <summary>The limits of a control group (config-linux.md, Control groups). What is absent is not touched.</summary>
public sealed class LinuxResources : SpecObject, IJsonObject<LinuxResources>
{
    /// <summary>Which devices may be used: rules, each of which overrules those before it.</summary>
    public List<LinuxDeviceCgroup>? Devices { get; set; }

    /// <summary>Memory.</summary>
    public LinuxMemory? Memory { get; set; }

    /// <summary>Processor time.</summary>
    public LinuxCpu? Cpu { get; set; }

    /// <summary>The number of tasks.</summary>
    public LinuxPids? Pids { get; set; }

    /// <summary>Block input and output.</summary>
    public LinuxBlockIo? BlockIo { get; set; }

    /// <summary>Huge pages by their size.</summary>
    public List<LinuxHugepageLimit>? HugepageLimits { get; set; }

    /// <summary>Class and priorities of network traffic (cgroup v1).</summary>
    public LinuxNetwork? Network { get; set; }

    /// <summary>RDMA by device name.</summary>
    public Dictionary<string, LinuxRdma>? Rdma { get; set; }

    /// <summary>Values by the name of a cgroup v2 file, written as they are.</summary>
    public Dictionary<string, string>? Unified { get; set; }

    /// <summary>Reads the resources that <c>update</c> takes from UTF-8 JSON.</summary>
    /// <param name="json">The whole document, at most 16 MiB.</param>
    /// <param name="document">What the document is called in messages.</param>
    /// <exception cref="SpecException">The text is not JSON, or a member has a wrong type or is out of range.</exception>
    public static LinuxResources Parse(ReadOnlySpan<byte> json, string document = "resources") => JsonInput.Parse<LinuxResources>(json, document);

    /// <inheritdoc/>
    public override void Write(JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.Objects("devices"u8, Devices);
        writer.Object("memory"u8, Memory);
        writer.Object("cpu"u8, Cpu);
        writer.Object("pids"u8, Pids);
        writer.Object("blockIO"u8, BlockIo);
        writer.Objects("hugepageLimits"u8, HugepageLimits);
        writer.Object("network"u8, Network);
        writer.ObjectMap("rdma"u8, Rdma);
        writer.TextMap("unified"u8, Unified);
        writer.WriteEndObject();
    }

    static LinuxResources IJsonObject<LinuxResources>.Read(ref JsonInput json)
    {
        var read = new LinuxResources();
        while (json.NextMember())
        {
            if (json.Is("devices"u8))
                read.Devices = json.Objects<LinuxDeviceCgroup>();
            else if (json.Is("memory"u8))
                read.Memory = json.Object<LinuxMemory>();
            else if (json.Is("cpu"u8))
                read.Cpu = json.Object<LinuxCpu>();
            else if (json.Is("pids"u8))
                read.Pids = json.Object<LinuxPids>();
            else if (json.Is("blockIO"u8))
                read.BlockIo = json.Object<LinuxBlockIo>();
            else if (json.Is("hugepageLimits"u8))
                read.HugepageLimits = json.Objects<LinuxHugepageLimit>();
            else if (json.Is("network"u8))
                read.Network = json.Object<LinuxNetwork>();
            else if (json.Is("rdma"u8))
                read.Rdma = json.ObjectMap<LinuxRdma>();
            else if (json.Is("unified"u8))
                read.Unified = json.TextMap();
            else
                json.Skip();
        }
        return read;
    }
}
