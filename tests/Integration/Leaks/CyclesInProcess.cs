using System.Diagnostics;
using Sampan.Kernel;
using Sampan.Oci;
using Sampan.Runtime.Launch;
using Sampan.Runtime.State;
using Sampan.Runtime.Verbs;

namespace Sampan.Tests.Integration.Leaks;

/// <summary>
/// The runtime as a library, in a process whose other threads allocate and collect all the time: cycles of create, exec and delete leave nothing on the machine
/// and nothing in the process, and none hangs.
/// </summary>
[Collection(nameof(CommandCycles))]
public sealed class CyclesInProcess
{
    /// <summary>In the usual run; a thousand with the long switch. The same loop beside a collector that never rests is <see cref="ClonesBesideCollector"/>.</summary>
    private static int Cycles => Executables.LongTests ? 1000 : 200;

    [Fact]
    public void Create_exec_and_delete_beside_the_collector_leave_nothing()
    {
        Assert.SkipUnless(Executables.IsRoot, "making containers needs root");
        using LeakBundle bundle = new();
        Cycle(bundle, "warm-up");
        string[] before = Opened();
        Dictionary<string, long> namespaces = MachineState.NamespaceObjects();
        using (BusyCollector collector = new(pause: 2))
        {
            for (int i = 0; i < Cycles; i++)
                Cycle(bundle, $"cycle{i}");
            Assert.True(collector.Collections > Cycles / 2, $"only {collector.Collections} collections: the test was not one");
        }
        bundle.AssertNothingLeft($"after {Cycles} cycles");
        Assert.Equal(before, Opened());
        MachineState.AssertNamespacesGone(namespaces, Cycles);
    }

    private static void Cycle(LeakBundle bundle, string id)
    {
        var clock = Stopwatch.StartNew();
        CreatedContainer created = ContainerCreation.Create(new CreateRequest { Id = id, Bundle = bundle.Place, StateRoot = bundle.StateRoot, StartAtOnce = true });
        using FileDescriptor first = created.PidFd;
        var root = new StateRoot(bundle.StateRoot);
        using (Container container = Container.Open(root, id))
        {
            Spec spec = Spec.Parse(container.Directory.LoadConfig());
            spec.Process!.Args = ["/bin/sh", "-c", "exit 7"];
            ExecutedProcess executed = ContainerExec.Exec(new ExecRequest { State = container.State, Spec = spec, Process = spec.Process });
            using FileDescriptor second = executed.PidFd;
            Assert.True(Syscalls.Poll(second, PollEvents.In, 20_000) != PollEvents.None, $"{id}: the exec hung for 20 seconds");
            Assert.Equal(7, Syscalls.WaitId(second)?.ShellCode);
        }
        ContainerDelete.Delete(root, ContainerId.Parse(id), force: true);
        Assert.True(Syscalls.Poll(first, PollEvents.In, 20_000) != PollEvents.None, $"{id}: the container did not end in 20 seconds");
        Assert.Equal(137, Syscalls.WaitId(first)?.ShellCode);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), $"{id} took {clock.Elapsed}");
    }

    /// <summary>
    /// What this process holds of the kinds that a container is made with, numbers left out. The managed runtime opens and closes files of its own kinds at any
    /// time (its event ports, its memory maps), and they are nobody's leak.
    /// </summary>
    private static string[] Opened() =>
    [
        .. MachineState.Descriptors().Select(static one => one[(one.IndexOf(' ', StringComparison.Ordinal) + 1)..])
            .Where(static one => one.StartsWith('/') ? one.Contains("sampan-", StringComparison.Ordinal) || one.StartsWith("/proc", StringComparison.Ordinal) || one.StartsWith("/sys", StringComparison.Ordinal) || one.StartsWith("/memfd:sampan", StringComparison.Ordinal)
                : one.Contains("pidfd", StringComparison.Ordinal) || one.Contains("socket:", StringComparison.Ordinal) || one.Contains("mnt", StringComparison.Ordinal))
            .Select(static one => one.StartsWith("socket:", StringComparison.Ordinal) ? "socket" : one).Order(StringComparer.Ordinal),
    ];
}
