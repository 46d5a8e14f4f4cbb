using Sampan.Tests.Integration.Leaks;

namespace Sampan.Tests.Integration.Faults;

/// <summary>
/// What engines look for in a runtime's error (containerd's runc client and shim, Docker's daemon, conmon and Podman): runc 1.1 and Sampan say it in the same
/// words. Both are run, side by side, where runc is installed.
/// </summary>
[Collection(nameof(CommandCycles))]
public sealed class RuncsWords
{
    [Theory]
    [InlineData("does not exist", "state", "none")]
    [InlineData("does not exist", "kill", "none", "KILL")]
    [InlineData("does not exist", "delete", "none")]
    [InlineData("does not exist", "exec", "none", "true")]
    [InlineData("container with given ID already exists", "create", "--bundle", "BUNDLE", "running")]
    [InlineData("executable file not found in $PATH", "exec", "running", "nowhere")]
    [InlineData("stat /nowhere: no such file or directory", "exec", "running", "/nowhere")]
    [InlineData("/plain\\\": permission denied", "exec", "running", "/plain")]
    [InlineData("cannot start an already running container", "start", "running")]
    [InlineData("cannot delete container running that is not stopped: running", "delete", "running")]
    [InlineData("container not running", "kill", "stopped", "KILL")]
    [InlineData("cannot start a container that has stopped", "start", "stopped")]
    [InlineData("container not running", "pause", "paused")]
    [InlineData("cannot exec in a paused container", "exec", "paused", "true")]
    [InlineData("container not paused", "resume", "running")]
    [InlineData("invalid container ID format", "state", "a/b")]
    public void Both_runtimes_say(string words, params string[] command)
    {
        const string Runc = "/usr/sbin/runc";
        Assert.SkipUnless(Executables.IsRoot, "making containers needs root");
        Assert.SkipUnless(File.Exists(Runc), "runc is not installed (Debian: package runc)");
        int?[] exits = new int?[2];
        foreach ((int i, string program) in ((int, string)[])[(0, Runc), (1, Executables.Runtime)])
        {
            using LeakBundle bundle = new();
            File.WriteAllText(Path.Combine(bundle.Place, "rootfs/plain"), "");
            string id = command.Contains("stopped") ? "stopped" : command.Contains("paused") ? "paused" : "running";
            try
            {
                Make(program, bundle, id);
                (int status, _, string error) = Executables.Run(program, ["--root", bundle.StateRoot, .. command.Select(word => word == "BUNDLE" ? bundle.Place : word)]);
                Assert.True(error.Contains(words, StringComparison.Ordinal), $"{program}: {error}");
                exits[i] = status;
            }
            finally
            {
                _ = Executables.Run(program, "--root", bundle.StateRoot, "delete", "--force", id);
            }
            bundle.AssertNothingLeft(program);
        }
        // A shell's 126 and 127 for a missing program are ours alone; runc's caller sees 255.
        Assert.True(exits[0] == exits[1] || exits[1] is 126 or 127, $"runc exits with {exits[0]}, Sampan with {exits[1]}");
    }

    private static void Make(string program, LeakBundle bundle, string id)
    {
        using Victim run = Victim.Start(program, "--root", bundle.StateRoot, "run", "--detach", "--bundle", bundle.Place, id);
        Assert.Equal(0, run.Wait());
        if (id == "paused")
            Assert.Equal(0, Executables.Run(program, "--root", bundle.StateRoot, "pause", id).Status);
        if (id != "stopped")
            return;
        Assert.Equal(0, Executables.Run(program, "--root", bundle.StateRoot, "kill", id, "KILL").Status);
        Engine.SampanCommand.Eventually(() => Executables.Run(program, "--root", bundle.StateRoot, "state", id).Output.Contains("\"stopped\"", StringComparison.Ordinal), "the container has stopped");
    }
}
