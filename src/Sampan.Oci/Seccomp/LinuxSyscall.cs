namespace Sampan.Oci;

/// <summary>A rule for system calls.</summary>
public sealed class LinuxSyscall : SpecObject, IJsonObject<LinuxSyscall>
{
    /// <summary>The calls; at least one.</summary>
    public List<string>? Names { get; set; }

    /// <summary>What happens at them, for instance <c>SCMP_ACT_ALLOW</c>.</summary>
    public string Action { get; set; } = "";

    /// <summary>The error number of the action; absent is EPERM.</summary>
    public uint? ErrnoRet { get; set; }

    /// <summary>Conditions on the arguments, all of which must hold.</summary>
    public List<LinuxSeccompArg>? Args { get; set; }

    /// <inheritdoc/>
    public override void Write(JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.Texts("names"u8, Names);
        writer.WriteString("action"u8, Action);
        writer.Number("errnoRet"u8, ErrnoRet);
        writer.Objects("args"u8, Args);
        writer.WriteEndObject();
    }

    static LinuxSyscall IJsonObject<LinuxSyscall>.Read(ref JsonInput json)
    {
        var read = new LinuxSyscall();
        while (json.NextMember())
        {
            if (json.Is("names"u8))
                read.Names = json.Texts();
            else if (json.Is("action"u8))
                read.Action = json.Text() ?? "";
            else if (json.Is("errnoRet"u8))
                read.ErrnoRet = json.UInt32();
            else if (json.Is("args"u8))
                read.Args = json.Objects<LinuxSeccompArg>();
            else
                json.Skip();
        }
        return read;
    }
}
