using System.Diagnostics;
using Sampan.Kernel;
using Sampan.Tests.Integration.Bundles;
using Sampan.Tests.Integration.Engine;

namespace Sampan.Tests.Integration.Security;

/// <summary>What a further process in a container has as its streams: never a terminal or a file of the host.</summary>
public sealed class ExecStreamTests : IDisposable
{
    private readonly SampanCommand _sampan = new();

    public ExecStreamTests() => _sampan.Must("run", "-d", "--name", "c", "busybox", "sleep", "300");

    public void Dispose() => _sampan.Dispose();

    [Fact]
    public void A_program_of_the_image_cannot_read_the_callers_terminal()
    {
        using Terminal terminal = AtATerminal("exec", "c", "sh", "-c", "readlink /proc/self/fd/1; readlink /proc/self/fd/2; (read -t 2 secret <&1; echo \"stolen: $secret\") 2>/dev/null; (read -t 2 secret <&2; echo \"stolen: $secret\") 2>/dev/null; echo done");
        terminal.WaitFor("pipe:");
        terminal.Press("password\n");
        terminal.WaitFor("done");
        Assert.DoesNotContain("stolen: password", terminal.Screen);
        Assert.DoesNotContain("/dev/pts", terminal.Screen);
        terminal.AssertExit(0);
    }

    [Fact]
    public void Input_from_a_terminal_comes_in_when_it_is_asked_for()
    {
        using Terminal terminal = AtATerminal("exec", "-i", "c", "sh", "-c", "readlink /proc/self/fd/0; read line; echo \"got <$line>\"; exit 5");
        terminal.WaitFor("pipe:");
        terminal.Press("hello\n");
        terminal.WaitFor("got <hello>");
        terminal.AssertExit(5);
    }

    [Fact]
    public void A_key_that_interrupts_reaches_the_process_once()
    {
        using Terminal terminal = AtATerminal("exec", "c", "sh", "-c", "n=0; trap 'n=$((n+1)); echo int $n' INT; trap 'exit 7' TERM; echo ready; i=0; while [ $i -lt 200 ]; do sleep 0.05; i=$((i+1)); [ $n -gt 0 ] && [ $i -gt 20 ] && exit $((10+n)); done");
        terminal.WaitFor("ready");
        terminal.Press("\u0003");
        terminal.WaitFor("int 1");
        terminal.AssertExit(11);
    }

    [Fact]
    public void Files_of_the_host_are_read_and_written_through_pipes()
    {
        string input = Path.Combine(_sampan.Root, "in"), output = Path.Combine(_sampan.Root, "out");
        File.WriteAllText(input, string.Concat(Enumerable.Range(0, 50_000).Select(static i => $"line {i}\n")));
        Assert.Equal(0, Shell($"\"$0\" --root {_sampan.Root} exec -i c cat <{input} >{output}"));
        Assert.Equal(File.ReadAllText(input), File.ReadAllText(output));
        Assert.Equal(3, Shell($"\"$0\" --root {_sampan.Root} exec -i c sh -c 'readlink /proc/self/fd/0; readlink /proc/self/fd/1; chmod 4777 /proc/self/fd/1; exit 3' <{input} >{output} 2>/dev/null"));
        string[] lines = File.ReadAllLines(output);
        Assert.Equal(2, lines.Length);
        Assert.All(lines, static line => Assert.StartsWith("pipe:", line));
        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(output) & UnixFileMode.SetUser);
    }

    [Fact]
    public void A_writer_whose_reader_has_gone_is_told_and_a_process_left_behind_holds_nobody_up()
    {
        string output = Path.Combine(_sampan.Root, "out");
        Assert.Equal(0, Shell($"\"$0\" --root {_sampan.Root} exec c sh -c 'sleep 100 & echo begun' >{output}"));
        Assert.Equal("begun\n", File.ReadAllText(output));
        Assert.Equal(141, Shell($"\"$0\" --root {_sampan.Root} exec c sh -c 'i=0; while [ $i -lt 100000 ]; do echo $i; i=$((i+1)); done' 2>{output} | head -1 >/dev/null; exit ${{PIPESTATUS[0]}}"));
    }

    private Terminal AtATerminal(params string[] words) => new(new TerminalSize(24, 80), SampanCommand.Program, ["--root", _sampan.Root, .. words]);

    private static int Shell(string script)
    {
        using Process process = Process.Start(new ProcessStartInfo("/bin/bash", ["-c", script, SampanCommand.Program]))!;
        Assert.True(process.WaitForExit(30_000));
        return process.ExitCode;
    }
}
