namespace Sampan.Oci;

/// <summary>Which control groups a runtime can handle.</summary>
public sealed class FeaturesCgroup : SpecObject, IJsonObject<FeaturesCgroup>
{
    /// <summary>Version 1.</summary>
    public bool? V1 { get; set; }

    /// <summary>Version 2.</summary>
    public bool? V2 { get; set; }

    /// <summary>By systemd.</summary>
    public bool? Systemd { get; set; }

    /// <summary>By a user's systemd.</summary>
    public bool? SystemdUser { get; set; }

    /// <summary>The rdma controller.</summary>
    public bool? Rdma { get; set; }

    /// <inheritdoc/>
    public override void Write(JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.Flag("v1"u8, V1);
        writer.Flag("v2"u8, V2);
        writer.Flag("systemd"u8, Systemd);
        writer.Flag("systemdUser"u8, SystemdUser);
        writer.Flag("rdma"u8, Rdma);
        writer.WriteEndObject();
    }

    static FeaturesCgroup IJsonObject<FeaturesCgroup>.Read(ref JsonInput json)
    {
        var read = new FeaturesCgroup();
        while (json.NextMember())
        {
            if (json.Is("v1"u8))
                read.V1 = json.Flag();
            else if (json.Is("v2"u8))
                read.V2 = json.Flag();
            else if (json.Is("systemd"u8))
                read.Systemd = json.Flag();
            else if (json.Is("systemdUser"u8))
                read.SystemdUser = json.Flag();
            else if (json.Is("rdma"u8))
                read.Rdma = json.Flag();
            else
                json.Skip();
        }
        return read;
    }
}
