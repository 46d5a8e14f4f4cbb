using System.Diagnostics;
using System.Text;
using Sampan.Kernel;

namespace Sampan.Tests.Integration.Bundles;

/// <summary>
/// A real terminal with a program in front of it: a pseudo-terminal that is the controlling terminal of a session of its own, as a person's shell has
/// it. What the program writes is collected; keys are pressed and the window is resized from here.
/// </summary>
internal sealed class Terminal : IDisposable
{
    private readonly FileDescriptor _master = Syscalls.OpenPtMaster();
    private readonly FileDescriptor _slave;
    private readonly StringBuilder _screen = new();
    private readonly Process _process;

    public Terminal(TerminalSize size, string program, params string[] arguments)
    {
        Syscalls.SetWindowSize(_master, size);
        Syscalls.SetNonBlocking(_master);
        _slave = Syscalls.OpenPtPeer(_master);
        Before = Settings;
        // setsid --ctty takes standard input as the controlling terminal of its new session, and --wait hands the exit status on.
        string[] words = ["-c", "exec setsid --ctty --wait \"$@\" <\"$0\" >\"$0\" 2>&1", Syscalls.PtsName(_master), program, .. arguments];
        _process = Process.Start(new ProcessStartInfo("/bin/sh", words))!;
    }

    /// <summary>The settings that the terminal had before the program.</summary>
    public TerminalSettings Before { get; }

    public TerminalSettings Settings => Syscalls.GetTerminalSettings(_slave);

    /// <summary>All that was written to the terminal so far.</summary>
    public string Screen
    {
        get
        {
            byte[] chunk = new byte[4096];
            for (int count; (count = Syscalls.TryRead(_master, chunk)) > 0;)
                _screen.Append(Encoding.UTF8.GetString(chunk, 0, count));
            return _screen.ToString();
        }
    }

    public void WaitFor(string text) => TestBundle.Eventually(() => Screen.Contains(text, StringComparison.Ordinal), $"\"{text}\" on the terminal, which shows: {Screen}");

    public void Press(string keys) => Syscalls.WriteAll(_master, Encoding.UTF8.GetBytes(keys));

    public void Resize(TerminalSize size) => Syscalls.SetWindowSize(_master, size);

    /// <summary>Waits for the program's end, which must be with this exit status.</summary>
    public void AssertExit(int status)
    {
        TestBundle.Eventually(() => Screen.Length >= 0 && _process.HasExited, $"the program's end; the terminal shows: {Screen}");
        Assert.True(_process.ExitCode == status, $"exit status {_process.ExitCode} and not {status}; the terminal shows: {Screen}");
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.WaitForExit(5000);
        _process.Dispose();
        _slave.Dispose();
        _master.Dispose();
    }
}
