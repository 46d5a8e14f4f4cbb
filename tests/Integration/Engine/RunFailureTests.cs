namespace Sampan.Tests.Integration.Engine;

/// <summary>A <c>run</c> that fails: one sentence of ours, nothing left behind, and the same command works once its fault is mended.</summary>
public sealed class RunFailureTests : IDisposable
{
    private readonly SampanCommand _sampan = new();

    public void Dispose() => _sampan.Dispose();

    [Theory]
    [InlineData(127, "no-such-program")]
    [InlineData(126, "/etc/passwd")]
    public void A_container_that_could_not_be_started_is_taken_back(int expected, string program)
    {
        string idFile = Path.Combine(_sampan.Root, "id");
        Assert.Equal(expected, _sampan.Run("run", "--name", "again", "--cidfile", idFile, "busybox", program).ExitCode);
        Assert.Equal(expected, _sampan.Run("run", "-d", "--name", "again", "--cidfile", idFile, "busybox", program).ExitCode);
        Assert.False(File.Exists(idFile));
        Assert.Empty(_sampan.Must("ps", "-aq"));
        Assert.Empty(_sampan.Mounts());
        string id = _sampan.Must("run", "-d", "--name", "again", "--cidfile", idFile, "busybox", "true");
        Assert.Equal(id, File.ReadAllText(idFile));
    }

    [Fact]
    public void A_container_that_could_not_be_started_again_stays()
    {
        _sampan.Must("run", "--name", "kept", "busybox", "rm", "/bin/rm");
        CommandResult result = _sampan.Run("start", "-a", "kept");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("\"rm\" is not in the container", result.Error);
        Assert.Contains("kept", _sampan.Must("ps", "-a"));
    }

    [Theory]
    [InlineData("No such file or directory", "--env-file=/no/such")]
    [InlineData("Is a directory", "--env-file=/etc")]
    [InlineData("File too large", "--env-file=/dev/zero")]
    [InlineData("No such file or directory", "--security-opt=seccomp=/no/such")]
    [InlineData("Is a directory", "--security-opt=seccomp=/etc")]
    [InlineData("File too large", "--security-opt=seccomp=/dev/zero")]
    [InlineData("is not valid JSON", "--security-opt=seccomp=/etc/passwd")]
    [InlineData("No such file or directory", "--cidfile=/no/such/id")]
    [InlineData("exists", "--cidfile=/etc/passwd")]
    [InlineData("it is no OCI runtime", "--runtime=/bin/true")]
    public void A_file_that_cannot_be_used_is_told_with_its_cause(string cause, string option)
    {
        CommandResult result = _sampan.Run("run", option, "busybox", "true");
        Assert.Equal(125, result.ExitCode);
        Assert.Single(result.Error.Trim().Split('\n'));
        Assert.Contains(cause, result.Error);
        Assert.Empty(_sampan.Must("ps", "-aq"));
    }

    [Theory]
    [InlineData("{}", "defaultAction")]
    [InlineData("[]", "defaultAction")]
    [InlineData("{\"defaultAction\":5}", "defaultAction")]
    [InlineData("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[5]}", "malformed")]
    [InlineData("{\"defaultAction\":\"SCMP_ACT_NOPE\"}", "SCMP_ACT_NOPE")]
    public void A_seccomp_profile_that_is_none_is_told(string profile, string word)
    {
        string file = Path.Combine(_sampan.Root, "profile.json");
        File.WriteAllText(file, profile);
        CommandResult result = _sampan.Run("run", "--security-opt", $"seccomp={file}", "busybox", "true");
        Assert.Equal(125, result.ExitCode);
        Assert.Contains(word, result.Error);
        Assert.Empty(_sampan.Must("ps", "-aq"));
    }

    [Fact]
    public void A_root_that_cannot_be_made_is_told_with_the_way_out()
    {
        CommandResult result = _sampan.Run("--root", "/proc/none", "run", "busybox", "true");
        Assert.Equal(125, result.ExitCode);
        Assert.Contains("choose another with --root", result.Error);
    }
}
