using System.Diagnostics;
using System.Text;
using Sampan.Kernel;
using Sampan.Tests.Integration.Leaks;

namespace Sampan.Tests.Integration.Bundles;

/// <summary>What a service manager asks of a runtime: readiness passed on (sd_notify(3)) and sockets passed in (sd_listen_fds(3)).</summary>
public sealed class NotificationTests : IDisposable
{
    private readonly TestBundle _bundle = new();
    private readonly List<Process> _started = [];
    private readonly FileDescriptor _manager;
    private readonly string _socket;

    public NotificationTests()
    {
        _socket = Path.Combine(_bundle.Place, "manager.sock");
        _manager = UnixSocket.Bind(_socket, SocketKind.Datagram);
    }

    [Fact]
    public void RunDetachedWaitsForTheContainersWord()
    {
        _bundle.Write("/bin/sleep", "1000");
        string id = _bundle.NewId();
        Process run = StartRuntime("run", "--detach", "--bundle", _bundle.Place, id);
        int pid = WaitForProcess(id);
        Notify(pid, "STATUS=on its way");
        Assert.False(run.WaitForExit(300));
        Assert.Equal(PollEvents.None, Syscalls.Poll(_manager, PollEvents.In, 0)); // nothing but READY=1 is passed on
        Notify(pid, "STATUS=there\nREADY=1");
        AssertReady(pid);
        Assert.True(run.WaitForExit(5000));
        Assert.Equal(0, run.ExitCode);
    }

    [Fact]
    public void StartWaitsForTheWordOfACreatedContainer()
    {
        _bundle.Write("/bin/sleep", "1000");
        string id = _bundle.NewId();
        Process create = StartRuntime("create", "--bundle", _bundle.Place, id);
        Assert.True(create.WaitForExit(10_000));
        Assert.Equal(0, create.ExitCode);
        Process start = StartRuntime("start", id);
        int pid = WaitForProcess(id);
        TestBundle.Eventually(() => File.ReadAllText($"/proc/{pid}/comm").Trim() == "sleep", "the program in place of the runtime's process");
        Assert.False(start.WaitForExit(300));
        Notify(pid, "READY=1");
        AssertReady(pid);
        Assert.True(start.WaitForExit(5000));
        Assert.Equal(0, start.ExitCode);
        Assert.Equal(0, _bundle.Runtime("delete", "--force", id).Status);
        Assert.False(Directory.Exists(Path.Combine(_bundle.Place, "state", "@notify", id)));
    }

    [Fact]
    public void RunPassesItOnBesideTheContainersLife()
    {
        _bundle.Write("/bin/sh", "-c", "trap 'exit 4' TERM; while :; do sleep 0.1; done");
        string id = _bundle.NewId();
        Process run = StartRuntime("run", "--bundle", _bundle.Place, id);
        int pid = WaitForProcess(id);
        Notify(pid, "READY=1");
        AssertReady(pid);
        Assert.Equal(0, _bundle.Runtime("kill", id, "TERM").Status);
        Assert.True(run.WaitForExit(5000));
        Assert.Equal(4, run.ExitCode);
    }

    [Fact]
    public void AContainerThatEndsWithoutAWordEndsTheWait()
    {
        _bundle.Write("/bin/true");
        Process run = StartRuntime("run", "--detach", "--bundle", _bundle.Place, _bundle.NewId());
        Assert.True(run.WaitForExit(10_000));
    }

    [Fact]
    public void SocketsAreHandedIntoTheContainer()
    {
        (string output, _) = RunActivated("$$");
        Assert.Equal("fds=2 pid=1 names=web:admin\nfirst\nsecond\n0 1 2 3 4", output);
    }

    [Fact]
    public void SocketsThatWereMeantForAnotherProcessAreNot()
    {
        (string output, _) = RunActivated("1");
        Assert.StartsWith("fds= pid= names=\n", output, StringComparison.Ordinal);
        Assert.DoesNotContain("first", output, StringComparison.Ordinal);
        Assert.EndsWith("0 1 2", output, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        // A runtime that still makes or waits for a container, after a failure, would leave it behind the bundle's end.
        foreach (Process process in _started)
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
            process.WaitForExit();
            process.Dispose();
        }
        _manager.Dispose();
        _bundle.Dispose();
    }

    /// <summary>Runs a container as systemd would, with two descriptors; what it prints of them and of its environment.</summary>
    private (string Output, string Error) RunActivated(string pid)
    {
        foreach (string name in (string[])["first", "second"])
            File.WriteAllText(Path.Combine(_bundle.Place, name), name + "\n");
        _bundle.Write("/bin/sh", "-c", "echo fds=$LISTEN_FDS pid=$LISTEN_PID names=$LISTEN_FDNAMES; cat <&3; cat <&4; cd /proc/$$/fd; for i in 0 1 2 3 4 5 6 7 8 9; do test -L $i && l=\"$l $i\"; done; echo $l");
        string script = $"cd {_bundle.Place}; exec 3<first 4<second; export LISTEN_FDS=2 LISTEN_PID={pid} LISTEN_FDNAMES=web:admin; exec \"$@\"";
        (_, string output, string error) = Executables.Run("/bin/sh", ["-c", script, "sh", Executables.Runtime, .. _bundle.RuntimeArguments("run", "--bundle", _bundle.Place, _bundle.NewId())]);
        return (output.Trim(), error);
    }

    /// <summary>The container keeps the runtime's standard streams: they are a file.</summary>
    private Process StartRuntime(params string[] arguments)
    {
        string[] words = ["-c", "said=$1; shift; exec \"$@\" </dev/null >>\"$said\" 2>&1", "sh", Path.Combine(_bundle.Place, "said"), Executables.Runtime, .. _bundle.RuntimeArguments(arguments)];
        var start = new ProcessStartInfo("/bin/sh", words);
        start.Environment["NOTIFY_SOCKET"] = _socket;
        _started.Add(Process.Start(start)!);
        return _started[^1];
    }

    private int WaitForProcess(string id)
    {
        int pid = 0;
        TestBundle.Eventually(
            () =>
            {
                (int status, string output, _) = _bundle.Runtime("state", id);
                if (status != 0 || !output.Contains("\"running\"", StringComparison.Ordinal))
                    return false;
                pid = _bundle.PidOf(id);
                return true;
            },
            "a running container");
        return pid;
    }

    /// <summary>Writes to the socket that the container's own environment names, where the container sees it.</summary>
    private static void Notify(int pid, string message)
    {
        const string Name = "NOTIFY_SOCKET=";
        string inside = "";
        TestBundle.Eventually(
            () => (inside = Array.Find(File.ReadAllText($"/proc/{pid}/environ").Split('\0'), entry => entry.StartsWith(Name, StringComparison.Ordinal)) ?? "").Length > 0,
            "NOTIFY_SOCKET in the container's environment");
        Assert.Equal(Errno.None, UnixSocket.SendDatagram($"/proc/{pid}/root{inside[Name.Length..]}", Encoding.ASCII.GetBytes(message), allowAbstract: false));
    }

    private void AssertReady(int pid)
    {
        Assert.Equal($"READY=1\nMAINPID={pid}\n", Receive(out _));
        Assert.Equal("BARRIER=1", Receive(out FileDescriptor? barrier));
        Assert.NotNull(barrier);
        barrier.Dispose(); // now the manager has read all before it, and the runtime may go on
    }

    private string Receive(out FileDescriptor? passed)
    {
        Assert.NotEqual(PollEvents.None, Syscalls.Poll(_manager, PollEvents.In, 5000));
        byte[] bytes = new byte[4096];
        ReceivedMessage message = Syscalls.RecvMsg(_manager, bytes, maxDescriptors: 1);
        passed = message.Descriptors is [FileDescriptor one] ? one : null;
        return Encoding.ASCII.GetString(bytes, 0, message.Length);
    }
}
