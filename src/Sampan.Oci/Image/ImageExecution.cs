namespace Sampan.Oci;

/// <summary>How to run an image: the defaults of its containers (image-spec config.md, config; the last members are Docker's).</summary>
public sealed class ImageExecution : SpecObject, IJsonObject<ImageExecution>
{
    /// <summary>The user: <c>name</c>, <c>uid</c>, <c>name:group</c>, <c>uid:gid</c>.</summary>
    public string? User { get; set; }

    /// <summary>Ports that the program listens on: <c>port/tcp</c>, <c>port/udp</c>, <c>port</c>.</summary>
    public List<string>? ExposedPorts { get; set; }

    /// <summary>The environment, <c>NAME=value</c>.</summary>
    public List<string>? Env { get; set; }

    /// <summary>The program and its first arguments.</summary>
    public List<string>? Entrypoint { get; set; }

    /// <summary>The arguments that a user replaces; the program too when there is no entry point.</summary>
    public List<string>? Cmd { get; set; }

    /// <summary>Directories whose content outlives the container.</summary>
    public List<string>? Volumes { get; set; }

    /// <summary>The directory to start in.</summary>
    public string? WorkingDir { get; set; }

    /// <summary>Free text by key.</summary>
    public Dictionary<string, string>? Labels { get; set; }

    /// <summary>The signal that ends the program, for instance <c>SIGTERM</c>.</summary>
    public string? StopSignal { get; set; }

    /// <summary>Deprecated: whether Cmd is one escaped string (Windows).</summary>
    public bool ArgsEscaped { get; set; }

    /// <summary>How to find out that the program works (Docker).</summary>
    public ImageHealthcheck? Healthcheck { get; set; }

    /// <summary>Instructions for builds that start from the image (Docker).</summary>
    public List<string>? OnBuild { get; set; }

    /// <summary>The shell of instructions in shell form (Docker).</summary>
    public List<string>? Shell { get; set; }

    /// <summary>Reads how to run an image from UTF-8 JSON.</summary>
    /// <param name="json">The whole document, at most 16 MiB.</param>
    /// <param name="document">What the document is called in messages.</param>
    /// <exception cref="SpecException">The text is not JSON, or a member has a wrong type or is out of range.</exception>
    public static ImageExecution Parse(ReadOnlySpan<byte> json, string document = "image execution") => JsonInput.Parse<ImageExecution>(json, document);

    /// <inheritdoc/>
    public override void Write(JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.Text("User"u8, User);
        writer.Keys("ExposedPorts"u8, ExposedPorts);
        writer.Texts("Env"u8, Env);
        writer.Texts("Entrypoint"u8, Entrypoint);
        writer.Texts("Cmd"u8, Cmd);
        writer.Keys("Volumes"u8, Volumes);
        writer.Text("WorkingDir"u8, WorkingDir);
        writer.TextMap("Labels"u8, Labels);
        writer.Text("StopSignal"u8, StopSignal);
        writer.Flag("ArgsEscaped"u8, ArgsEscaped ? true : null);
        writer.Object("Healthcheck"u8, Healthcheck);
        writer.Texts("OnBuild"u8, OnBuild);
        writer.Texts("Shell"u8, Shell);
        writer.WriteEndObject();
    }

    static ImageExecution IJsonObject<ImageExecution>.Read(ref JsonInput json)
    {
        var read = new ImageExecution();
        while (json.NextMember())
        {
            if (json.Is("User"u8))
                read.User = json.Text();
            else if (json.Is("ExposedPorts"u8))
                read.ExposedPorts = json.Keys();
            else if (json.Is("Env"u8))
                read.Env = json.Texts();
            else if (json.Is("Entrypoint"u8))
                read.Entrypoint = json.Texts();
            else if (json.Is("Cmd"u8))
                read.Cmd = json.Texts();
            else if (json.Is("Volumes"u8))
                read.Volumes = json.Keys();
            else if (json.Is("WorkingDir"u8))
                read.WorkingDir = json.Text();
            else if (json.Is("Labels"u8))
                read.Labels = json.Annotations();
            else if (json.Is("StopSignal"u8))
                read.StopSignal = json.Text();
            else if (json.Is("ArgsEscaped"u8))
                read.ArgsEscaped = json.Flag() ?? false;
            else if (json.Is("Healthcheck"u8))
                read.Healthcheck = json.Object<ImageHealthcheck>();
            else if (json.Is("OnBuild"u8))
                read.OnBuild = json.Texts();
            else if (json.Is("Shell"u8))
                read.Shell = json.Texts();
            else
                json.Skip();
        }
        return read;
    }
}
