using Sampan.Tests.Integration.Engine;
using Sampan.Tests.Integration.Leaks;

namespace Sampan.Tests.Integration.Faults;

/// <summary>What <c>sampan run</c> and <c>exec</c> cannot execute, or not as asked, ends in a shell's exit status for it and one sentence.</summary>
[Collection(nameof(CommandCycles))]
public sealed class ProgramErrors : IDisposable
{
    private const string Prepare = "echo x >/plain; printf '\\001\\002' >/noprogram; printf '#!/nowhere\\n' >/nointerpreter; chmod 755 /noprogram /nointerpreter; exec sleep 1000";

    private readonly SampanCommand _sampan = new();

    public void Dispose() => _sampan.Dispose();

    [Theory]
    [InlineData("/nowhere", 127)]
    [InlineData("nowhere", 127)]
    [InlineData("./nowhere", 127)]
    [InlineData("/plain", 126)]
    [InlineData("/tmp", 126)]
    // execve(2) itself fails, after everything else has succeeded.
    [InlineData("/noprogram", 126)]
    [InlineData("/nointerpreter", 127)]
    public void A_program_that_cannot_be_executed(string program, int exitCode)
    {
        _ = _sampan.Must("run", "-d", "--name", "c", "busybox", "sh", "-c", Prepare);
        SampanCommand.Eventually(() => _sampan.Run("exec", "c", "test", "-x", "/nointerpreter").ExitCode == 0, "the files are made");
        foreach (string[] options in (string[][])[[], ["-d"], ["-i"], ["-u", "1000"], ["-w", "/tmp"]])
        {
            CommandResult result = _sampan.Run(["exec", .. options, "c", program]);
            Assert.True(result.ExitCode == exitCode, $"exec {string.Join(' ', options)} {program}: {result.ExitCode} {result.Error}");
            Assert.Equal("", result.Output);
            if (options is not ["-d"])
                Assert.Contains(Path.GetFileName(program), Assert.Single(result.Error.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);
        }
        // The container has taken no harm.
        Assert.Equal("well", _sampan.Must("exec", "c", "echo", "well"));
    }

    [Theory]
    [InlineData("/nowhere", 127)]
    [InlineData("nowhere", 127)]
    [InlineData("/etc/passwd", 126)]
    [InlineData("/tmp", 126)]
    public void A_container_that_cannot_be_started(string program, int exitCode)
    {
        CommandResult result = _sampan.Run("run", "--rm", "busybox", program);
        Assert.Equal(exitCode, result.ExitCode);
        Assert.Matches($"^sampan: the program \"{program}\" is (not )?in the container", Assert.Single(result.Error.TrimEnd('\n').Split('\n')));
        Assert.Empty(_sampan.Must("ps", "-aq"));
        Assert.Equal(125, _sampan.Run("run", "--rm", "--name", "-bad", "busybox", "true").ExitCode);
    }

    [Theory]
    [InlineData("nosuch", "unable to find user nosuch: no matching entries in passwd file")]
    [InlineData("0:nosuch", "nosuch")]
    [InlineData("2147483648", "the user id 2147483648 is out of range")]
    [InlineData("4294967296", "the user id 4294967296 is out of range")]
    [InlineData("-1", "-1")]
    [InlineData("0:2147483648", "2147483648 is out of range")]
    public void A_user_that_is_none(string user, string sentence)
    {
        CommandResult run = _sampan.Run("run", "--rm", $"--user={user}", "busybox", "id");
        Assert.Equal((125, ""), (run.ExitCode, run.Output));
        Assert.Contains(sentence, run.Error, StringComparison.Ordinal);
        _ = _sampan.Must("run", "-d", "--name", "c", "busybox", "sleep", "1000");
        CommandResult exec = _sampan.Run("exec", $"--user={user}", "c", "id");
        Assert.Equal((125, ""), (exec.ExitCode, exec.Output));
        Assert.Contains(sentence, exec.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_working_directory_that_is_not_there()
    {
        _ = _sampan.Must("run", "-d", "--name", "c", "busybox", "sleep", "1000");
        foreach (string directory in (string[])["/nowhere", "/etc/passwd"])
        {
            CommandResult result = _sampan.Run("exec", "-w", directory, "c", "pwd");
            Assert.Equal((125, ""), (result.ExitCode, result.Output));
            Assert.StartsWith($"sampan: the working directory \"{directory}\" is not in the container: ", result.Error);
        }
    }
}
