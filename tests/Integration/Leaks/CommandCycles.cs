namespace Sampan.Tests.Integration.Leaks;

/// <summary>Cycles of run, exec and delete by the published executable leave the machine as it was, and none hangs.</summary>
[Collection(nameof(CommandCycles))]
public sealed class CommandCycles
{
    /// <summary>In the usual run; a thousand with the long switch.</summary>
    private static int Cycles => Executables.LongTests ? 1000 : 200;

    [Fact]
    public void Run_exec_and_delete_leave_nothing_behind()
    {
        Assert.SkipUnless(Executables.IsRoot, "making containers needs root");
        using LeakBundle bundle = new();
        // The first cycle makes what stays for good reason: caches of the kernel.
        Cycle(bundle, "warm-up");
        Dictionary<string, long> before = MachineState.NamespaceObjects();
        for (int i = 0; i < Cycles; i++)
            Cycle(bundle, $"cycle{i}");
        bundle.AssertNothingLeft($"after {Cycles} cycles");
        MachineState.AssertNamespacesGone(before, Cycles);
    }

    /// <summary>The same for containers that end by themselves, which <c>run</c> deletes.</summary>
    [Fact]
    public void Containers_that_end_by_themselves_leave_nothing_behind()
    {
        Assert.SkipUnless(Executables.IsRoot, "making containers needs root");
        using LeakBundle bundle = new();
        string config = Path.Combine(bundle.Place, "config.json");
        File.WriteAllText(config, File.ReadAllText(config).Replace("\"/bin/sleep\", \"1000\"", "\"/bin/true\"", StringComparison.Ordinal));
        Dictionary<string, long> before = MachineState.NamespaceObjects();
        for (int i = 0; i < Cycles; i++)
            Succeeds("--root", bundle.StateRoot, "run", "--bundle", bundle.Place, $"once{i}");
        bundle.AssertNothingLeft($"after {Cycles} cycles");
        MachineState.AssertNamespacesGone(before, Cycles);
    }

    private static void Cycle(LeakBundle bundle, string id)
    {
        Succeeds("--root", bundle.StateRoot, "run", "--detach", "--bundle", bundle.Place, id);
        Succeeds("--root", bundle.StateRoot, "exec", id, "/bin/true");
        Succeeds("--root", bundle.StateRoot, "delete", "--force", id);
    }

    private static void Succeeds(params string[] arguments)
    {
        // A detached container inherits the runtime's streams, and would hold a pipe of the test open.
        (int status, _, string error) = arguments.Contains("--detach")
            ? Executables.Run("/bin/sh", ["-c", "exec \"$@\" </dev/null >/dev/null 2>&1", "sh", Executables.Runtime, .. arguments])
            : Executables.Run(Executables.Runtime, arguments);
        Assert.True(status == 0, $"sampan-runtime {string.Join(' ', arguments)}: exit status {status}: {error}");
    }
}
