using System.Diagnostics;

namespace Sampan.Tests.Integration.Engine;

/// <summary><c>cp</c>: Docker's rules of source and target, running and stopped containers, and containers that try to lead a copy outside (CVE-2018-15664).</summary>
public sealed class CopyTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Files_and_directories_go_both_ways(bool running)
    {
        using SampanCommand sampan = WithContainer("mkdir -p /d/sub; echo one >/d/a; echo two >/d/sub/b; ln -s a /d/link; chmod 750 /d/sub; chmod 4755 /d/a", running);
        string host = Directory.CreateDirectory(Path.Combine(sampan.Root, "host")).FullName;
        sampan.Must("cp", "c:/d", Path.Combine(host, "new"));
        Assert.Equal("two\n", File.ReadAllText(Path.Combine(host, "new/sub/b")));
        Assert.Equal("a", new FileInfo(Path.Combine(host, "new/link")).LinkTarget);
        Assert.Equal((UnixFileMode)0x1E8, File.GetUnixFileMode(Path.Combine(host, "new/sub")));
        Assert.Equal((UnixFileMode)0x1ED, File.GetUnixFileMode(Path.Combine(host, "new/a"))); // set-user-id goes with -a alone
        sampan.Must("cp", "c:/d", host);
        Assert.True(File.Exists(Path.Combine(host, "d/a")));
        sampan.Must("cp", "c:/d/.", host);
        Assert.Equal("one\n", File.ReadAllText(Path.Combine(host, "a")));
        sampan.Must("cp", "-L", "c:/d/link", Path.Combine(host, "followed"));
        Assert.Equal("one\n", File.ReadAllText(Path.Combine(host, "followed")));
        sampan.Must("cp", "-a", "c:/d/a", Path.Combine(host, "whole"));
        Assert.Equal((UnixFileMode)0x9ED, File.GetUnixFileMode(Path.Combine(host, "whole")));

        File.WriteAllText(Path.Combine(host, "in"), "in");
        sampan.Must("cp", Path.Combine(host, "in"), "c:/tmp");
        sampan.Must("cp", Path.Combine(host, "in"), "c:/d/a");
        sampan.Must("cp", Path.Combine(host, "new"), "c:/copied");
        Assert.Equal("in", Read(sampan, "/tmp/in"));
        Assert.Equal("in", Read(sampan, "/d/a"));
        Assert.Equal("two\n", Read(sampan, "/copied/sub/b"));
    }

    [Fact]
    public void What_does_not_fit_is_refused_in_one_sentence()
    {
        using SampanCommand sampan = WithContainer("mkdir /d; echo x >/f", running: true);
        string file = Path.Combine(sampan.Root, "file");
        File.WriteAllText(file, "x");
        foreach ((string[] words, string said) in ((string[], string)[])[
            (["c:/nosuch", file], "not there"), (["c:/d", file], "not a directory"), ([file, "c:/d/none/"], "make it first"), ([file, "c:/d/none/x"], "\"/d/none\""),
            (["c:/f/", file], "Not a directory"), ([file, "nosuch:/"], "no such container"), ([file, file], "neither side"), ([file, "c:/f/x"], "Not a directory")])
        {
            CommandResult result = sampan.Run(["cp", .. words]);
            Assert.NotEqual(0, result.ExitCode);
            Assert.Contains(said, result.Error, StringComparison.OrdinalIgnoreCase);
            _ = Assert.Single(result.Error.Trim().Split('\n'));
        }
        Assert.Equal("x", File.ReadAllText(file));
    }

    [Fact]
    public void A_tar_archive_goes_in_and_out_by_pipes()
    {
        using SampanCommand sampan = WithContainer("mkdir /d; echo one >/d/.wh.a", running: true);
        string line = $"'{SampanCommand.Program}' --root '{sampan.Root}' cp c:/d - | '{SampanCommand.Program}' --root '{sampan.Root}' cp - c:/tmp";
        using (Process shell = Process.Start("sh", ["-c", line]))
            shell.WaitForExit();
        Assert.Equal("one\n", Read(sampan, "/tmp/d/.wh.a"));
        CommandResult damaged = sampan.RunWithInput("no archive at all, and long enough to be looked at as if it were one" + new string('x', 600), "cp", "-", "c:/tmp");
        Assert.Equal(1, damaged.ExitCode);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(sampan.Root, "tmp")));
    }

    [Fact]
    public void A_mounted_directory_counts_while_the_container_runs()
    {
        using var sampan = new SampanCommand();
        string volume = Directory.CreateDirectory(Path.Combine(sampan.Root, "volume")).FullName;
        sampan.Must("run", "-d", "--name", "c", "-v", $"{volume}:/mnt", "busybox", "sleep", "1000");
        string file = Path.Combine(sampan.Root, "file");
        File.WriteAllText(file, "x");
        sampan.Must("cp", file, "c:/mnt/");
        Assert.Equal("x", File.ReadAllText(Path.Combine(volume, "file")));
        sampan.Must("rm", "-f", "c");
    }

    [Fact]
    public void Links_of_the_container_lead_to_its_own_files_and_not_to_the_hosts()
    {
        using var sampan = new SampanCommand();
        string secret = Path.Combine(sampan.Root, "secret"), host = Path.Combine(sampan.Root, "out");
        File.WriteAllText(secret, "of the host");
        sampan.Must("run", "-d", "--name", "c", "busybox", "sh", "-c", $"ln -s {secret} /file; ln -s {sampan.Root} /dir; ln -s /proc/1/root /jump; ln -s ../../../../../../../../..{sampan.Root} /up; sleep 1000");
        SampanCommand.Eventually(() => sampan.Run("exec", "c", "ls", "/up").ExitCode == 1 && sampan.Must("exec", "c", "ls", "/").Contains("up", StringComparison.Ordinal), "the links are made");
        foreach (string path in (string[])["/file", "/dir/secret", "/up/secret", $"/jump{secret}", $"/proc/self/root{secret}", $"/proc/1/cwd{secret}"])
        {
            Assert.NotEqual(0, sampan.Run("cp", "-L", $"c:{path}", host).ExitCode);
            Assert.False(File.Exists(host));
        }
        File.WriteAllText(host, "written");
        foreach (string path in (string[])["/file", "/dir/secret", "/up/secret", $"/jump{secret}"])
        {
            _ = sampan.Run("cp", host, $"c:{path}");
            Assert.Equal("of the host", File.ReadAllText(secret));
        }
        sampan.Must("rm", "-f", "c");
    }

    [Fact]
    public void A_container_that_exchanges_directories_for_links_meanwhile_gets_nothing_of_the_host()
    {
        using var sampan = new SampanCommand();
        string target = Directory.CreateDirectory(Path.Combine(sampan.Root, "target")).FullName, host = Path.Combine(sampan.Root, "out"), source = Path.Combine(sampan.Root, "in");
        File.WriteAllText(Path.Combine(target, "file"), "of the host");
        File.WriteAllText(source, "into the container");
        string path = $"/w{target}";
        sampan.Must(
            "run", "-d", "--name", "c", "busybox", "sh", "-c",
            $"mkdir -p {path}; echo of the container >{path}/file; while :; do mv /w /real; ln -s / /w; rm /w; mv /real /w; done");
        int copied = 0;
        for (int i = 0; i < 60; i++)
        {
            File.Delete(host);
            if (sampan.Run("cp", $"c:{path}/file", host).ExitCode == 0)
            {
                Assert.NotEqual("of the host", File.ReadAllText(host).Trim());
                copied++;
            }
            _ = sampan.Run("cp", source, $"c:{path}/file");
            Assert.Equal("of the host", File.ReadAllText(Path.Combine(target, "file")));
        }
        Assert.True(copied > 0, "no copy came through, so that nothing was tried");
        sampan.Must("rm", "-f", "c");
    }

    private static SampanCommand WithContainer(string script, bool running)
    {
        var sampan = new SampanCommand();
        if (running)
        {
            sampan.Must("run", "-d", "--name", "c", "busybox", "sh", "-c", $"{script}; touch /ready; exec sleep 1000");
            SampanCommand.Eventually(() => sampan.Run("exec", "c", "cat", "/ready").ExitCode == 0, "the container is ready");
        }
        else
        {
            sampan.Must("run", "--name", "c", "busybox", "sh", "-c", script);
        }
        return sampan;
    }

    private static string Read(SampanCommand sampan, string path)
    {
        string file = Path.Combine(sampan.Root, "read");
        sampan.Must("cp", $"c:{path}", file);
        return File.ReadAllText(file);
    }
}
