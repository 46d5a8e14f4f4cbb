namespace Sampan.Oci;

/// <summary>The programs that run at points of the container's life, each list in its order (config.md, POSIX-platform Hooks).</summary>
public sealed class Hooks : SpecObject, IJsonObject<Hooks>
{
    /// <summary>
    /// Deprecated: during create after the namespaces are made, in the runtime's namespaces, before <see cref="CreateRuntime"/>.
    /// </summary>
    public List<Hook>? Prestart { get; set; }

    /// <summary>During create, before pivot_root, in the runtime's namespaces.</summary>
    public List<Hook>? CreateRuntime { get; set; }

    /// <summary>During create, before pivot_root, in the container's namespaces.</summary>
    public List<Hook>? CreateContainer { get; set; }

    /// <summary>During start, before the user's process is executed, in the container's namespaces and root.</summary>
    public List<Hook>? StartContainer { get; set; }

    /// <summary>After the user's process is executed, before start returns, in the runtime's namespaces.</summary>
    public List<Hook>? Poststart { get; set; }

    /// <summary>After the container is deleted, before delete returns, in the runtime's namespaces.</summary>
    public List<Hook>? Poststop { get; set; }

    /// <inheritdoc/>
    public override void Write(JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.Objects("prestart"u8, Prestart);
        writer.Objects("createRuntime"u8, CreateRuntime);
        writer.Objects("createContainer"u8, CreateContainer);
        writer.Objects("startContainer"u8, StartContainer);
        writer.Objects("poststart"u8, Poststart);
        writer.Objects("poststop"u8, Poststop);
        writer.WriteEndObject();
    }

    static Hooks IJsonObject<Hooks>.Read(ref JsonInput json)
    {
        var read = new Hooks();
        while (json.NextMember())
        {
            if (json.Is("prestart"u8))
                read.Prestart = json.Objects<Hook>();
            else if (json.Is("createRuntime"u8))
                read.CreateRuntime = json.Objects<Hook>();
            else if (json.Is("createContainer"u8))
                read.CreateContainer = json.Objects<Hook>();
            else if (json.Is("startContainer"u8))
                read.StartContainer = json.Objects<Hook>();
            else if (json.Is("poststart"u8))
                read.Poststart = json.Objects<Hook>();
            else if (json.Is("poststop"u8))
                read.Poststop = json.Objects<Hook>();
            else
                json.Skip();
        }
        return read;
    }
}
