namespace Sampan.Oci;

/// <summary>A namespace that the container has (config-linux.md, Namespaces).</summary>
public sealed class LinuxNamespace : SpecObject, IJsonObject<LinuxNamespace>
{
    /// <summary><c>pid</c>, <c>network</c>, <c>mount</c>, <c>ipc</c>, <c>uts</c>, <c>user</c>, <c>cgroup</c> or <c>time</c>.</summary>
    public string Type { get; set; } = "";

    /// <summary>The file of an existing namespace to join; absent makes a new one.</summary>
    public string? Path { get; set; }

    /// <inheritdoc/>
    public override void Write(JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, Type);
        writer.Text("path"u8, Path);
        writer.WriteEndObject();
    }

    static LinuxNamespace IJsonObject<LinuxNamespace>.Read(ref JsonInput json)
    {
        var read = new LinuxNamespace();
        while (json.NextMember())
        {
            if (json.Is("type"u8))
                read.Type = json.Text() ?? "";
            else if (json.Is("path"u8))
                read.Path = json.Text();
            else
                json.Skip();
        }
        return read;
    }
}
