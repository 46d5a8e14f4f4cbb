using Sampan.Kernel;
using Sampan.Kernel.Children;

namespace Sampan.Runtime.Cgroups.Systemd;

/// <summary>
/// A process that only waits. A scope needs a process to be started with, and systemd takes a scope away when its last process is gone; but a
/// container's first process joins by itself, when the cgroup is ready. This one holds the place until then.
/// </summary>
/// <remarks>It ends when it is disposed of, and with the runtime that made it.</remarks>
internal sealed class ScopeHolder : IDisposable
{
    private const int SigKill = 9;

    private readonly FileDescriptor _read;
    private readonly FileDescriptor _write;
    private ChildProcess? _process;

    private ScopeHolder(ChildProcess process, FileDescriptor read, FileDescriptor write)
    {
        _process = process;
        _read = read;
        _write = write;
    }

    /// <summary>The process's id.</summary>
    public int Pid => _process?.Pid ?? 0;

    /// <summary>Starts the process.</summary>
    /// <exception cref="KernelException">The kernel refused the clone.</exception>
    public static ScopeHolder Start()
    {
        (FileDescriptor read, FileDescriptor write) = Syscalls.Pipe();
        using var program = new ChildProgram();
        program.ResetSignals();
        program.DieWithParent(true);
        program.Await("wait for the container's process", read.Number);
        program.Exit(0);
        return new ScopeHolder(ChildProcess.Start(program, CloneFlags.None, write), read, write);
    }

    /// <summary>Ends the process and waits for its end.</summary>
    public void Dispose()
    {
        if (_process is not { } process)
            return;
        _process = null;
        _ = Syscalls.TryPidFdSendSignal(process.PidFd, SigKill);
        _ = Syscalls.WaitId(process.PidFd);
        process.PidFd.Dispose();
        _read.Dispose();
        _write.Dispose();
    }
}
