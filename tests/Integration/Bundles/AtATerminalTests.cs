using System.Text;
using System.Text.Json.Nodes;
using Sampan.Kernel;
using Sampan.Tests.Integration.Engine;
using Sampan.Tests.Integration.Leaks;

namespace Sampan.Tests.Integration.Bundles;

/// <summary>What a person sees who sits at a terminal in front of a container.</summary>
public sealed class AtATerminalTests
{
    private const string SaysSizeWhenResized = "trap 'stty size; exit 3' WINCH; echo ready; while :; do sleep 0.1; done";
    private static readonly TerminalSize s_size = new(33, 111);

    [Fact]
    public void RunHasTheCallersSizeFromItsFirstInstruction()
    {
        using TestBundle bundle = WithTerminal("stty", "size");
        for (int i = 0; i < 5; i++)
        {
            using Terminal terminal = Run(bundle);
            terminal.AssertExit(0);
            Assert.Equal("33 111\r\n", terminal.Screen);
        }
    }

    [Fact]
    public void RunTakesAResizeToTheContainer()
    {
        using TestBundle bundle = WithTerminal("sh", "-c", SaysSizeWhenResized);
        using Terminal terminal = Run(bundle);
        terminal.WaitFor("ready");
        terminal.Resize(new TerminalSize(44, 99));
        terminal.AssertExit(3);
        Assert.Contains("44 99", terminal.Screen, StringComparison.Ordinal);
    }

    [Fact]
    public void TheCallersTerminalIsRawMeanwhileAndItselfAgainAfterwards()
    {
        using TestBundle bundle = WithTerminal("sh", "-c", "trap 'exit 7' INT; tty; ls -l /dev/console; echo ready; cat");
        using Terminal terminal = Run(bundle);
        terminal.WaitFor("ready");
        Assert.Contains("/dev/pts/0", terminal.Screen, StringComparison.Ordinal);
        Assert.False(terminal.Settings.IsCanonical || terminal.Settings.Echoes);
        terminal.Press("hello\r");
        terminal.WaitFor("hello\r\nhello\r\n"); // the container's echo, and cat's answer
        terminal.Press("\x03"); // in raw mode no signal for the runtime: the container's terminal makes one of it
        terminal.AssertExit(7);
        Assert.Equal(terminal.Before, terminal.Settings);
    }

    [Fact]
    public void TheTerminalIsItselfAgainAfterTheContainerWasKilled()
    {
        using TestBundle bundle = WithTerminal("sh", "-c", "echo ready; exec sleep 1000");
        string id = bundle.NewId();
        using var terminal = new Terminal(s_size, Executables.Runtime, bundle.RuntimeArguments("run", "--bundle", bundle.Place, id));
        terminal.WaitFor("ready");
        Assert.Equal(0, bundle.Runtime("kill", id, "KILL").Status);
        terminal.AssertExit(137);
        Assert.Equal(terminal.Before, terminal.Settings);
    }

    [Fact]
    public void TheTerminalIsItselfAgainAfterATermForTheRuntime()
    {
        using TestBundle bundle = WithTerminal("sh", "-c", "trap 'echo told; exit 9' TERM; echo $PPID ready; while :; do sleep 0.1; done");
        string id = bundle.NewId();
        using var terminal = new Terminal(s_size, Executables.Runtime, bundle.RuntimeArguments("run", "--bundle", bundle.Place, id));
        terminal.WaitFor("ready");
        string runtime = File.ReadLines($"/proc/{bundle.PidOf(id)}/status").First(line => line.StartsWith("PPid:", StringComparison.Ordinal))[5..].Trim();
        _ = TestBundle.Must("/bin/kill", "-TERM", runtime);
        terminal.AssertExit(9);
        Assert.Contains("told", terminal.Screen, StringComparison.Ordinal);
        Assert.Equal(terminal.Before, terminal.Settings);
    }

    [Fact]
    public void ExecHasATerminalOfItsOwn()
    {
        using var bundle = new TestBundle();
        string id = bundle.Start();
        using (var terminal = new Terminal(s_size, Executables.Runtime, bundle.RuntimeArguments("exec", "-t", id, "sh", "-c", "stty size; tty; test -t 0 && test -t 2 && echo all")))
        {
            terminal.AssertExit(0);
            Assert.Matches("^33 111\r\n/dev/pts/[0-9]+\r\nall\r\n$", terminal.Screen);
            Assert.Equal(terminal.Before, terminal.Settings);
        }
        using (var terminal = new Terminal(s_size, Executables.Runtime, bundle.RuntimeArguments("exec", "-t", id, "sh", "-c", SaysSizeWhenResized)))
        {
            terminal.WaitFor("ready");
            terminal.Resize(new TerminalSize(20, 70));
            terminal.AssertExit(3);
            Assert.Contains("20 70", terminal.Screen, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void SampanRunAndExecHaveTheCallersSizeAndFollowIt()
    {
        using var sampan = new SampanCommand();
        using (var terminal = new Terminal(s_size, SampanCommand.Program, "--root", sampan.Root, "run", "--rm", "-it", "busybox", "stty", "size"))
        {
            terminal.AssertExit(0);
            Assert.Equal("33 111\r\n", terminal.Screen);
            Assert.Equal(terminal.Before, terminal.Settings);
        }
        using (var terminal = new Terminal(s_size, SampanCommand.Program, "--root", sampan.Root, "run", "--name", "resized", "-it", "busybox", "sh", "-c", SaysSizeWhenResized))
        {
            terminal.WaitFor("ready");
            using (var second = new Terminal(new TerminalSize(10, 60), SampanCommand.Program, "--root", sampan.Root, "exec", "-it", "resized", "stty", "size"))
            {
                second.AssertExit(0);
                Assert.Equal("10 60\r\n", second.Screen);
            }
            Assert.False(terminal.Settings.IsCanonical);
            terminal.Resize(new TerminalSize(50, 132));
            terminal.AssertExit(3);
            Assert.Contains("50 132", terminal.Screen, StringComparison.Ordinal);
            Assert.Equal(terminal.Before, terminal.Settings);
        }
    }

    /// <summary>A program that lets go of its terminal and opens it again later: what it writes then is not lost, and it is not hung up.</summary>
    [Fact]
    public void ATerminalThatIsOpenedAgainIsStillThere()
    {
        const string Script = "echo one; exec </dev/null >/dev/null 2>&1; sleep 1; echo two >/dev/console; exit 5";
        using TestBundle bundle = WithTerminal("sh", "-c", Script);
        using (Terminal terminal = Run(bundle))
        {
            terminal.AssertExit(5);
            Assert.Equal("one\r\ntwo\r\n", terminal.Screen);
        }
        using var sampan = new SampanCommand();
        using (var terminal = new Terminal(s_size, SampanCommand.Program, "--root", sampan.Root, "run", "--rm", "-it", "busybox", "sh", "-c", Script))
        {
            terminal.AssertExit(5);
            Assert.Equal("one\r\ntwo\r\n", terminal.Screen);
        }
    }

    [Fact]
    public void TheSampanTerminalIsItselfAgainAfterAKill()
    {
        using var sampan = new SampanCommand();
        using var terminal = new Terminal(s_size, SampanCommand.Program, "--root", sampan.Root, "run", "--name", "killed", "-it", "busybox", "sh", "-c", "echo ready; exec sleep 1000");
        terminal.WaitFor("ready");
        _ = sampan.Must("kill", "killed");
        terminal.AssertExit(137);
        Assert.Equal(terminal.Before, terminal.Settings);
    }

    [Fact]
    public void ConsoleSocketReceivesTheMaster()
    {
        using TestBundle bundle = WithTerminal("sh", "-c", "stty size; cat");
        bundle.Process["consoleSize"] = new JsonObject { ["height"] = 25, ["width"] = 77 };
        bundle.Write("sh", "-c", "stty size; cat");
        string path = Path.Combine(bundle.Place, "console.sock");
        using FileDescriptor listener = UnixSocket.Bind(path, SocketKind.Stream);
        string id = bundle.NewId();
        bundle.Detached("create", "--bundle", bundle.Place, "--console-socket", path, id);
        using FileDescriptor master = ReceiveMaster(listener);
        Assert.Equal(0, bundle.Runtime("start", id).Status);
        var screen = new StringBuilder();
        ReadUntil(master, screen, "25 77");
        Syscalls.WriteAll(master, "over the socket\r"u8);
        ReadUntil(master, screen, "over the socket\r\nover the socket\r\n");

        bundle.Detached("exec", "--detach", "-t", "--console-socket", path, id, "sh", "-c", "echo exec at $(tty)");
        using FileDescriptor second = ReceiveMaster(listener);
        ReadUntil(second, new StringBuilder(), "exec at /dev/pts/");
    }

    [Fact]
    public void ATerminalThatNobodyWouldReceiveIsRefused()
    {
        using TestBundle bundle = WithTerminal("true");
        (int status, _, string error) = bundle.Runtime("create", "--bundle", bundle.Place, bundle.NewId());
        Assert.Equal(1, status);
        Assert.Contains("console socket", error, StringComparison.Ordinal);
        (status, _, error) = bundle.Runtime("create", "--bundle", bundle.Place, "--console-socket", Path.Combine(bundle.Place, "nobody.sock"), bundle.NewId());
        Assert.Equal(1, status);
        Assert.Contains("cannot connect to the console socket", error, StringComparison.Ordinal);
    }

    private static TestBundle WithTerminal(params string[] arguments)
    {
        var bundle = new TestBundle();
        bundle.Process["terminal"] = true;
        bundle.Write(arguments);
        return bundle;
    }

    private static Terminal Run(TestBundle bundle) =>
        new(s_size, Executables.Runtime, bundle.RuntimeArguments("run", "--bundle", bundle.Place, bundle.NewId()));

    private static FileDescriptor ReceiveMaster(FileDescriptor listener)
    {
        Assert.NotEqual(PollEvents.None, Syscalls.Poll(listener, PollEvents.In, 5000));
        using FileDescriptor connection = Syscalls.Accept(listener)!;
        ReceivedMessage message = Syscalls.RecvMsg(connection, new byte[64], maxDescriptors: 1);
        FileDescriptor master = Assert.Single(message.Descriptors);
        Syscalls.SetNonBlocking(master);
        return master;
    }

    private static void ReadUntil(FileDescriptor master, StringBuilder screen, string text)
    {
        byte[] chunk = new byte[1024];
        TestBundle.Eventually(
            () =>
            {
                for (int count; (count = Syscalls.TryRead(master, chunk)) > 0;)
                    screen.Append(Encoding.UTF8.GetString(chunk, 0, count));
                return screen.ToString().Contains(text, StringComparison.Ordinal);
            },
            $"\"{text}\" from the console");
    }
}
