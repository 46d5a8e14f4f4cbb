using Sampan.Kernel;

namespace Sampan.Tests.Unit.Kernel;

public sealed class AtomicFileTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void FileIsReplacedAndNothingElseIsLeft(bool durable)
    {
        using var directory = new TestDirectory();
        AtomicFile.Write(directory["state"], "old"u8, 0x180, durable);
        AtomicFile.Write(directory["state"], "new"u8, 0x1a4, durable);
        Assert.Equal("new", File.ReadAllText(directory["state"]));
        Assert.Equal(0x1a4u & ~ReadUmask(), Syscalls.StatAt(Syscalls.WorkingDirectory, directory["state"]).Mode & 0xfff);
        Assert.Single(Directory.GetFileSystemEntries(directory.Path));
    }

    [Fact]
    public void LinkAtThePlaceIsReplacedAndNotFollowed()
    {
        using var directory = new TestDirectory();
        File.WriteAllText(directory["target"], "untouched");
        File.CreateSymbolicLink(directory["state"], "target");
        AtomicFile.Write(directory["state"], "new"u8);
        Assert.Equal("untouched", File.ReadAllText(directory["target"]));
        Assert.Equal("new", File.ReadAllText(directory["state"]));
    }

    [Fact]
    public void FailureLeavesTheOldAndNoTemporaryFile()
    {
        using var directory = new TestDirectory();
        Directory.CreateDirectory(directory["state/full"]);
        Assert.Throws<KernelException>(() => AtomicFile.Write(directory["state"], "new"u8));
        Assert.True(Directory.Exists(directory["state/full"]));
        Assert.Equal(["state"], Directory.GetFileSystemEntries(directory.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void ReadersSeeOneContentOrTheOther()
    {
        using var directory = new TestDirectory();
        byte[][] contents = [new byte[5000], new byte[3000]];
        Array.Fill(contents[0], (byte)'a');
        Array.Fill(contents[1], (byte)'b');
        AtomicFile.Write(directory["state"], contents[0], durable: false);
        using var stop = new CancellationTokenSource();
        var writer = new Thread(() =>
        {
            for (int i = 0; !stop.IsCancellationRequested; i++)
                AtomicFile.Write(directory["state"], contents[i % 2], durable: false);
        });
        writer.Start();
        for (int i = 0; i < 500; i++)
        {
            byte[] seen = File.ReadAllBytes(directory["state"]);
            Assert.True(seen.SequenceEqual(contents[0]) || seen.SequenceEqual(contents[1]));
        }

        stop.Cancel();
        writer.Join();
    }

    [Theory]
    [InlineData(".sampan-0123.tmp", true)]
    [InlineData("state.json", false)]
    [InlineData(".sampan-x", false)]
    public void TemporaryNamesAreKnown(string name, bool temporary) => Assert.Equal(temporary, AtomicFile.IsTemporary(name));

    private static uint ReadUmask() =>
        Convert.ToUInt32(File.ReadLines("/proc/self/status").First(l => l.StartsWith("Umask:", StringComparison.Ordinal))[6..].Trim(), 8);
}
