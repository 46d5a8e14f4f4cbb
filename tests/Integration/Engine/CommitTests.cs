using System.Diagnostics;
using System.Text.Json;

namespace Sampan.Tests.Integration.Engine;

/// <summary><c>commit</c>, <c>diff</c>, <c>export</c>, <c>import</c>, <c>history</c>, <c>tree</c> and <c>inspect</c> of images.</summary>
public sealed class CommitTests
{
    private const string Changing = "echo new >/new; mkdir /d; echo x >/d/x; rm /bin/tac; echo more >>/etc/group; rm -rf /tmp; mkdir /tmp";

    [Fact]
    public void A_container_tells_what_it_changed_and_nothing_that_was_only_mounted()
    {
        using var sampan = new SampanCommand();
        sampan.Must("run", "--name", "c", "busybox", "sh", "-c", Changing);
        Assert.Equal(["C /bin", "D /bin/tac", "A /d", "A /d/x", "C /etc", "C /etc/group", "A /new", "C /tmp"], sampan.Must("diff", "c").Split('\n'));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_commit_has_the_changes_and_runs_as_the_container_did(bool running)
    {
        using var sampan = new SampanCommand();
        if (running)
        {
            sampan.Must("run", "-d", "--name", "c", "-e", "A=b", "-w", "/d", "--label", "l=1", "busybox", "sh", "-c", $"{Changing}; touch /ready; sleep 1000");
            SampanCommand.Eventually(() => sampan.Run("exec", "c", "cat", "/ready").ExitCode == 0, "the container is ready");
        }
        else
        {
            sampan.Must("run", "--name", "c", "-e", "A=b", "-w", "/d", "--label", "l=1", "busybox", "sh", "-c", Changing);
        }
        string id = sampan.Must("commit", "-p", "-a", "me", "-m", "said", "-c", "ENV C=\"d e\"", "-c", "CMD [\"cat\",\"/new\"]", "-c", "EXPOSE 80", "c", "made:1");
        Assert.StartsWith("sha256:", id, StringComparison.Ordinal);
        Assert.Equal("new", sampan.Must("run", "--rm", "made:1"));
        Assert.Equal("b d e\n/d", sampan.Must("run", "--rm", "made:1", "sh", "-c", "echo $A $C; pwd"));
        Assert.NotEqual(0, sampan.Run("run", "--rm", "made:1", "ls", "/bin/tac").ExitCode);
        using JsonDocument inspected = JsonDocument.Parse(sampan.Must("inspect", "--type", "image", "made:1"));
        JsonElement image = inspected.RootElement[0];
        Assert.Equal(id, image.GetProperty("Id").GetString());
        Assert.Equal("me", image.GetProperty("Author").GetString());
        Assert.Equal("said", image.GetProperty("Comment").GetString());
        Assert.Equal("1", image.GetProperty("Config").GetProperty("Labels").GetProperty("l").GetString());
        Assert.True(image.GetProperty("Config").GetProperty("ExposedPorts").TryGetProperty("80/tcp", out _));
        Assert.Equal(2, image.GetProperty("RootFS").GetProperty("Layers").GetArrayLength());
        string[] history = sampan.Must("history", "--no-trunc", "made:1").Split('\n');
        Assert.Equal(3, history.Length);
        Assert.Contains("said", history[1], StringComparison.Ordinal);
        string tree = sampan.Must("tree");
        Assert.Contains("in 2 images", tree, StringComparison.Ordinal);
        Assert.Matches(@"└─ [0-9a-f]{12} .*localhost/made:1", tree);
        if (running)
            Assert.Equal("still", sampan.Must("exec", "c", "echo", "still")); // not left standing still
        sampan.Must("rm", "-f", "c");
    }

    [Theory]
    [InlineData("FROM x", "none of CMD")]
    [InlineData("ENV", "no value")]
    [InlineData("CMD [broken", "JSON")]
    [InlineData("EXPOSE 99999", "PORT")]
    public void A_change_that_cannot_be_made_is_refused_and_nothing_is_left(string change, string said)
    {
        using var sampan = new SampanCommand();
        sampan.Must("run", "--name", "c", "busybox", "true");
        string before = sampan.Must("images", "--no-trunc");
        CommandResult result = sampan.Run("commit", "-c", change, "c", "made");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(said, result.Error, StringComparison.Ordinal);
        Assert.Equal(before, sampan.Must("images", "--no-trunc"));
    }

    [Fact]
    public void An_export_is_all_files_and_an_import_makes_an_image_of_them()
    {
        using var sampan = new SampanCommand();
        sampan.Must("run", "--name", "c", "busybox", "sh", "-c", Changing);
        string file = Path.Combine(sampan.Root, "files.tar");
        sampan.Must("export", "-o", file, "c");
        string listed = Output("tar", "-tf", file);
        Assert.Contains("d/x\n", listed, StringComparison.Ordinal);
        Assert.DoesNotContain("bin/tac", listed, StringComparison.Ordinal);
        _ = Output("gzip", "-1", file);
        sampan.Must("import", "-c", "CMD=/bin/cat /new", "-m", "mine", file + ".gz", "imported:1");
        Assert.Equal("new", sampan.Must("run", "--rm", "imported:1"));
        Assert.Contains("mine", sampan.Must("history", "imported:1"), StringComparison.Ordinal);
        CommandResult refused = sampan.Run("import", "/etc/passwd", "no:1");
        Assert.Equal(1, refused.ExitCode);
        _ = Assert.Single(refused.Error.Trim().Split('\n'));
        Assert.Equal("", sampan.Must("images", "-q", "no"));
    }

    [Fact]
    public void Inspect_finds_containers_and_images_and_tells_what_is_neither()
    {
        using var sampan = new SampanCommand();
        sampan.Must("run", "--name", "busybox", "busybox", "true");
        using JsonDocument both = JsonDocument.Parse(sampan.Must("inspect", "busybox", "localhost/busybox"));
        Assert.Equal("/busybox", both.RootElement[0].GetProperty("Name").GetString());
        Assert.Equal("localhost/busybox:latest", both.RootElement[1].GetProperty("RepoTags")[0].GetString());
        CommandResult neither = sampan.Run("inspect", "nosuch");
        Assert.Equal((1, "[]"), (neither.ExitCode, neither.Trimmed));
        Assert.Contains("no container or image", neither.Error, StringComparison.Ordinal);
        Assert.Equal(1, sampan.Run("inspect", "--type", "container", "localhost/busybox").ExitCode);
    }

    private static string Output(string program, params string[] words)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, words) { RedirectStandardOutput = true })!;
        string text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return text;
    }
}
