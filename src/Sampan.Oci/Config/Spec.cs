namespace Sampan.Oci;

/// <summary>
/// A container as its bundle's config.json describes it (runtime-spec config.md, for the platform linux). Other platforms' members are
/// skipped as unknown. Parsing checks types and ranges; <see cref="SpecValidation"/> checks the meaning.
/// </summary>
public sealed partial class Spec : SpecObject, IJsonObject<Spec>
{
    /// <summary>The version of the specification that the document follows, for instance <c>1.3.0</c>; empty when missing.</summary>
    public string OciVersion { get; set; } = "";

    /// <summary>The container's process; needed by create and start.</summary>
    public Process? Process { get; set; }

    /// <summary>The container's root file system.</summary>
    public Root? Root { get; set; }

    /// <summary>The host name inside; needs a UTS namespace.</summary>
    public string? Hostname { get; set; }

    /// <summary>The NIS domain name inside; needs a UTS namespace.</summary>
    public string? Domainname { get; set; }

    /// <summary>What is mounted on top of the root, in this order.</summary>
    public List<Mount>? Mounts { get; set; }

    /// <summary>Programs of the host that run at points of the life cycle.</summary>
    public Hooks? Hooks { get; set; }

    /// <summary>Free text by key, for people and tools.</summary>
    public Dictionary<string, string>? Annotations { get; set; }

    /// <summary>What only Linux has.</summary>
    public Linux? Linux { get; set; }

    /// <summary>Reads a config.json from UTF-8 JSON.</summary>
    /// <param name="json">The whole document, at most 16 MiB.</param>
    /// <param name="document">What the document is called in messages.</param>
    /// <exception cref="SpecException">The text is not JSON, or a member has a wrong type or is out of range.</exception>
    public static Spec Parse(ReadOnlySpan<byte> json, string document = "config.json") => JsonInput.Parse<Spec>(json, document);

    /// <inheritdoc/>
    public override void Write(JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("ociVersion"u8, OciVersion);
        writer.Object("process"u8, Process);
        writer.Object("root"u8, Root);
        writer.Text("hostname"u8, Hostname);
        writer.Text("domainname"u8, Domainname);
        writer.Objects("mounts"u8, Mounts);
        writer.Object("hooks"u8, Hooks);
        writer.TextMap("annotations"u8, Annotations);
        writer.Object("linux"u8, Linux);
        writer.WriteEndObject();
    }

    static Spec IJsonObject<Spec>.Read(ref JsonInput json)
    {
        var read = new Spec();
        while (json.NextMember())
        {
            if (json.Is("ociVersion"u8))
                read.OciVersion = json.Text() ?? "";
            else if (json.Is("process"u8))
                read.Process = json.Object<Process>();
            else if (json.Is("root"u8))
                read.Root = json.Object<Root>();
            else if (json.Is("hostname"u8))
                read.Hostname = json.Text();
            else if (json.Is("domainname"u8))
                read.Domainname = json.Text();
            else if (json.Is("mounts"u8))
                read.Mounts = json.Objects<Mount>();
            else if (json.Is("hooks"u8))
                read.Hooks = json.Object<Hooks>();
            else if (json.Is("annotations"u8))
                read.Annotations = json.Annotations();
            else if (json.Is("linux"u8))
                read.Linux = json.Object<Linux>();
            else
                json.Skip();
        }
        return read;
    }
}
