using Sampan.Tests.Integration.Leaks;

namespace Sampan.Tests.Integration.Bundles;

/// <summary>Mount options that no image engine uses every day: id maps, recursive attributes, the copy of what a tmpfs covers.</summary>
public sealed class MountOptionTests : IDisposable
{
    private const int FirstId = 300_000;
    private readonly TestBundle _bundle = new();
    private readonly string _source;

    public MountOptionTests()
    {
        _source = Path.Combine(_bundle.Place, "source");
        Directory.CreateDirectory(Path.Combine(_source, "sub"));
        File.WriteAllText(Path.Combine(_source, "file"), "content\n");
        _ = TestBundle.Must("/bin/chown", "1000:1001", Path.Combine(_source, "file"));
    }

    public void Dispose() => _bundle.Dispose();

    [Fact]
    public void IdMapOfAMountsOwn()
    {
        AddBind("""["bind"]""", """, "uidMappings":[{"containerID":1000,"hostID":2000,"size":1},{"containerID":0,"hostID":0,"size":1}],"gidMappings":[{"containerID":1001,"hostID":2001,"size":1},{"containerID":0,"hostID":0,"size":1}]""");
        Assert.Equal("2000:2001 0:0", _bundle.MustRun("cd /mnt; touch made; echo $(stat -c %u:%g file) $(stat -c %u:%g made)"));
        Assert.Equal("1000:1001", TestBundle.Must("/usr/bin/stat", "-c", "%u:%g", Path.Combine(_source, "file")));
        Assert.Equal("0:0", TestBundle.Must("/usr/bin/stat", "-c", "%u:%g", Path.Combine(_source, "made")));
    }

    [Fact]
    public void IdMapOfTheContainer()
    {
        _bundle.AddUserNamespace(FirstId);
        AddBind("""["bind","idmap"]""");
        Assert.Equal("1000:1001 0:0", _bundle.MustRun("cd /mnt; stat -c %u:%g file; stat -c %u:%g .").Replace('\n', ' '));
        Assert.Equal("", _bundle.MustRun("touch /mnt/made"));
        Assert.Equal("0:0", TestBundle.Must("/usr/bin/stat", "-c", "%u:%g", Path.Combine(_source, "made")));
    }

    [Fact]
    public void IdMapWithoutAnyMapIsRefused()
    {
        AddBind("""["bind","idmap"]""");
        (int status, _, string error) = _bundle.Run("true");
        Assert.Equal(1, status);
        Assert.Contains("must not have idmap without uidMappings", error, StringComparison.Ordinal);
    }

    [Fact]
    public void FileSystemThatCannotBeMappedIsNamed()
    {
        _bundle.AddUserNamespace(FirstId);
        _bundle.AddMount("""{"destination":"/mnt","type":"bind","source":"/proc","options":["bind","idmap"]}""");
        (int status, _, string error) = _bundle.Run("true");
        Assert.Equal(1, status);
        Assert.Contains("cannot be idmapped for the mount at /mnt", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ro", "top: refused, sub: written")]
    [InlineData("rro", "top: refused, sub: refused")]
    public void ReadOnlyReachesMountsBelowOnlyWhenRecursive(string option, string expected)
    {
        AddBind($$"""["rbind","{{option}}"]""");
        Assert.Equal(expected, RunWithMountBelow("cd /mnt; t=refused s=refused; touch t 2>/dev/null && t=written; touch sub/s 2>/dev/null && s=written; echo top: $t, sub: $s"));
    }

    [Fact]
    public void RecursiveAttributesReachMountsBelow()
    {
        AddBind("""["rbind","rnosuid","rnodev","rnoexec","rnoatime"]""");
        string[] lines = RunWithMountBelow("grep ' /mnt' /proc/self/mountinfo").Split('\n');
        Assert.Equal(2, lines.Length);
        Assert.All(lines, line => Assert.All((string[])["nosuid", "nodev", "noexec", "noatime"], word => Assert.Contains(word, line, StringComparison.Ordinal)));
    }

    [Fact]
    public void TmpfsBeginsWithWhatItCovers()
    {
        string etc = _bundle.RootFs("etc");
        Directory.CreateDirectory(Path.Combine(etc, "deep/er"));
        File.WriteAllText(Path.Combine(etc, "deep/er/file"), "copied\n");
        File.SetUnixFileMode(Path.Combine(etc, "deep/er/file"), UnixFileMode.UserRead | UnixFileMode.SetUser);
        File.CreateSymbolicLink(Path.Combine(etc, "link"), "/no/where");
        _ = TestBundle.Must("/bin/chown", "7:8", Path.Combine(etc, "deep"));
        _ = TestBundle.Must("/bin/chmod", "1770", etc);
        _bundle.AddMount("""{"destination":"/etc","type":"tmpfs","source":"tmpfs","options":["tmpcopyup","size=1m"]}""");
        string shown = _bundle.MustRun("cd /etc; cat deep/er/file; stat -c %a deep/er/file; stat -c %u:%g deep; readlink link; stat -c %a .; stat -f -c %T .; echo changed >new");
        Assert.Equal("copied\n4400\n7:8\n/no/where\n1770\ntmpfs", shown);
        Assert.False(File.Exists(Path.Combine(etc, "new")));
    }

    private void AddBind(string options, string more = "") =>
        _bundle.AddMount($$"""{"destination":"/mnt","type":"bind","source":"{{_source}}","options":{{options}}{{more}}}""");

    /// <summary>Runs a script where the source has a file system mounted below it, in a mount namespace that takes it away again.</summary>
    private string RunWithMountBelow(string script)
    {
        _bundle.Write("/bin/sh", "-c", script);
        (int status, string output, string error) = Executables.Run(
            "/usr/bin/unshare", ["-m", "/bin/sh", "-c", $"mount -t tmpfs sampan-below {_source}/sub && exec \"$@\"", "sh", Executables.Runtime, .. _bundle.RuntimeArguments("run", "--bundle", _bundle.Place, _bundle.NewId())]);
        Assert.True(status == 0, error);
        return output.TrimEnd('\n');
    }
}
