using Sampan.Engine.Containers;
using Sampan.Kernel;
using Sampan.Runtime.Monitor;

namespace Sampan.Tests.Unit.Engine;

/// <summary>What the monitor writes is what the engine reads: byte for byte, whatever the bytes are.</summary>
public sealed class LogTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("sampan-unit").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private List<LogLine> RoundTrip(byte[] bytes, int chunk, long tail = -1)
    {
        string path = Path.Combine(_directory, "log.json");
        File.Delete(path);
        using (var writer = new LogWriter(Syscalls.Open(path, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Append, 0x180)))
        {
            for (int i = 0; i < bytes.Length; i += chunk)
                writer.Write(0, bytes.AsSpan(i, Math.Min(chunk, bytes.Length - i)));
            writer.Flush();
        }
        var container = new StoredContainer(new ContainerRecord { Id = "x", Name = "x", Image = "", Created = default, Command = ["x"], RootFs = "/", Runtime = "/x" }, _directory);
        using ContainerLog log = ContainerLog.Open(container, tail)!;
        var lines = new List<LogLine>();
        while (log.Next() is { } line)
            lines.Add(line);
        return lines;
    }

    [Fact]
    public void Every_byte_comes_back()
    {
        byte[] all = [.. Enumerable.Range(0, 256).Select(static one => (byte)one), .. "é𝄞\"\\\n\u2028"u8, 0xc3, (byte)'\n', 0xf0, 0x9f];
        Assert.Equal(all, RoundTrip(all, 7).SelectMany(static line => line.Bytes));
    }

    [Fact]
    public void A_character_cut_between_two_reads_stays_whole()
    {
        LogLine line = Assert.Single(RoundTrip("aé𝄞b\n"u8.ToArray(), 1));
        Assert.Equal("aé𝄞b\n"u8.ToArray(), line.Bytes);
        Assert.Contains("aé𝄞b", File.ReadAllText(Path.Combine(_directory, "log.json")));
    }

    [Fact]
    public void A_line_longer_than_the_buffer_comes_in_pieces()
    {
        byte[] bytes = new byte[100_000];
        bytes.AsSpan().Fill(1);
        List<LogLine> lines = RoundTrip(bytes, 30_000);
        Assert.Equal(bytes, lines.SelectMany(static line => line.Bytes));
        Assert.All(lines, static line => Assert.True(line.Bytes.Length <= 16 * 1024));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(3, 3)]
    [InlineData(5000, 1000)]
    public void The_last_lines_are_found_from_the_end(long tail, int expected)
    {
        byte[] bytes = [.. Enumerable.Range(0, 1000).SelectMany(static one => System.Text.Encoding.ASCII.GetBytes($"line {one} {new string('x', 200)}\n"))];
        List<LogLine> lines = RoundTrip(bytes, 1000, tail);
        Assert.Equal(expected, lines.Count);
        if (expected > 0)
            Assert.StartsWith("line 999 ", System.Text.Encoding.ASCII.GetString(lines[^1].Bytes), StringComparison.Ordinal);
    }
}
