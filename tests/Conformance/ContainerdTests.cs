namespace Sampan.Tests.Conformance;

/// <summary>Containers under Debian's containerd: its runc shim calls the runtime under test.</summary>
/// <param name="engine">One containerd for all of them.</param>
public sealed class ContainerdTests(ContainerdEngine engine) : IClassFixture<ContainerdEngine>
{
    [Fact]
    public void Output_and_exit_code_come_back()
    {
        CommandResult result = engine.RunContainer(["--rm"], engine.NewName(), "sh", "-c", "echo out; echo err >&2; exit 7").Expect(7);

        Assert.Equal("out\n", result.Output);
        Assert.Contains("err\n", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_program_is_told_by_name() =>
        Assert.Contains("/no/such/program", engine.RunContainer(["--rm"], engine.NewName(), "/no/such/program").Expect(1).Error, StringComparison.Ordinal);

    [Fact]
    public void A_detached_task_runs_takes_commands_and_is_killed()
    {
        string container = engine.RunDetached();

        Assert.Contains("RUNNING", engine.Do("task", "ls").Expect(0).Output, StringComparison.Ordinal);
        Assert.Equal("inside", engine.Exec(container, "echo", "inside").Expect(0).Text);
        _ = engine.Exec(container, "sh", "-c", "exit 42").Expect(42);
        _ = engine.Do("task", "kill", "--signal=SIGKILL", container).Expect(0);
        Engine.Eventually("it stopped", () => engine.Do("task", "ls").Output.Contains("STOPPED", StringComparison.Ordinal) || !IsRunning(container));

        engine.Remove(container);
    }

    [Fact]
    public void A_task_pauses_and_resumes()
    {
        string container = engine.RunDetached();

        _ = engine.Do("task", "pause", container).Expect(0);
        Assert.Contains("PAUSED", Line(container), StringComparison.Ordinal);
        _ = engine.Do("task", "resume", container).Expect(0);

        Assert.True(IsRunning(container));
        engine.Remove(container);
    }

    [Fact]
    public void The_shim_lists_the_processes_and_reads_the_figures()
    {
        string container = engine.RunDetached("--memory-limit=67108864");

        Assert.Equal(2, engine.Do("task", "ps", container).Expect(0).Text.Split('\n').Length);
        Assert.Contains("67108864", engine.Do("task", "metrics", container).Expect(0).Output, StringComparison.Ordinal);
        engine.Remove(container);
    }

    [Fact]
    public void A_limit_of_memory_kills_what_exceeds_it() =>
        engine.RunContainer(["--rm", "--memory-limit=16777216"], engine.NewName(), "tail", "-c", "100000000", "/dev/zero").Expect(137);

    [Fact]
    public void A_share_of_the_processor_is_set()
    {
        string name = engine.NewName();

        string path = engine.RunContainer(["--rm", "--cpus=0.5"], name, "cat", "/proc/self/cgroup").Expect(0).Output;

        Assert.Contains(name, path, StringComparison.Ordinal);
    }

    [Fact]
    public void Directory_environment_and_read_only_root_are_as_asked_for()
    {
        string[] options = ["--rm", "--cwd=/tmp", "--env=C=blue", "--read-only"];

        CommandResult result = engine.RunContainer(options, engine.NewName(), "sh", "-c", "echo $PWD $C; touch /tmp/a").Expect(1);

        Assert.Equal("/tmp blue", result.Text);
        Assert.Contains("Read-only file system", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mount_is_the_hosts_directory()
    {
        string directory = Directory.CreateDirectory(Path.Combine(engine.Ready().Directory, engine.NewName())).FullName;
        File.WriteAllText(Path.Combine(directory, "file"), "hello");

        CommandResult result = engine.RunContainer(["--rm", $"--mount=type=bind,src={directory},dst=/data,options=rbind:ro"], engine.NewName(), "cat", "/data/file");

        Assert.Equal("hello", result.Expect(0).Text);
    }

    [Fact]
    public void The_default_seccomp_profile_is_in_force() => Assert.Equal(
        "2", engine.RunContainer(["--rm", "--seccomp"], engine.NewName(), "awk", "/Seccomp:/{print $2}", "/proc/self/status").Expect(0).Text);

    [Fact]
    public void At_a_terminal_the_process_has_one()
    {
        EngineSandbox sandbox = engine.Ready();
        string run = $"/usr/bin/ctr --address {sandbox.Directory}/containerd.sock run --rm -t --runc-binary={RuntimeUnderTest.Path} {BusyboxImage.Name} {engine.NewName()}";

        CommandResult result = sandbox.Run("/usr/bin/script", ["-qec", $"stty rows 40 cols 100; {run} sh -c 'tty; for i in $(seq 100); do stty size 2>/dev/null | grep \"40 100\" && break; sleep 0.1; done'", "/dev/null"]);

        Assert.Contains("/dev/pts/0", result.Output, StringComparison.Ordinal);
        Assert.Contains("40 100", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Ten_containers_run_at_the_same_time()
    {
        ParallelOptions options = new() { MaxDegreeOfParallelism = 10, CancellationToken = TestContext.Current.CancellationToken };
        string[] said = new string[10];

        _ = Parallel.For(0, said.Length, options, number => said[number] = engine.RunContainer(["--rm"], engine.NewName(), "echo", $"number {number}").Expect(0).Text);

        Assert.Equal(Enumerable.Range(0, 10).Select(number => $"number {number}"), said);
    }

    [Fact]
    public void The_daemon_found_no_fault_with_the_runtime()
    {
        engine.Remove(engine.RunDetached());

        string[] complaints = [.. File.ReadLines(engine.Log).Where(IsComplaint)];
        Assert.True(complaints.Length == 0, string.Join('\n', complaints));
    }

    // "copy shim log" is a race of containerd with its own shim's end; the missing program is one that the tests ask for.
    private static bool IsComplaint(string line) =>
        line.Contains("level=error", StringComparison.Ordinal)
        && !line.Contains("no/such/program", StringComparison.Ordinal)
        && !line.Contains("copy shim log", StringComparison.Ordinal);

    private bool IsRunning(string container) => Line(container).Contains("RUNNING", StringComparison.Ordinal);

    private string Line(string container) =>
        engine.Do("task", "ls").Expect(0).Output.Split('\n').SingleOrDefault(line => line.StartsWith(container + " ", StringComparison.Ordinal), string.Empty);
}
