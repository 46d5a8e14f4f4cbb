using System.Diagnostics;

namespace Sampan.Tests.Integration.Engine;

public sealed class LifeTests : IDisposable
{
    private readonly SampanCommand _sampan = new();

    public void Dispose() => _sampan.Dispose();

    [Fact]
    public void A_detached_container_is_listed_logged_stopped_and_removed()
    {
        string id = _sampan.Must("run", "-d", "--name", "d", "busybox", "sh", "-c", "echo begin; trap 'echo end; exit 3' TERM; while :; do sleep 0.05; done");
        Assert.Equal(64, id.Length);
        Assert.Contains(id[..12], _sampan.Must("ps"));
        SampanCommand.Eventually(() => _sampan.Must("logs", "d") == "begin", "the log has its first line");
        Assert.Equal("d", _sampan.Must("stop", "d"));
        Assert.Equal("3", _sampan.Inspect("d", "ExitCode"));
        Assert.Equal("begin\nend", _sampan.Must("logs", "d"));
        Assert.Equal("end", _sampan.Must("logs", "--tail", "1", "d"));
        Assert.Empty(_sampan.Must("ps", "-q"));
        Assert.Equal(id[..12], _sampan.Must("ps", "-aq"));
        Assert.Equal("d", _sampan.Must("rm", "d"));
        Assert.Empty(_sampan.Must("ps", "-aq"));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_sampan.Root, "names")));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_sampan.Root, "run/containers")));
    }

    [Fact]
    public void A_container_that_ignores_the_signal_is_killed_when_the_time_is_over()
    {
        _sampan.Must("run", "-d", "--name", "stubborn", "busybox", "sleep", "100");
        _sampan.Must("stop", "-t", "1", "stubborn");
        Assert.Equal("137", _sampan.Inspect("stubborn", "ExitCode"));
    }

    [Fact]
    public void Signals_reach_the_process()
    {
        _sampan.Must("run", "-d", "--name", "k", "busybox", "sh", "-c", "trap 'exit 9' USR1; echo ready; while :; do sleep 0.05; done");
        SampanCommand.Eventually(() => _sampan.Must("logs", "k") == "ready", "the trap is set");
        _sampan.Must("kill", "-s", "USR1", "k");
        Assert.Equal("9", _sampan.Must("wait", "k"));
        CommandResult again = _sampan.Run("kill", "k");
        Assert.Equal(1, again.ExitCode);
        Assert.Contains("does not run", again.Error);
    }

    [Fact]
    public void A_killed_container_has_ended_when_the_command_returns()
    {
        for (int i = 0; i < 5; i++)
        {
            _sampan.Must("run", "-d", "--name", "k", "busybox", "sleep", "100");
            _sampan.Must("kill", "k");
            Assert.Equal("exited", _sampan.Inspect("k", "Status"));
            _sampan.Must("rm", "k");
        }
    }

    [Fact]
    public void A_running_container_is_removed_only_by_force()
    {
        _sampan.Must("run", "-d", "--name", "r", "busybox", "sleep", "100");
        Assert.Equal(1, _sampan.Run("rm", "r").ExitCode);
        _sampan.Must("rm", "-f", "r");
        Assert.Empty(_sampan.Must("ps", "-aq"));
        Assert.Equal(0, _sampan.Run("rm", "-f", "r").ExitCode);
        Assert.Equal(1, _sampan.Run("rm", "r").ExitCode);
    }

    [Fact]
    public void An_ended_container_starts_again_with_its_files()
    {
        _sampan.Must("run", "--name", "s", "busybox", "sh", "-c", "echo x >> /count; wc -l < /count");
        Assert.Equal("2", _sampan.Must("start", "-a", "s"));
        Assert.Equal("s", _sampan.Must("start", "s"));
        _sampan.Must("wait", "s");
        Assert.Equal("1\n2\n3", _sampan.Must("logs", "s"));
    }

    [Fact]
    public void Exec_runs_in_the_container_and_gives_its_code()
    {
        _sampan.Must("run", "-d", "--name", "e", "-e", "A=1", "busybox", "sleep", "100");
        Assert.Equal("1 2 /tmp", _sampan.Must("exec", "-e", "B=2", "-w", "/tmp", "e", "sh", "-c", "echo $A $B $(pwd)"));
        Assert.Equal("65534", _sampan.Must("exec", "-u", "nobody", "e", "id", "-u"));
        Assert.Equal(5, _sampan.Run("exec", "e", "sh", "-c", "exit 5").ExitCode);
        Assert.Equal("in", _sampan.RunWithInput("in", "exec", "-i", "e", "cat").Output);
        Assert.Equal(127, _sampan.Run("exec", "e", "no-such-program").ExitCode);
        Assert.Equal(126, _sampan.Run("exec", "e", "/etc/passwd").ExitCode);
        _sampan.Must("exec", "-d", "e", "touch", "/made");
        SampanCommand.Eventually(() => _sampan.Run("exec", "e", "test", "-e", "/made").ExitCode == 0, "the detached process has run");
    }

    [Fact]
    public void A_beginning_of_the_id_is_enough_and_must_be_of_one_only()
    {
        string id = _sampan.Must("run", "-d", "busybox", "sleep", "100");
        Assert.Equal(id, _sampan.Inspect(id[..4], "Id"));
        CommandResult unknown = _sampan.Run("inspect", "no-such");
        Assert.Equal((1, "[]"), (unknown.ExitCode, unknown.Trimmed));
    }

    [Fact]
    public void Killing_sampan_leaves_the_container_running()
    {
        using Process process = _sampan.Start("run", "--name", "left", "busybox", "sh", "-c", "echo up; sleep 100");
        Assert.Equal("up", process.StandardOutput.ReadLine());
        process.Kill();
        process.WaitForExit();
        Assert.Contains("left", _sampan.Must("ps"));
        _sampan.Must("stop", "-t", "0", "left");
        Assert.Equal("137", _sampan.Inspect("left", "ExitCode"));
    }

    [Theory]
    [InlineData("stdout", "")]
    [InlineData("stderr", " >&2")]
    public void A_reader_that_goes_ends_the_command_and_not_the_container(string stream, string redirection)
    {
        using Process process = _sampan.Start("run", "--name", "printer", "busybox", "sh", "-c", $"i=0; while [ $i -lt 200 ]; do echo $i{redirection}; i=$((i+1)); sleep 0.02; done; exit 3");
        StreamReader gone = stream == "stdout" ? process.StandardOutput : process.StandardError;
        Assert.Equal("0", gone.ReadLine());
        gone.Dispose();
        Assert.True(process.WaitForExit(10_000));
        Assert.Equal(141, process.ExitCode);
        if (stream == "stdout")
            Assert.Contains("the container printer is not stopped by that", process.StandardError.ReadToEnd());
        Assert.Equal("3", _sampan.Must("wait", "printer"));
        Assert.Equal(200, Lines(_sampan.Run("logs", "printer")));
    }

    [Fact]
    public void A_reader_that_goes_does_not_keep_a_container_that_is_to_be_removed()
    {
        using (Process process = _sampan.Start("run", "--rm", "busybox", "sh", "-c", "i=0; while [ $i -lt 20000 ]; do echo $i; i=$((i+1)); done"))
        {
            Assert.Equal("0", process.StandardOutput.ReadLine());
            process.StandardOutput.Dispose();
            Assert.True(process.WaitForExit(10_000));
        }
        SampanCommand.Eventually(() => _sampan.Must("ps", "-aq").Length == 0, "it has ended and is removed");
    }

    [Fact]
    public void A_killed_monitor_is_seen_told_and_cleaned_up()
    {
        string id = _sampan.Must("run", "-d", "--name", "lost", "busybox", "sleep", "100");
        int monitor = _sampan.MonitorOf(id);
        using (Process process = Process.GetProcessById(monitor))
        {
            process.Kill();
            SampanCommand.Eventually(() => !File.Exists($"/proc/{monitor}/cmdline") || File.ReadAllText($"/proc/{monitor}/cmdline").Length == 0, "the monitor is gone");
        }
        Assert.Contains("monitor lost", _sampan.Must("ps"));
        Assert.Equal("true", _sampan.Inspect("lost", "MonitorLost"));
        Assert.Equal(1, _sampan.Run("start", "lost").ExitCode);
        _sampan.Must("rm", "-f", "lost");
        Assert.Empty(_sampan.Must("ps", "-aq"));
        Assert.Empty(_sampan.Mounts());
        Assert.DoesNotContain(Directory.GetDirectories("/proc"), directory => IsIn(directory, id));
    }

    [Fact]
    public void The_monitor_hands_itself_over_and_keeps_everything()
    {
        string id = _sampan.Must("run", "-d", "-i", "--name", "long", "busybox", "sh", "-c", "printf partial; sleep 1.5; echo ' line'; exit 6");
        SampanCommand.Eventually(() => File.ReadAllText($"/proc/{_sampan.MonitorOf(id)}/cmdline").Contains("monitor-watch", StringComparison.Ordinal), "the monitor is in its slim stage");
        Assert.Equal("6", _sampan.Must("wait", "long"));
        Assert.Equal("partial line", _sampan.Must("logs", "long"));
    }

    [Fact]
    public void Following_the_log_ends_with_the_container()
    {
        _sampan.Must("run", "-d", "--name", "f", "busybox", "sh", "-c", "for i in 1 2 3 4 5; do echo $i; sleep 0.1; done; echo err >&2");
        CommandResult followed = _sampan.Run("logs", "-f", "f");
        Assert.Equal(("1\n2\n3\n4\n5\n", "err\n"), (followed.Output, followed.Error));
    }

    [Fact]
    public void A_client_that_does_not_read_blocks_nobody()
    {
        using Process process = _sampan.Start("run", "--name", "slow", "busybox", "sh", "-c", "yes 0123456789012345678901234567890123456789");
        Assert.NotNull(process.StandardOutput.ReadLine());
        var clock = Stopwatch.StartNew();
        _sampan.Must("rm", "-f", "slow");
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(15), $"rm -f took {clock.Elapsed}");
        process.Kill();
        process.WaitForExit();
    }

    private static bool IsIn(string directory, string id)
    {
        try
        {
            // A process that has ended and that init has not reaped yet has no command line.
            return File.Exists(Path.Combine(directory, "cmdline")) && File.ReadAllText(Path.Combine(directory, "cmdline")).Length > 0 && File.ReadAllText(Path.Combine(directory, "cgroup")).Contains(id, StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static int Lines(CommandResult result) => (result.Output + result.Error).Count(static c => c == '\n');
}
