using System.Diagnostics;
using Sampan.Kernel;
using Sampan.Kernel.Children;

namespace Sampan.Tests.Integration.Leaks;

/// <summary>
/// Children cloned from a process whose other threads allocate and collect: every one of them must reach its end. A child that meets the collector waits
/// for threads that do not exist in it (docs/decisions/0003-child-replays-operations.md).
/// </summary>
[Collection(nameof(CommandCycles))]
public sealed class ClonesBesideCollector
{
    private static int Clones => Executables.LongTests ? 5000 : 300;

    private const int LeastClones = 30;

    /// <summary>
    /// A clone beside so many collections takes from 0.1 to 1 second, as the kernel begins it anew for each signal that the collector sends; when this
    /// time is over, the number of clones that were made is enough.
    /// </summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    [Fact]
    public void Every_child_comes_to_its_end()
    {
        string[] descriptors = [.. MachineState.Descriptors().Where(IsKernels)];
        using (BusyCollector collector = new())
        {
            Stopwatch since = Stopwatch.StartNew();
            int made = 0;
            for (; made < Clones && (made < LeastClones || Executables.LongTests || since.Elapsed < s_patience); made++)
                CloneOnce(made);
            Assert.True(collector.Collections > made / 100, $"only {collector.Collections} collections beside {made} clones: the test was not one");
        }
        Assert.Equal(0, MachineState.Zombies());
        // Other tests of this process have descriptors too, and give some up meanwhile: a leak is one for each clone.
        Assert.InRange(MachineState.Descriptors().Count(IsKernels), 0, descriptors.Length + (Clones / 2));
    }

    private static void CloneOnce(int number)
    {
        (FileDescriptor read, FileDescriptor write) = Syscalls.Pipe();
        using (read)
        using (write)
        using (ChildProgram program = Program(write))
        {
            ChildProcess child = ChildProcess.Start(program, CloneFlags.None, write);
            using FileDescriptor process = child.PidFd;
            if (Syscalls.Poll(process, PollEvents.In, 20_000) == 0)
            {
                Syscalls.PidFdSendSignal(process, 9);
                _ = Syscalls.WaitId(process);
                Assert.Fail($"child {number} of {Clones} hung for 20 seconds");
            }
            ExitStatus? end = Syscalls.WaitId(process);
            Assert.Equal(7, end?.ShellCode);
            Span<byte> word = stackalloc byte[8];
            Assert.Equal(5, Syscalls.TryRead(read, word));
            Assert.True("there"u8.SequenceEqual(word[..5]));
        }
    }

    /// <summary>Several hundred operations of every kind that the loop has, so that a poll in any of its paths is met.</summary>
    private static ChildProgram Program(FileDescriptor write)
    {
        ChildProgram program = new();
        program.ResetSignals();
        ChildRegister register = program.NewRegister();
        nint memory = program.Buffer(32);
        for (int i = 0; i < 100; i++)
        {
            ChildLabel next = program.NewLabel();
            program.Call("getppid", SyscallNumbers.getppid).Into(register);
            program.Store(memory, 8, register);
            program.Load(register, memory, 8);
            program.FormatNumber(memory, register);
            program.JumpIf(register, ChildComparison.Equal, -1, next);
            program.Mark(next);
            program.Close(-1);
        }
        program.Write("say that it is there", write, "there"u8);
        program.Exit(7);
        return program;
    }

    private static bool IsKernels(string descriptor) => descriptor.Contains("pipe:", StringComparison.Ordinal) || descriptor.Contains("pidfd", StringComparison.Ordinal);
}
