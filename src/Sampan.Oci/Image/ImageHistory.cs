namespace Sampan.Oci;

/// <summary>How a layer came to be.</summary>
public sealed class ImageHistory : SpecObject, IJsonObject<ImageHistory>
{
    /// <summary>When, as RFC 3339 writes it.</summary>
    public string? Created { get; set; }

    /// <summary>By which command.</summary>
    public string? CreatedBy { get; set; }

    /// <summary>Who made it.</summary>
    public string? Author { get; set; }

    /// <summary>Any remark.</summary>
    public string? Comment { get; set; }

    /// <summary>Whether it changed no file, so that there is no layer.</summary>
    public bool EmptyLayer { get; set; }

    /// <inheritdoc/>
    public override void Write(JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.Text("created"u8, Created);
        writer.Text("created_by"u8, CreatedBy);
        writer.Text("author"u8, Author);
        writer.Text("comment"u8, Comment);
        writer.Flag("empty_layer"u8, EmptyLayer ? true : null);
        writer.WriteEndObject();
    }

    static ImageHistory IJsonObject<ImageHistory>.Read(ref JsonInput json)
    {
        var read = new ImageHistory();
        while (json.NextMember())
        {
            if (json.Is("created"u8))
                read.Created = json.Text();
            else if (json.Is("created_by"u8))
                read.CreatedBy = json.Text();
            else if (json.Is("author"u8))
                read.Author = json.Text();
            else if (json.Is("comment"u8))
                read.Comment = json.Text();
            else if (json.Is("empty_layer"u8))
                read.EmptyLayer = json.Flag() ?? false;
            else
                json.Skip();
        }
        return read;
    }
}
