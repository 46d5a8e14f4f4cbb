namespace Sampan.Oci;

/// <summary>A condition on an argument of a system call (seccomp_rule_add(3)).</summary>
public sealed class LinuxSeccompArg : SpecObject, IJsonObject<LinuxSeccompArg>
{
    /// <summary>Which argument, from 0 to 5.</summary>
    public uint Index { get; set; }

    /// <summary>What it is compared with; the mask of <c>SCMP_CMP_MASKED_EQ</c>.</summary>
    public ulong Value { get; set; }

    /// <summary>What the masked argument is compared with.</summary>
    public ulong ValueTwo { get; set; }

    /// <summary>The comparison, for instance <c>SCMP_CMP_EQ</c>.</summary>
    public string Op { get; set; } = "";

    /// <inheritdoc/>
    public override void Write(JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteNumber("index"u8, Index);
        writer.WriteNumber("value"u8, Value);
        writer.Number("valueTwo"u8, ValueTwo == 0 ? null : ValueTwo);
        writer.WriteString("op"u8, Op);
        writer.WriteEndObject();
    }

    static LinuxSeccompArg IJsonObject<LinuxSeccompArg>.Read(ref JsonInput json)
    {
        var read = new LinuxSeccompArg();
        while (json.NextMember())
        {
            if (json.Is("index"u8))
                read.Index = json.UInt32() ?? 0;
            else if (json.Is("value"u8))
                read.Value = json.UInt64() ?? 0;
            else if (json.Is("valueTwo"u8))
                read.ValueTwo = json.UInt64() ?? 0;
            else if (json.Is("op"u8))
                read.Op = json.Text() ?? "";
            else
                json.Skip();
        }
        return read;
    }
}
