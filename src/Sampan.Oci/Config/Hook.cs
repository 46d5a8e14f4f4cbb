namespace Sampan.Oci;

/// <summary>A program that runs at a point of the container's life.</summary>
public sealed class Hook : SpecObject, IJsonObject<Hook>
{
    /// <summary>The program's absolute path.</summary>
    public string Path { get; set; } = "";

    /// <summary>Its arguments, the first of which is its own name.</summary>
    public List<string>? Args { get; set; }

    /// <summary>Its whole environment, <c>NAME=value</c>.</summary>
    public List<string>? Env { get; set; }

    /// <summary>After how many seconds it is given up; more than 0.</summary>
    public int? Timeout { get; set; }

    /// <inheritdoc/>
    public override void Write(JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("path"u8, Path);
        writer.Texts("args"u8, Args);
        writer.Texts("env"u8, Env);
        writer.Number("timeout"u8, Timeout);
        writer.WriteEndObject();
    }

    static Hook IJsonObject<Hook>.Read(ref JsonInput json)
    {
        var read = new Hook();
        while (json.NextMember())
        {
            if (json.Is("path"u8))
                read.Path = json.Text() ?? "";
            else if (json.Is("args"u8))
                read.Args = json.Texts();
            else if (json.Is("env"u8))
                read.Env = json.Texts();
            else if (json.Is("timeout"u8))
                read.Timeout = json.Int32(int.MinValue, int.MaxValue);
            else
                json.Skip();
        }
        return read;
    }
}
