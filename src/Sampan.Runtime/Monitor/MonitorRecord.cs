using System.Buffers;
using System.Text.Json;
using Sampan.Kernel;

namespace Sampan.Runtime.Monitor;

/// <summary>
/// The state file of a container, <c>state.json</c>, which its monitor writes: when the container runs, and once more when it has ended. Readers see one
/// or the other.
/// </summary>
internal sealed class MonitorRecord
{
    private const int FormatVersion = 1;

    private const string Name = "state.json";

    public required string Status { get; set; }

    public int Pid { get; set; }

    public ulong StartTime { get; set; }

    public DateTimeOffset? Started { get; set; }

    public DateTimeOffset? Finished { get; set; }

    public int ExitCode { get; set; }

    public bool OomKilled { get; set; }

    public string? Error { get; set; }

    /// <summary>Writes it.</summary>
    /// <param name="directory">The container's directory.</param>
    /// <param name="durable">Whether it must survive a power cut: how a container ended must, that it runs need not.</param>
    public void Save(FileDescriptor directory, bool durable)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("formatVersion"u8, FormatVersion);
            json.WriteString("status"u8, Status);
            json.WriteNumber("pid"u8, Pid);
            json.WriteNumber("startTime"u8, StartTime);
            if (Started is { } started)
                json.WriteString("started"u8, started);
            if (Finished is { } finished)
                json.WriteString("finished"u8, finished);
            json.WriteNumber("exitCode"u8, ExitCode);
            json.WriteBoolean("oomKilled"u8, OomKilled);
            if (Error is not null)
                json.WriteString("error"u8, Error);
            json.WriteEndObject();
        }
        AtomicFile.Write(directory, Name, buffer.WrittenSpan, durable: durable);
    }
}
