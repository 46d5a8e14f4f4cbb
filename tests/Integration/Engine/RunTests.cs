namespace Sampan.Tests.Integration.Engine;

public sealed class RunTests : IDisposable
{
    private readonly SampanCommand _sampan = new();

    public void Dispose() => _sampan.Dispose();

    [Theory]
    [InlineData(0, "true")]
    [InlineData(7, "sh", "-c", "exit 7")]
    [InlineData(127, "no-such-program")]
    [InlineData(127, "/no/such/program")]
    [InlineData(126, "/etc/passwd")]
    [InlineData(126, "/etc")]
    [InlineData(143, "sh", "-c", "sh -c 'kill -TERM $$'; exit $?")]
    public void The_exit_code_is_the_programs_or_says_why_there_is_none(int expected, params string[] command)
    {
        CommandResult result = _sampan.Run(["run", "--rm", "busybox", .. command]);
        Assert.True(result.ExitCode == expected, result.Error);
        Assert.Empty(_sampan.Must("ps", "-aq"));
    }

    [Theory]
    [InlineData("--no-such-option")]
    [InlineData("--memory=1")]
    [InlineData("--memory=x")]
    [InlineData("--network=bridge")]
    [InlineData("--ipc=bogus")]
    [InlineData("--user=nobody-here")]
    [InlineData("--device=/dev/no-such-device")]
    [InlineData("--name=a/b")]
    [InlineData("--init")]
    [InlineData("--security-opt=bogus")]
    [InlineData("--ulimit=bogus=1")]
    [InlineData("--sysctl=kernel.core_pattern=x")]
    public void A_wrong_option_exits_125_and_leaves_nothing(string option)
    {
        CommandResult result = _sampan.Run("run", option, "busybox", "true");
        Assert.Equal(125, result.ExitCode);
        Assert.Single(result.Error.Trim().Split('\n'));
        Assert.Empty(_sampan.Must("ps", "-aq"));
        Assert.Empty(_sampan.Mounts());
    }

    [Fact]
    public void Options_after_the_image_belong_to_the_program() =>
        Assert.Equal("--rm -e -1 @x --", _sampan.Must("run", "--rm", "busybox", "echo", "--rm", "-e", "-1", "@x", "--"));

    [Theory]
    [InlineData("run")]
    [InlineData("help", "run", "--help")]
    [InlineData("run", "help", "run")]
    [InlineData("rm", "rm", "-h")]
    [InlineData("system", "system")]
    [InlineData("df", "system", "df", "-h")]
    [InlineData("run", "-h")]
    public void Who_asks_for_help_gets_it(string word, params string[] arguments)
    {
        string help = _sampan.Must(arguments);
        Assert.Contains("Usage:", help);
        Assert.Contains(word, help);
    }

    [Fact]
    public void Of_an_option_given_twice_the_last_counts_and_of_a_list_all()
    {
        Assert.Equal("b", _sampan.Must("--log-format", "json", "--log-format=text", "run", "--rm", "--hostname", "a", "--rm", "--hostname=b", "busybox", "hostname"));
        Assert.Equal("1 2", _sampan.Must("run", "--rm", "-e", "A=1", "-e", "B=2", "busybox", "sh", "-c", "echo $A $B"));
    }

    [Fact]
    public void Output_and_error_output_stay_apart()
    {
        CommandResult result = _sampan.Run("run", "--rm", "busybox", "sh", "-c", "echo out; echo err >&2");
        Assert.Equal(("out\n", "err\n"), (result.Output, result.Error));
    }

    [Fact]
    public void Standard_input_comes_in_only_when_asked_for()
    {
        Assert.Equal("hello", _sampan.RunWithInput("hello", "run", "--rm", "-i", "busybox", "cat").Output);
        Assert.Equal("", _sampan.RunWithInput("hello", "run", "--rm", "busybox", "cat").Output);
    }

    [Fact]
    public void A_large_stream_passes_through_both_ways_unchanged()
    {
        string text = string.Concat(Enumerable.Range(0, 60_000).Select(static i => $"line {i} of a text that is longer than every buffer on its way\n"));
        Assert.Equal(text, _sampan.RunWithInput(text, "run", "--rm", "-i", "busybox", "cat").Output);
    }

    [Fact]
    public void The_container_sees_only_its_own()
    {
        string seen = _sampan.Must("run", "--rm", "--hostname", "inside", "busybox", "sh", "-c", "hostname; echo $$; ls /proc | grep -c '^[0-9]'; ls /sys/class/net; cat /proc/self/cgroup | head -1");
        string[] lines = seen.Split('\n');
        Assert.Equal("inside", lines[0]);
        Assert.Equal("1", lines[1]);
        Assert.True(int.Parse(lines[2], null) <= 4, seen);
        Assert.Equal("lo", lines[3]);
        Assert.EndsWith(":/", lines[4]);
    }

    [Fact]
    public void Limits_are_set()
    {
        string limits = _sampan.Must("run", "--rm", "-m", "64m", "--cpus", "0.5", "--pids-limit", "20", "busybox", "sh", "-c", "cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/cpu/cpu.cfs_quota_us /sys/fs/cgroup/pids/pids.max 2>/dev/null || cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/cpu.max /sys/fs/cgroup/pids.max");
        Assert.Contains("67108864", limits);
        Assert.Contains("50000", limits);
        Assert.Contains("20", limits);
    }

    [Fact]
    public void A_container_killed_for_want_of_memory_says_so()
    {
        Assert.Equal(137, _sampan.Run("run", "--name", "oom", "-m", "32m", "busybox", "tail", "/dev/zero").ExitCode);
        Assert.Equal("true", _sampan.Inspect("oom", "OOMKilled"));
    }

    [Fact]
    public void Files_users_and_variables_are_as_asked()
    {
        string directory = Directory.CreateDirectory(Path.Combine(_sampan.Root, "bind")).FullName;
        File.WriteAllText(Path.Combine(directory, "f"), "content");
        File.WriteAllText(Path.Combine(_sampan.Root, "env"), "# comment\nA=1\n\nB=2\n");
        Assert.Equal("content", _sampan.Must("run", "--rm", "-v", $"{directory}:/d:ro", "busybox", "cat", "/d/f"));
        Assert.NotEqual(0, _sampan.Run("run", "--rm", "-v", $"{directory}:/d:ro", "busybox", "touch", "/d/g").ExitCode);
        Assert.Equal("1 3", _sampan.Must("run", "--rm", "--env-file", Path.Combine(_sampan.Root, "env"), "-eB=3", "busybox", "sh", "-c", "echo $A $B"));
        Assert.Equal("/new/dir 65534", _sampan.Must("run", "--rm", "-w", "/new/dir", "-u", "nobody", "busybox", "sh", "-c", "echo $(pwd) $(id -u)"));
        Assert.NotEqual(0, _sampan.Run("run", "--rm", "--read-only", "busybox", "touch", "/x").ExitCode);
        Assert.Equal("0", _sampan.Must("run", "--rm", "--read-only", "--tmpfs", "/t", "busybox", "sh", "-c", "touch /t/x; echo $?"));
        Assert.Equal("1 1", _sampan.Must("run", "--rm", "--read-only", "busybox", "sh", "-c", "{ echo >/etc/hosts; } 2>/dev/null; a=$?; { echo >/etc/hostname; } 2>/dev/null; echo $a $?"));
    }

    [Fact]
    public void An_empty_entrypoint_takes_the_images_away_and_other_empty_values_are_told()
    {
        Assert.Equal("hi", _sampan.Must("run", "--rm", "--entrypoint", "false", "--entrypoint", "", "busybox", "echo", "hi"));
        Assert.Equal("hi", _sampan.Must("run", "--rm", "--entrypoint=", "busybox", "echo", "hi"));
        CommandResult empty = _sampan.Run("run", "--name", "", "busybox", "true");
        Assert.Equal(125, empty.ExitCode);
        Assert.Contains("is not a name", empty.Error);
    }

    [Fact]
    public void A_privileged_container_has_what_the_caller_has()
    {
        string own = File.ReadLines("/proc/self/status").First(static line => line.StartsWith("CapPrm:", StringComparison.Ordinal));
        Assert.Equal(own, _sampan.Must("run", "--rm", "--privileged", "busybox", "grep", "CapPrm", "/proc/self/status"));
        Assert.Equal(own, _sampan.Must("run", "--rm", "--cap-add", "ALL", "busybox", "grep", "CapPrm", "/proc/self/status"));
    }

    [Fact]
    public void The_embedded_image_is_for_this_machine_alone()
    {
        string[] other = ["run", "--rm", "--pull", "never", "--platform", "linux/s390x", "busybox", "true"];
        Assert.Equal(125, _sampan.Run(other).ExitCode);
        _sampan.Must("run", "--rm", "busybox", "true");
        CommandResult result = _sampan.Run(other);
        Assert.Equal(125, result.ExitCode);
        Assert.Contains("and not for linux/s390x", result.Error);
    }

    [Fact]
    public void A_file_over_a_directory_is_told()
    {
        CommandResult result = _sampan.Run("run", "--rm", "-v", "/etc/hostname:/etc", "busybox", "true");
        Assert.Equal(125, result.ExitCode);
        Assert.Contains("a file goes onto a file", result.Error);
    }

    [Fact]
    public void A_set_of_capabilities_and_no_new_privileges_reach_the_process()
    {
        string status = _sampan.Must("run", "--rm", "--cap-drop", "ALL", "--cap-add", "CHOWN", "--security-opt", "no-new-privileges", "busybox", "grep", "-E", "CapEff|CapInh|NoNewPrivs|Seccomp:", "/proc/self/status");
        Assert.Contains("CapEff:\t0000000000000001", status);
        Assert.Contains("CapInh:\t0000000000000000", status);
        Assert.Contains("NoNewPrivs:\t1", status);
        Assert.Contains("Seccomp:\t2", status);
    }

    [Fact]
    public void The_layers_are_shared_and_never_changed()
    {
        _sampan.Must("run", "--name", "one", "busybox", "sh", "-c", "echo changed > /etc/passwd; rm /bin/ls");
        Assert.StartsWith("root:", _sampan.Must("run", "--rm", "busybox", "cat", "/etc/passwd"));
        Assert.Single(Directory.GetFiles(Path.Combine(_sampan.Root, "layers"), "*.json"));
    }

    [Fact]
    public void A_directory_can_be_the_root()
    {
        string root = Directory.CreateDirectory(Path.Combine(_sampan.Root, "own/bin")).Parent!.FullName;
        File.Copy("/bin/busybox", Path.Combine(root, "bin/busybox"));
        Assert.Equal("hi", _sampan.Must("run", "--rm", "--rootfs", root, "/bin/busybox", "echo", "hi"));
    }

    [Fact]
    public void Of_two_that_want_a_name_exactly_one_gets_it()
    {
        _sampan.Must("run", "--rm", "busybox", "true");
        CommandResult[] results = new CommandResult[6];
        Parallel.For(0, results.Length, i => results[i] = _sampan.Run("run", "-d", "--name", "wanted", "busybox", "sleep", "60"));
        Assert.Single(results, static result => result.ExitCode == 0);
        Assert.All(results.Where(static result => result.ExitCode != 0), static result => Assert.Contains("wanted", result.Error));
        Assert.Single(_sampan.Must("ps", "-aq").Split('\n'));
    }

    [Fact]
    public void The_first_runs_of_an_image_at_once_unpack_it_once()
    {
        CommandResult[] results = new CommandResult[6];
        Parallel.For(0, results.Length, i => results[i] = _sampan.Run("run", "--rm", "busybox", "true"));
        Assert.All(results, static result => Assert.True(result.ExitCode == 0, result.Error));
        Assert.Single(Directory.GetFiles(Path.Combine(_sampan.Root, "layers"), "*.json"));
        Assert.Empty(Directory.GetDirectories(Path.Combine(_sampan.Root, "layers"), "*.partial"));
    }
}
