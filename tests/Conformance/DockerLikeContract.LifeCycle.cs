namespace Sampan.Tests.Conformance;

/// <summary>This part: containers that live on.</summary>
public abstract partial class DockerLikeContract
{
    [Fact]
    public void A_detached_container_runs_takes_commands_logs_stops_and_goes()
    {
        string container = engine.RunDetached(Image, "sh", "-c", "trap 'echo bye; exit 9' TERM; echo started; while :; do sleep 0.1; done");
        Engine.Eventually("the first line is in the log", () => engine.Do("logs", container).Expect(0).Output == "started\n");

        Assert.Equal("inside", engine.Do("exec", container, "echo", "inside").Expect(0).Text);
        _ = engine.Do("stop", "--time=10", container).Expect(0);

        Assert.Equal("exited 9", engine.Inspect(container, "{{.State.Status}} {{.State.ExitCode}}"));
        Assert.Equal("started\nbye\n", engine.Do("logs", container).Expect(0).Output);
        _ = engine.Do("rm", container).Expect(0);
        Assert.NotEqual(0, engine.Do("inspect", container).ExitCode);
    }

    [Fact]
    public void Exec_has_its_own_exit_code_user_directory_environment_input_and_terminal()
    {
        string container = engine.RunDetached(Image, "sleep", "1000");

        _ = engine.Do("exec", container, "sh", "-c", "exit 42").Expect(42);
        Assert.Equal("1000 /tmp blue", engine.Do("exec", "--user=1000", "--workdir=/tmp", "--env=C=blue", container, "sh", "-c", "echo $(id -u) $PWD $C").Expect(0).Text);
        Assert.Equal("2", engine.DoWithInput("x\ny\n", "exec", "-i", container, "wc", "-l").Expect(0).Text);
        Assert.Contains("/dev/pts/", engine.Do("exec", "-t", container, "tty").Expect(0).Output, StringComparison.Ordinal);
        engine.Remove(container);
    }

    [Fact]
    public void Exec_of_a_missing_program_fails_and_the_container_lives_on()
    {
        string container = engine.RunDetached(Image, "sleep", "1000");

        Assert.InRange(engine.Do("exec", container, "/no/such/program").ExitCode, 126, 127);

        _ = engine.Do("exec", container, "true").Expect(0);
        engine.Remove(container);
    }

    [Fact]
    public void Exec_in_a_loop_as_a_health_check_does_leaves_no_process_behind()
    {
        string container = engine.RunDetached(Image, "sleep", "1000");

        for (int turn = 0; turn < 15; turn++)
        {
            _ = engine.Do("exec", container, "true").Expect(0);
        }

        // The first process and the ps itself.
        Assert.Equal(3, engine.Do("exec", container, "ps", "-o", "pid").Expect(0).Text.Split('\n').Length);
        engine.Remove(container);
    }

    [Fact]
    public void A_paused_container_stands_still_until_it_is_unpaused()
    {
        string container = engine.RunDetached(Image, "sh", "-c", "while :; do echo tick; sleep 0.05; done");
        Engine.Eventually("it ticks", () => engine.Do("logs", container).Output.Length > 0);

        _ = engine.Do("pause", container).Expect(0);
        Assert.Equal("paused", engine.Inspect(container, "{{.State.Status}}"));
        int before = engine.Do("logs", container).Expect(0).Output.Length;
        Assert.NotEqual(0, engine.Do("exec", container, "true").ExitCode);
        int after = engine.Do("logs", container).Expect(0).Output.Length;
        _ = engine.Do("unpause", container).Expect(0);

        Assert.Equal(before, after);
        Engine.Eventually("it ticks again", () => engine.Do("logs", container).Output.Length > after);
        engine.Remove(container);
    }

    [Fact]
    public void Kill_sends_the_signal_named()
    {
        string container = engine.RunDetached(Image, "sh", "-c", "trap 'echo usr1' USR1; echo ready; while :; do sleep 0.1; done");
        Engine.Eventually("the trap is set", () => engine.Do("logs", container).Output == "ready\n");

        _ = engine.Do("kill", "--signal=USR1", container).Expect(0);
        Engine.Eventually("the signal arrived", () => engine.Do("logs", container).Output == "ready\nusr1\n");
        _ = engine.Do("kill", container).Expect(0);

        Assert.Equal("137", engine.Do("wait", container).Expect(0).Text);
        engine.Remove(container);
    }

    [Fact]
    public void A_container_that_ignores_the_stop_signal_is_killed_when_its_time_is_over()
    {
        string container = engine.RunDetached(Image, "sleep", "1000");

        _ = engine.Do("stop", "--time=1", container).Expect(0);

        Assert.Equal("exited 137", engine.Inspect(container, "{{.State.Status}} {{.State.ExitCode}}"));
        engine.Remove(container);
    }

    [Fact]
    public void A_stopped_container_starts_again_with_its_files()
    {
        string container = engine.RunDetached(Image, "sh", "-c", "echo life >> /tmp/lives; wc -l < /tmp/lives; exec sleep 1000");
        Engine.Eventually("first life", () => engine.Do("logs", container).Output == "1\n");

        _ = engine.Do("restart", "--time=0", container).Expect(0);

        Engine.Eventually("second life", () => engine.Do("logs", container).Output == "1\n2\n");
        Assert.Equal("running", engine.Inspect(container, "{{.State.Status}}"));
        engine.Remove(container);
    }

    [Fact]
    public void A_restart_policy_is_obeyed()
    {
        string container = engine.RunDetached("--restart=on-failure:2", Image, "sh", "-c", "echo try; exit 3");

        Engine.Eventually("three tries", () => engine.Do("logs", container).Output == "try\ntry\ntry\n");
        Engine.Eventually("it gave up", () => engine.Inspect(container, "{{.State.Status}} {{.State.ExitCode}}") == "exited 3");
        engine.Remove(container);
    }

    [Fact]
    public void A_created_container_starts_later_and_may_be_removed_before()
    {
        string first = engine.NewName(), second = engine.NewName();
        foreach (string name in (string[])[first, second])
        {
            _ = engine.Do("create", "--network=none", "--name", name, Image, "echo", "hello").Expect(0);
        }

        Assert.Equal("hello", engine.Do("start", "--attach", first).Expect(0).Text);
        engine.Remove(first);
        engine.Remove(second);
    }

    [Fact]
    public void Removal_by_force_ends_a_running_container_with_children_of_its_own()
    {
        string container = engine.RunDetached(Image, "sh", "-c", "for i in 1 2 3; do sh -c 'trap : TERM; sleep 1000' & done; wait");

        engine.Remove(container);

        Assert.NotEqual(0, engine.Do("inspect", container).ExitCode);
    }

    [Fact]
    public void Twenty_containers_run_at_the_same_time()
    {
        ParallelOptions options = new() { MaxDegreeOfParallelism = 20, CancellationToken = TestContext.Current.CancellationToken };
        string[] said = new string[20];

        _ = Parallel.For(0, said.Length, options, number => said[number] = engine.RunContainer("--rm", Image, "echo", $"number {number}").Expect(0).Text);

        Assert.Equal(Enumerable.Range(0, 20).Select(number => $"number {number}"), said);
    }
}
