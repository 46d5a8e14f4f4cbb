using System.Diagnostics;

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
        AssertNamespacesGone(before);
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
        AssertNamespacesGone(before);
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

    /// <summary>The kernel takes namespaces down behind our back, and others make some meanwhile: a leak is one for each cycle.</summary>
    private static void AssertNamespacesGone(Dictionary<string, long> before)
    {
        Stopwatch waited = Stopwatch.StartNew();
        string grown;
        do
        {
            Dictionary<string, long> after = MachineState.NamespaceObjects();
            grown = string.Join(", ", before.Where(b => after.GetValueOrDefault(b.Key) - b.Value > Allowance(b.Key)).Select(b => $"{b.Key} {b.Value} → {after[b.Key]}"));
            if (grown.Length == 0)
                return;
            Task.Delay(TimeSpan.FromMilliseconds(200), TestContext.Current.CancellationToken).Wait(TestContext.Current.CancellationToken);
        }
        while (waited.Elapsed < TimeSpan.FromSeconds(20));
        Assert.Fail($"{Cycles} cycles left namespaces in the kernel: {grown}");
    }

    /// <summary>A container has one namespace of a kind and about twenty mounts.</summary>
    private static int Allowance(string slab) => slab == "mnt_cache" ? Cycles * 5 : Cycles / 2;
}
