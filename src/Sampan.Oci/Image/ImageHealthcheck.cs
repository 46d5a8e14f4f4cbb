namespace Sampan.Oci;

/// <summary>How to find out that a container works (Docker's HEALTHCHECK). Times are in nanoseconds; 0 is the default.</summary>
public sealed class ImageHealthcheck : SpecObject, IJsonObject<ImageHealthcheck>
{
    /// <summary>Empty to inherit, <c>NONE</c>, <c>CMD</c> and arguments, or <c>CMD-SHELL</c> and a command line.</summary>
    public List<string>? Test { get; set; }

    /// <summary>Between two tests, in nanoseconds.</summary>
    public long Interval { get; set; }

    /// <summary>How long a test may take, in nanoseconds.</summary>
    public long Timeout { get; set; }

    /// <summary>How long failures do not count at first, in nanoseconds.</summary>
    public long StartPeriod { get; set; }

    /// <summary>Between two tests in the start period, in nanoseconds.</summary>
    public long StartInterval { get; set; }

    /// <summary>How many failures in a row make it unhealthy.</summary>
    public int Retries { get; set; }

    /// <inheritdoc/>
    public override void Write(JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.Texts("Test"u8, Test);
        writer.Number("Interval"u8, Interval == 0 ? null : Interval);
        writer.Number("Timeout"u8, Timeout == 0 ? null : Timeout);
        writer.Number("StartPeriod"u8, StartPeriod == 0 ? null : StartPeriod);
        writer.Number("StartInterval"u8, StartInterval == 0 ? null : StartInterval);
        writer.Number("Retries"u8, Retries == 0 ? null : Retries);
        writer.WriteEndObject();
    }

    static ImageHealthcheck IJsonObject<ImageHealthcheck>.Read(ref JsonInput json)
    {
        var read = new ImageHealthcheck();
        while (json.NextMember())
        {
            if (json.Is("Test"u8))
                read.Test = json.Texts();
            else if (json.Is("Interval"u8))
                read.Interval = json.Int64() ?? 0;
            else if (json.Is("Timeout"u8))
                read.Timeout = json.Int64() ?? 0;
            else if (json.Is("StartPeriod"u8))
                read.StartPeriod = json.Int64() ?? 0;
            else if (json.Is("StartInterval"u8))
                read.StartInterval = json.Int64() ?? 0;
            else if (json.Is("Retries"u8))
                read.Retries = json.Int32(int.MinValue, int.MaxValue) ?? 0;
            else
                json.Skip();
        }
        return read;
    }
}
