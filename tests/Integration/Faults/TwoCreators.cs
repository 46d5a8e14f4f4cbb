using Sampan.Tests.Integration.Engine;
using Sampan.Tests.Integration.Leaks;

namespace Sampan.Tests.Integration.Faults;

/// <summary>Two commands want one id or one name at the same moment: exactly one gets it, the other says so and leaves nothing.</summary>
[Collection(nameof(CommandCycles))]
public sealed class TwoCreators
{
    private static int Rounds => Executables.LongTests ? 1000 : 100;

    public TwoCreators() => Assert.SkipUnless(Executables.IsRoot, "making containers needs root");

    [Fact]
    public async Task One_of_two_creates_of_an_id_wins()
    {
        using LeakBundle bundle = new();
        for (int i = 0; i < Rounds; i++)
        {
            string id = $"twin{i}";
            string[] arguments = ["--root", bundle.StateRoot, "create", "--bundle", bundle.Place, id];
            (int Status, string Error)[] both = await Task.WhenAll(Create(arguments), Create(arguments));
            Assert.Equal([0, 1], both.Select(static one => one.Status).Order());
            (int status, string error) = both.Single(static one => one.Status != 0);
            Assert.Contains($"level=error msg=\"create failed: container with given ID already exists: {id} (see ", error, StringComparison.Ordinal);
            Assert.Single(error.TrimEnd('\n').Split('\n'));
            // The winner's is whole: the loser has taken nothing of it away.
            Must(bundle, "start", id);
            Must(bundle, "exec", id, "/bin/true");
            Must(bundle, "delete", "--force", id);
            bundle.AssertNothingLeft($"round {i}");
        }
    }

    [Fact]
    public async Task One_of_two_runs_of_a_name_wins()
    {
        using SampanCommand sampan = new();
        _ = sampan.Must("run", "--rm", "busybox", "true");
        for (int i = 0; i < Rounds; i++)
        {
            Task<CommandResult>[] tasks = [.. Enumerable.Range(0, 2).Select(_ => Task.Run(() => sampan.Run("run", "-d", "--name", "twin", "busybox", "sleep", "1000")))];
            CommandResult[] both = await Task.WhenAll(tasks);
            Assert.Equal([0, 125], both.Select(static one => one.ExitCode).Order());
            CommandResult lost = both.Single(static one => one.ExitCode != 0);
            Assert.Matches("^sampan: the name \"twin\" is taken by the container [0-9a-f]{12}; remove that one or choose another name\n$", lost.Error);
            Assert.Equal("", lost.Output);
            string won = both.Single(static one => one.ExitCode == 0).Trimmed;
            Assert.Equal(won, sampan.Must("ps", "-aq", "--no-trunc"));
            Assert.Equal([won], Directory.GetDirectories(Path.Combine(sampan.Root, "containers")).Select(Path.GetFileName));
            Assert.Single(sampan.Mounts());
            _ = sampan.Must("rm", "-f", "twin");
            Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(sampan.Root, "names")));
        }
    }

    private static Task<(int Status, string Error)> Create(params string[] arguments) => Task.Run(() =>
    {
        // The container inherits the streams: the error goes to a file, so that no pipe is held open.
        string log = Path.GetTempFileName();
        try
        {
            (int status, _, _) = Executables.Run("/bin/sh", ["-c", "log=$1; shift; exec \"$@\" </dev/null >/dev/null 2>$log", "sh", log, Executables.Runtime, .. arguments]);
            return (status, File.ReadAllText(log));
        }
        finally
        {
            File.Delete(log);
        }
    });

    private static void Must(LeakBundle bundle, params string[] arguments)
    {
        (int status, _, string error) = Executables.Run(Executables.Runtime, ["--root", bundle.StateRoot, .. arguments]);
        Assert.True(status == 0, $"{string.Join(' ', arguments)}: {error}");
    }
}
