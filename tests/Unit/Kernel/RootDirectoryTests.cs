using Sampan.Kernel;

namespace Sampan.Tests.Unit.Kernel;

/// <summary>What a root must hold, on the machine's own openat2(2) and on the walk that stands in for it on old kernels.</summary>
public abstract class RootDirectoryTests : IDisposable
{
    private readonly TestDirectory _directory = new();
    private readonly RootDirectory _root;

    protected RootDirectoryTests(bool assumeNoOpenAt2)
    {
        Directory.CreateDirectory(_directory["root/a/b"]);
        Directory.CreateDirectory(_directory["outside"]);
        File.WriteAllText(_directory["outside/secret"], "secret");
        File.WriteAllText(_directory["root/a/file"], "inside");
        _root = new RootDirectory(Syscalls.Open(_directory["root"], OpenFlags.Path | OpenFlags.Directory), assumeNoOpenAt2);
    }

    public void Dispose()
    {
        _root.Dispose();
        _directory.Dispose();
        GC.SuppressFinalize(this);
    }

    private void Link(string name, string target) => File.CreateSymbolicLink(_directory["root/" + name], target);

    private string Content(string path)
    {
        using FileDescriptor file = _root.OpenInRoot(path, OpenFlags.ReadOnly);
        Span<byte> bytes = stackalloc byte[64];
        return System.Text.Encoding.UTF8.GetString(bytes[..Syscalls.Read(file, bytes)]);
    }

    private Errno ErrorOf(string path, OpenFlags flags)
    {
        Errno error = _root.TryOpenInRoot(path, flags, 0x1a4, out FileDescriptor? file);
        file?.Dispose();
        return error;
    }

    [Theory]
    [InlineData("a/file")]
    [InlineData("/a/file")]
    [InlineData("//a/./b/../file")]
    [InlineData("../../a/file")]
    [InlineData("/../a/file")]
    [InlineData("a/b/../../../../a/file")]
    public void PathStaysInside(string path) => Assert.Equal("inside", Content(path));

    [Theory]
    [InlineData("/a/file")]
    [InlineData("a/file")]
    [InlineData("../../../a/file")]
    [InlineData("second")]
    public void LinkIsResolvedInside(string target)
    {
        Link("second", "/a/b/../file");
        Link("link", target);
        Assert.Equal("inside", Content("link"));
    }

    [Fact]
    public void LinksToTheOutsideDoNotReachIt()
    {
        Link("absolute", _directory["outside/secret"]);
        Link("relative", "../outside/secret");
        Link("folder", "../outside");
        Assert.Equal(Errno.ENOENT, ErrorOf("absolute", OpenFlags.ReadOnly));
        Assert.Equal(Errno.ENOENT, ErrorOf("relative", OpenFlags.ReadOnly));
        Assert.Equal(Errno.ENOENT, ErrorOf("folder/secret", OpenFlags.ReadOnly));
        Assert.Equal(Errno.ENOENT, ErrorOf("folder/new", OpenFlags.WriteOnly | OpenFlags.Create));
        Assert.Equal(["secret"], Directory.GetFileSystemEntries(_directory["outside"]).Select(Path.GetFileName));
    }

    [Fact]
    public void ErrorsAreThoseOfOpen()
    {
        Link("loop", "loop");
        Link("link", "a");
        Assert.Equal(Errno.ENOENT, ErrorOf("missing", OpenFlags.ReadOnly));
        Assert.Equal(Errno.ENOENT, ErrorOf("missing/below", OpenFlags.ReadOnly | OpenFlags.Path));
        Assert.Equal(Errno.ENOTDIR, ErrorOf("a/file/below", OpenFlags.ReadOnly));
        Assert.Equal(Errno.ENOTDIR, ErrorOf("a/file/", OpenFlags.ReadOnly));
        Assert.Equal(Errno.ENOTDIR, ErrorOf("a/file", OpenFlags.Path | OpenFlags.Directory));
        Assert.Equal(Errno.ELOOP, ErrorOf("loop", OpenFlags.ReadOnly));
        Assert.Equal(Errno.ELOOP, ErrorOf("link", OpenFlags.ReadOnly | OpenFlags.NoFollow));
        Assert.Equal(Errno.EISDIR, ErrorOf("a", OpenFlags.WriteOnly));
        Assert.Equal(Errno.EEXIST, ErrorOf("a/file", OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Exclusive));
        Assert.Equal(Errno.None, ErrorOf("", OpenFlags.Path));
        Assert.Equal(Errno.None, ErrorOf("/", OpenFlags.ReadOnly));
    }

    [Fact]
    public void LinkItselfIsOpenedWithNoFollow()
    {
        Link("link", "a");
        using FileDescriptor link = _root.OpenInRoot("link", OpenFlags.Path | OpenFlags.NoFollow);
        Assert.True(Syscalls.Stat(link).IsSymlink);
        using FileDescriptor target = _root.OpenInRoot("link/", OpenFlags.Path);
        Assert.True(Syscalls.Stat(target).IsDirectory);
    }

    [Fact]
    public void FileIsCreatedThroughADanglingLinkInside()
    {
        Link("dangling", "/a/new");
        using (_root.OpenInRoot("dangling", OpenFlags.WriteOnly | OpenFlags.Create, 0x180))
            Assert.Equal(0x180u, ModeOf("root/a/new"));
    }

    [Fact]
    public void ManyLinksAreFollowedAndTooManyAreNot()
    {
        Link("l0", "a/file");
        for (int i = 1; i <= 50; i++)
            Link($"l{i}", $"l{i - 1}");
        Assert.Equal("inside", Content("l39"));
        Assert.Equal(Errno.ELOOP, ErrorOf("l40", OpenFlags.ReadOnly));
    }

    [Fact]
    public void JumpingLinksOfProcAreRefused()
    {
        using RootDirectory host = new(Syscalls.Open("/", OpenFlags.Path), this is WalkingRootDirectoryTests);
        Assert.Equal(Errno.EXDEV, host.TryOpenInRoot("proc/self/cwd", OpenFlags.Path, 0, out _));
        Assert.Equal(Errno.EXDEV, host.TryOpenInRoot("proc/self/ns/net", OpenFlags.ReadOnly, 0, out _));
        Assert.Equal(Errno.None, host.TryOpenInRoot("proc/self/stat", OpenFlags.ReadOnly, 0, out FileDescriptor? file));
        file!.Dispose();
    }

    [Fact]
    public void DirectoriesAreMade()
    {
        using FileDescriptor made = _root.MakeDirectories("/x/y/./z/../w/", 0x1c0);
        Assert.True(Directory.Exists(_directory["root/x/y/w"]));
        Assert.Equal(Syscalls.Stat(made).Inode, InodeOf("root/x/y/w"));
        Assert.Equal(0x1c0u, ModeOf("root/x"));
        using FileDescriptor again = _root.MakeDirectories("x/y/w", 0x1c0);
        Assert.Equal(Syscalls.Stat(made).Inode, Syscalls.Stat(again).Inode);
        using FileDescriptor top = _root.MakeDirectories("/", 0x1c0);
        Assert.Equal(InodeOf("root"), Syscalls.Stat(top).Inode);
    }

    [Theory]
    [InlineData("/x/y")]
    [InlineData("../../x/y")]
    [InlineData("missing/../x/y")]
    public void DanglingLinkIsMadeAsThePathThatItNamesInside(string target)
    {
        Link("link", target);
        using FileDescriptor made = _root.MakeDirectories("link/below", 0x1ed);
        Assert.Equal(Syscalls.Stat(made).Inode, InodeOf("root/x/y/below"));
        Assert.False(Directory.Exists(_directory["x"]));
    }

    [Fact]
    public void DirectoriesAreNeverMadeOutside()
    {
        Link("absolute", _directory["outside/new"]);
        Link("relative", "../outside/new");
        _root.MakeDirectories("absolute/deep", 0x1ed).Dispose();
        _root.MakeDirectories("relative", 0x1ed).Dispose();
        Assert.False(Directory.Exists(_directory["outside/new"]));
        Assert.True(Directory.Exists(_directory["root/outside/new"]));
        Assert.True(Directory.Exists(_directory["root" + _directory["outside/new/deep"]]));
    }

    [Fact]
    public void FileInTheWayIsAnError()
    {
        Assert.Equal(Errno.ENOTDIR, Assert.Throws<KernelException>(() => _root.MakeDirectories("a/file", 0x1ed)).Errno);
        Assert.Equal(Errno.ENOTDIR, Assert.Throws<KernelException>(() => _root.MakeDirectories("a/file/below", 0x1ed)).Errno);
        Link("loop", "loop");
        Assert.Equal(Errno.ELOOP, Assert.Throws<KernelException>(() => _root.MakeDirectories("loop/x", 0x1ed)).Errno);
    }

    [Fact]
    public void MountTargetFileIsMadeOnceAndKept()
    {
        Link("dangling", "/deep/er/target");
        using FileDescriptor made = _root.CreateFile("dangling", 0x1a4);
        Assert.True(File.Exists(_directory["root/deep/er/target"]));
        Assert.True(Syscalls.Stat(made).IsRegular);
        using FileDescriptor kept = _root.CreateFile("a/file", 0x1a4);
        Assert.Equal("inside", File.ReadAllText(_directory["root/a/file"]));
        Assert.Equal(InodeOf("root/a/file"), Syscalls.Stat(kept).Inode);
        Assert.Equal(Errno.EISDIR, Assert.Throws<KernelException>(() => _root.CreateFile("a/b", 0x1a4)).Errno);
        Assert.Equal(Errno.ENOTDIR, Assert.Throws<KernelException>(() => _root.CreateFile("a/file/x", 0x1a4)).Errno);
    }

    [Fact]
    public void RemovalTakesTheTreeAndNotWhatLinksName()
    {
        Link("a/b/away", _directory["outside"]);
        _root.RemoveAll("a");
        _root.RemoveAll("a");
        _root.RemoveAll("missing/below");
        Assert.False(Directory.Exists(_directory["root/a"]));
        Assert.True(File.Exists(_directory["outside/secret"]));
        Link("link", _directory["outside"]);
        _root.RemoveAll("link");
        Assert.True(File.Exists(_directory["outside/secret"]));
        Assert.Equal(Errno.EINVAL, Assert.Throws<KernelException>(() => _root.RemoveAll("/")).Errno);
        Assert.Equal(Errno.EINVAL, Assert.Throws<KernelException>(() => _root.RemoveAll("x/..")).Errno);
    }

    [Fact]
    public void VeryDeepTreeIsRemoved()
    {
        FileDescriptor at = _root.MakeDirectories("deep", 0x1ed);
        for (int i = 0; i < 700; i++)
        {
            Syscalls.MkDirAt(at, "d", 0x1ed);
            FileDescriptor next = Syscalls.OpenAt(at, "d", OpenFlags.Path);
            at.Dispose();
            at = next;
        }

        at.Dispose();
        _root.RemoveAll("deep");
        Assert.Equal(["a"], Directory.GetFileSystemEntries(_directory["root"]).Select(Path.GetFileName));
    }

    [Fact]
    public void ExchangeOfADirectoryAndALinkNeverLeadsOutside()
    {
        // The attack of CVE-2024-45310: while directories are made, one is exchanged with a link to the outside and back.
        Directory.CreateDirectory(_directory["root/swap"]);
        Link("evil", "../../../../../../../../../.." + _directory["outside"]);
        using FileDescriptor parent = Syscalls.Open(_directory["root"], OpenFlags.Path);
        using var stop = new CancellationTokenSource();
        var attacker = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
                Syscalls.RenameAt(parent, "swap", parent, "evil", RenameFlags.Exchange);
        });
        attacker.Start();
        try
        {
            for (int i = 0; i < 400; i++)
            {
                _root.MakeDirectories($"swap/d{i}/e", 0x1ed).Dispose();
                _root.CreateFile($"swap/f{i}/g", 0x1a4).Dispose();
                _ = _root.TryOpenInRoot($"swap/h{i}", OpenFlags.WriteOnly | OpenFlags.Create, 0x1a4, out FileDescriptor? file);
                file?.Dispose();
                Assert.NotEqual(Errno.None, ErrorOf("swap/secret", OpenFlags.ReadOnly));
            }
        }
        finally
        {
            stop.Cancel();
            attacker.Join();
        }

        Assert.Equal(["secret"], Directory.GetFileSystemEntries(_directory["outside"]).Select(Path.GetFileName));
    }

    private uint ModeOf(string name) => Syscalls.StatAt(Syscalls.WorkingDirectory, _directory[name]).Mode & 0xfff;

    private ulong InodeOf(string name)
    {
        using FileDescriptor file = Syscalls.Open(_directory[name], OpenFlags.Path);
        return Syscalls.Stat(file).Inode;
    }
}

public sealed class OpenAt2RootDirectoryTests() : RootDirectoryTests(assumeNoOpenAt2: false);

public sealed class WalkingRootDirectoryTests() : RootDirectoryTests(assumeNoOpenAt2: true);
