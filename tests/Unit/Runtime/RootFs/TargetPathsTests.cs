using Sampan.Kernel;
using Sampan.Runtime;
using Sampan.Runtime.RootFs;

namespace Sampan.Tests.Unit.Runtime.RootFs;

public sealed class TargetPathsTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("sampan-target").FullName;
    private readonly FileDescriptor _root;

    public TargetPathsTests()
    {
        Directory.CreateDirectory(Path.Combine(_directory, "run"));
        Directory.CreateDirectory(Path.Combine(_directory, "etc"));
        File.CreateSymbolicLink(Path.Combine(_directory, "etc", "resolv.conf"), "../run/systemd/resolve/stub-resolv.conf");
        File.CreateSymbolicLink(Path.Combine(_directory, "out"), "/../../etc");
        File.CreateSymbolicLink(Path.Combine(_directory, "absolute"), "/run");
        File.CreateSymbolicLink(Path.Combine(_directory, "self"), "self");
        _root = Syscalls.Open(_directory, OpenFlags.Path | OpenFlags.Directory);
    }

    [Theory]
    [InlineData("/proc", "proc")]
    [InlineData("/", "")]
    [InlineData("/etc/./x/../y", "etc/y")]
    [InlineData("/../../etc", "etc")]
    [InlineData("/etc/resolv.conf", "run/systemd/resolve/stub-resolv.conf")]
    [InlineData("/absolute/a/b", "run/a/b")]
    [InlineData("/out/passwd", "etc/passwd")]
    [InlineData("relative/path", "relative/path")]
    public void LinksAreResolvedInsideOfTheRoot(string path, string expected) => Assert.Equal(expected, new TargetPaths(_root).Resolve(path));

    [Fact]
    public void ALoopOfLinksIsRefusedInOneSentence()
    {
        RuntimeException failure = Assert.Throws<RuntimeException>(() => new TargetPaths(_root).Resolve("/self/x"));
        Assert.Contains("/self/x", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LinksOfTheImageBelowAMountMeanNothing()
    {
        var paths = new TargetPaths(_root);
        paths.Cover("etc");

        Assert.Equal("etc/resolv.conf", paths.Resolve("/etc/resolv.conf"));
        Assert.Equal("run/x", paths.Resolve("/etc/../absolute/x"));
    }

    public void Dispose()
    {
        _root.Dispose();
        Directory.Delete(_directory, recursive: true);
    }
}
