namespace Sampan.Oci;

/// <summary>Which system calls are allowed (config-linux.md, Seccomp).</summary>
public sealed class LinuxSeccomp : SpecObject, IJsonObject<LinuxSeccomp>
{
    /// <summary>What happens at a call that no rule matches, for instance <c>SCMP_ACT_ERRNO</c>.</summary>
    public string DefaultAction { get; set; } = "";

    /// <summary>The error number of the default action; absent is EPERM.</summary>
    public uint? DefaultErrnoRet { get; set; }

    /// <summary>The architectures whose calls are judged, for instance <c>SCMP_ARCH_X86_64</c>.</summary>
    public List<string>? Architectures { get; set; }

    /// <summary>Flags of seccomp(2), for instance <c>SECCOMP_FILTER_FLAG_LOG</c>.</summary>
    public List<string>? Flags { get; set; }

    /// <summary>The unix socket to which the notification descriptor is sent.</summary>
    public string? ListenerPath { get; set; }

    /// <summary>What is sent with it, as it is.</summary>
    public string? ListenerMetadata { get; set; }

    /// <summary>The rules.</summary>
    public List<LinuxSyscall>? Syscalls { get; set; }

    /// <inheritdoc/>
    public override void Write(JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("defaultAction"u8, DefaultAction);
        writer.Number("defaultErrnoRet"u8, DefaultErrnoRet);
        writer.Texts("architectures"u8, Architectures);
        writer.Texts("flags"u8, Flags);
        writer.Text("listenerPath"u8, ListenerPath);
        writer.Text("listenerMetadata"u8, ListenerMetadata);
        writer.Objects("syscalls"u8, Syscalls);
        writer.WriteEndObject();
    }

    static LinuxSeccomp IJsonObject<LinuxSeccomp>.Read(ref JsonInput json)
    {
        var read = new LinuxSeccomp();
        while (json.NextMember())
        {
            if (json.Is("defaultAction"u8))
                read.DefaultAction = json.Text() ?? "";
            else if (json.Is("defaultErrnoRet"u8))
                read.DefaultErrnoRet = json.UInt32();
            else if (json.Is("architectures"u8))
                read.Architectures = json.Texts();
            else if (json.Is("flags"u8))
                read.Flags = json.Texts();
            else if (json.Is("listenerPath"u8))
                read.ListenerPath = json.Text();
            else if (json.Is("listenerMetadata"u8))
                read.ListenerMetadata = json.Text();
            else if (json.Is("syscalls"u8))
                read.Syscalls = json.Objects<LinuxSyscall>();
            else
                json.Skip();
        }
        return read;
    }
}
