using System.Globalization;

namespace Sampan.Tests.Conformance;

/// <summary>
/// What an engine with Docker's command line must be able to do with its containers, whoever makes them: written once, run on every such
/// engine with <see cref="RuntimeUnderTest"/>. This part: the process in the container.
/// </summary>
/// <param name="engine">The engine, shared by the tests of a class.</param>
public abstract partial class DockerLikeContract(DockerLikeEngine engine)
{
    private const string Image = BusyboxImage.Name;

    [Fact]
    public void Output_goes_where_it_was_written_and_the_exit_code_comes_back()
    {
        CommandResult result = engine.RunContainer("--rm", Image, "sh", "-c", "echo to stdout; echo to stderr >&2; exit 7").Expect(7);

        Assert.Equal("to stdout\n", result.Output);
        Assert.Equal("to stderr\n", result.Error);
    }

    [Fact]
    public void Standard_input_reaches_the_process_and_its_end_too() =>
        Assert.Equal("3", engine.DoWithInput("a\nb\nc\n", "run", "--rm", "-i", "--network=none", Image, "wc", "-l").Expect(0).Text);

    [Fact]
    public void A_megabyte_of_output_arrives_complete()
    {
        CommandResult result = engine.RunContainer("--rm", Image, "sh", "-c", "seq 1 150000").Expect(0);

        Assert.Equal(150_000, result.Output.Count(character => character == '\n'));
        Assert.EndsWith("\n150000\n", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_program_is_127_and_leaves_nothing()
    {
        string name = engine.NewName();

        CommandResult result = engine.RunContainer("--rm", "--name", name, Image, "/no/such/program").Expect(127);

        Assert.Contains("/no/such/program", result.Error, StringComparison.Ordinal);
        Assert.NotEqual(0, engine.Do("inspect", name).ExitCode);
    }

    [Fact]
    public void A_file_that_is_no_program_is_126() => engine.RunContainer("--rm", Image, "/etc/plain").Expect(126);

    [Fact]
    public void The_process_has_the_environment_directory_and_host_name_asked_for()
    {
        CommandResult result = engine.RunContainer(
            "--rm", "--env=COLOUR=red", "--workdir=/tmp", "--hostname=junk", Image, "sh", "-c", "echo $COLOUR $IMAGE $PWD $(hostname) $$").Expect(0);

        Assert.Equal("red busybox /tmp junk 1", result.Text);
    }

    [Theory]
    [InlineData("1000", "1000:1000")]
    [InlineData("sailor", "1000:1000")]
    [InlineData("4321:1234", "4321:1234")]
    public void The_user_asked_for_runs_it(string user, string identity) =>
        Assert.Equal(identity, engine.RunContainer("--rm", "--user", user, Image, "sh", "-c", "echo $(id -u):$(id -g)").Expect(0).Text);

    [Fact]
    public void Supplementary_groups_are_those_of_the_image_and_the_ones_added() =>
        Assert.Equal("1000 2000 3000", engine.RunContainer("--rm", "--user=sailor", "--group-add=3000", Image, "id", "-G").Expect(0).Text);

    [Fact]
    public void A_user_other_than_root_holds_no_capability() =>
        Assert.Equal("0000000000000000", engine.RunContainer("--rm", "--user=1000", Image, "awk", "/CapEff/{print $2}", "/proc/self/status").Expect(0).Text);

    [Fact]
    public void Capabilities_are_dropped_and_added()
    {
        string effective = engine.RunContainer(
            "--rm", "--cap-drop=ALL", "--cap-add=CHOWN", "--cap-add=NET_RAW", Image, "awk", "/CapEff/{print $2}", "/proc/self/status").Expect(0).Text;

        Assert.Equal((1UL << 0) | (1UL << 13), ulong.Parse(effective, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
    }

    [Fact]
    public void No_new_privileges_is_set_when_asked_for() => Assert.Equal(
        "1", engine.RunContainer("--rm", "--security-opt=no-new-privileges", Image, "awk", "/NoNewPrivs/{print $2}", "/proc/self/status").Expect(0).Text);

    [Fact]
    public void The_engines_seccomp_filter_is_in_force()
    {
        Assert.SkipUnless(engine.FiltersSystemCalls, "this engine has no profile installed");

        Assert.Equal("2", engine.RunContainer("--rm", Image, "awk", "/Seccomp:/{print $2}", "/proc/self/status").Expect(0).Text);
    }

    [Fact]
    public void A_limit_of_the_process_is_applied() =>
        Assert.Equal("1234", engine.RunContainer("--rm", "--ulimit=nofile=1234:1234", "--ulimit=nproc=4000:4000", Image, "sh", "-c", "ulimit -n").Expect(0).Text);

    [Fact]
    public void A_terminal_is_a_terminal()
    {
        CommandResult result = engine.RunContainer("--rm", "-t", Image, "sh", "-c", "tty; test -t 0 && test -t 1 && test -t 2 && echo all").Expect(0);

        Assert.Contains("/dev/pts/0", result.Output, StringComparison.Ordinal);
        Assert.Contains("all\r\n", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void At_a_terminal_the_size_is_the_callers_and_what_is_typed_arrives()
    {
        CommandResult result = engine.DoAtTerminal(
            $"run --rm -it --network=none {Image} sh -c 'read line; for i in $(seq 100); do stty size 2>/dev/null | grep \"40 100\" && break; sleep 0.1; done; echo \"got $line\"'", "typed\n");

        Assert.Contains("got typed", result.Output, StringComparison.Ordinal);
        Assert.Contains("40 100", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void An_init_of_the_engine_is_the_first_process()
    {
        CommandResult result = engine.RunContainer("--rm", "--init", Image, "sh", "-c", "cat /proc/1/cmdline; exit 5").Expect(5);

        Assert.Contains("init", result.Output, StringComparison.Ordinal);
    }
}
