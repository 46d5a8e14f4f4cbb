using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Sampan.Runtime.State;

namespace Sampan.Runtime.Verbs;

/// <summary>What <c>state</c> and <c>list</c> say of one container, in runc's JSON.</summary>
public sealed record ContainerReport(ContainerState State, ContainerStatus Status)
{
    /// <summary>The version of the runtime specification that this runtime implements.</summary>
    public const string OciVersion = Sampan.Oci.Spec.CurrentVersion;

    private static readonly string[] s_headings = ["ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"];

    /// <summary>The pid to show: 0 of a container that has ended.</summary>
    public int Pid => Status == ContainerStatus.Stopped ? 0 : State.Pid;

    /// <summary>When it was created, as Go writes RFC 3339 with as many digits as the fraction needs.</summary>
    public string Created => State.Created.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);

    /// <summary>Reads the report of an open container.</summary>
    public static ContainerReport Of(Container container) => new(container.State, container.Status());

    /// <summary>One object, indented by two spaces, as <c>state</c> prints it.</summary>
    public byte[] ToStateJson() => ToJson(indented: true, writer => Write(writer, ""));

    /// <summary>One array on one line, as <c>list --format json</c> prints it.</summary>
    public static byte[] ToListJson(IReadOnlyList<ContainerReport> reports) => ToJson(indented: false, writer =>
    {
        writer.WriteStartArray();
        foreach (ContainerReport report in reports)
            report.Write(writer, UserNames.NameOf(report.State.OwnerUid));
        writer.WriteEndArray();
    });

    /// <summary>The table of <c>list</c>: columns at least 12 wide, three spaces between them.</summary>
    public static string ToTable(IReadOnlyList<ContainerReport> reports)
    {
        var rows = new List<string[]> { s_headings };
        foreach (ContainerReport report in reports)
        {
            ContainerState state = report.State;
            rows.Add([state.Id.Text, report.Pid.ToString(CultureInfo.InvariantCulture), report.Status.ToText(), state.Bundle, report.Created, UserNames.NameOf(state.OwnerUid)]);
        }

        return TextTable.Format(rows, leastWidth: 12, gap: 3);
    }

    internal static byte[] ToJson(bool indented, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        var options = new JsonWriterOptions { Indented = indented, IndentSize = 2, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (var writer = new Utf8JsonWriter(buffer, options))
            write(writer);
        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    private void Write(Utf8JsonWriter writer, string owner)
    {
        writer.WriteStartObject();
        writer.WriteString("ociVersion"u8, State.OciVersion.Length > 0 ? State.OciVersion : OciVersion);
        writer.WriteString("id"u8, State.Id.Text);
        writer.WriteNumber("pid"u8, Pid);
        writer.WriteString("status"u8, Status.ToText());
        writer.WriteString("bundle"u8, State.Bundle);
        writer.WriteString("rootfs"u8, State.RootFs);
        writer.WriteString("created"u8, Created);
        if (State.Annotations.Count > 0)
        {
            writer.WriteStartObject("annotations"u8);
            foreach ((string key, string value) in State.Annotations)
                writer.WriteString(key, value);
            writer.WriteEndObject();
        }

        writer.WriteString("owner"u8, owner);
        writer.WriteEndObject();
    }
}
